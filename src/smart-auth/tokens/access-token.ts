/** Access tokens as JWTs (RFC 9068): made and checked here, and nowhere else. */
import { errors, jwtVerify, SignJWT, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { isClinicId } from '../../fhir/model/ids.ts';
import { ROLES, type Role } from '../../fhir/model/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { SigningKeys } from '../keys/key-set.ts';
import { MAX_TOKEN_SECONDS, type TokenClaims, type TokenIssuer } from './port.ts';

export interface AccessTokenDeps {
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly newId: IdSource;
  /** Without a final slash: the issuer. It is known once the server listens. */
  readonly publicUrl: () => string;
}

/** A token whose signature, issuer, audience and times are good. Whether it was revoked is another question. */
export interface VerifiedToken {
  readonly claims: TokenClaims;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  readonly endsAt: number;
}

const ALGORITHM = 'ES256';
const TYPE = 'at+jwt';
/** Parameters by which a token could bring or name a key of its own. */
const FOREIGN_KEYS = ['jku', 'jwk', 'x5u', 'x5c'];

export const audienceOf = (publicUrl: string): string => `${publicUrl}/fhir/R4`;

export function createTokenIssuer({ keys, clock, newId, publicUrl }: AccessTokenDeps): TokenIssuer {
  return {
    async issue(claims, seconds) {
      if (seconds > MAX_TOKEN_SECONDS) throw new RangeError(`a token lives at most ${MAX_TOKEN_SECONDS} s`);
      const { kid, key } = await keys.signer(ALGORITHM);
      const now = clock.now();
      const issued = Math.floor(now / 1000);
      const token = await new SignJWT({ ...payloadOf(claims), issued_ms: now })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
        .setIssuer(publicUrl())
        .setAudience(audienceOf(publicUrl()))
        .setIssuedAt(issued)
        .setExpirationTime(issued + seconds)
        .setJti(newId())
        .sign(key);
      return { token, expiresIn: seconds };
    },
  };
}

/** Undefined for whatever isn't a good access token of ours. Throws `unavailable`. */
export type VerifyToken = (token: string) => Promise<VerifiedToken | undefined>;

export function createTokenVerifier({ keys, clock, publicUrl }: Omit<AccessTokenDeps, 'newId'>): VerifyToken {
  const keyOf: JWTVerifyGetKey = async (header) => {
    const key = FOREIGN_KEYS.some((name) => name in header) ? undefined : await keys.verifier(header.kid ?? '', ALGORITHM);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keyOf, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: publicUrl(),
        audience: audienceOf(publicUrl()),
        requiredClaims: ['sub', 'exp', 'iat', 'jti'],
        currentDate: new Date(clock.now()),
      });
      return verifiedOf(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
}

function payloadOf({ clientId, fhirUser, ...claims }: TokenClaims): JWTPayload {
  return { ...claims, client_id: clientId, ...(fhirUser === undefined ? {} : { fhirUser }) };
}

function verifiedOf(payload: JWTPayload): VerifiedToken | undefined {
  const claims = claimsOf(payload);
  const issuedAt = payload['issued_ms'];
  if (!claims || typeof issuedAt !== 'number' || typeof payload.exp !== 'number') return undefined;
  return { claims, issuedAt, endsAt: payload.exp * 1000 };
}

/** All or nothing: a claim of the wrong form makes it no token of ours. */
function claimsOf(payload: JWTPayload): TokenClaims | undefined {
  const { sub, kind, clinic, client_id: clientId, scope, sid, role } = payload;
  const isWhole = [sub, clinic, clientId, sid].every((v) => typeof v === 'string' && v !== '') && typeof scope === 'string';
  if (!isWhole || (kind !== 'person' && kind !== 'system') || !isClinicId(clinic as string)) return undefined;
  if (role !== undefined && !isRole(role)) return undefined;
  const context = Object.fromEntries(CONTEXT.flatMap((name) => (payload[name] === undefined ? [] : [[name, payload[name]]])));
  if (Object.values(context).some((v) => typeof v !== 'string')) return undefined;
  return { sub, kind, clinic, clientId, scope, sid, ...(role === undefined ? {} : { role }), ...context } as TokenClaims;
}

const CONTEXT = ['fhirUser', 'patient', 'encounter'];
const isRole = (value: unknown): value is Role => (ROLES as readonly unknown[]).includes(value);

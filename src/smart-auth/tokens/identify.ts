/**
 * From the `Authorization` header to who asks and what they may touch. A token is verified once and remembered until it
 * ends or is revoked, so that a request costs one lookup.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { ApiIdentity } from '../../api/route.ts';
import { ElsewhereError } from '../../fhir/http/principal.ts';
import { isResourceId, type ClinicId } from '../../fhir/model/ids.ts';
import type { AccessFilter, Principal } from '../../fhir/model/principal.ts';
import { FhirError, issue } from '../../fhir/outcome/error.ts';
import type { Node } from '../../fhir/search/ast.ts';
import type { Clock } from '../../platform/clock.ts';
import type { VerifiedToken, VerifyToken } from './access-token.ts';
import { FIRST_PARTY, type TokenClaims } from './port.ts';
import type { Revocations } from './revocations.ts';
import type { IsInGoodStanding } from './standing.ts';

export interface IdentifyDeps {
  readonly verify: VerifyToken;
  readonly revocations: Pick<Revocations, 'refresh' | 'isRevoked' | 'changes'>;
  readonly inGoodStanding: IsInGoodStanding;
  /** What the role and the scopes, as text, let the principal touch. */
  readonly accessOf: (principal: Principal, scope: string) => AccessFilter<Node> | Promise<AccessFilter<Node>>;
  readonly clinicExists: (clinic: ClinicId) => Promise<boolean>;
  readonly clock: Clock;
  /** How many tokens are remembered. */
  readonly remembered?: number;
}

/** Satisfies `Identify` of the FHIR surfaces. Throws `unauthenticated`, `not-found`, `forbidden`, `unavailable`. */
export type IdentifyCaller = (headers: IncomingHttpHeaders, clinic?: ClinicId) => ApiIdentity | Promise<ApiIdentity>;

interface Remembered extends VerifiedToken {
  readonly token: string;
  readonly identity: ApiIdentity;
}

const REMEMBERED = 20_000;
/** Tokens are looked up by so many characters of their end, which is of the signature: a text is hashed anew each time it comes. */
const TAIL = 40;
const tailOf = (token: string): string => token.slice(-TAIL);

export function createIdentify(deps: IdentifyDeps): IdentifyCaller {
  const { clock, revocations } = deps;
  const remember = createMemory(deps);
  return (headers, clinic) => {
    const token = bearerOf(headers.authorization);
    const waiting = revocations.refresh();
    if (waiting === undefined) {
      const known = remember.known(token);
      if (known && known.endsAt > clock.now() && (clinic === undefined || clinic === known.claims.clinic)) return known.identity;
    }
    return identifySlowly(deps, remember, { token, waiting, clinic });
  };
}

interface Memory {
  /** Undefined for a token that isn't remembered, or was revoked. */
  known(token: string): Remembered | undefined;
  /** Verifies a token once, however many requests bring it at a time. Throws `unauthenticated`, `unavailable`. */
  learn(token: string): Promise<Remembered>;
}

function createMemory(deps: IdentifyDeps): Memory {
  const { revocations } = deps;
  const cache = new LRUCache<string, Remembered>({ max: deps.remembered ?? REMEMBERED });
  const underWay = new Map<string, Promise<Remembered>>();
  const state = { changes: 0 };
  const sweep = (): void => {
    if (state.changes === revocations.changes()) return;
    state.changes = revocations.changes();
    for (const [tail, entry] of cache.entries()) if (revocations.isRevoked(entry)) cache.delete(tail);
  };
  const learn = async (token: string): Promise<Remembered> => {
    const entry = await verified(deps, token);
    cache.set(tailOf(token), entry);
    return entry;
  };
  return {
    known(token) {
      sweep();
      const entry = cache.get(tailOf(token));
      return entry?.token === token ? entry : undefined;
    },
    learn(token) {
      const running = underWay.get(token) ?? learn(token).finally(() => underWay.delete(token));
      underWay.set(token, running);
      return running;
    },
  };
}

/** A revocation that comes while the rest is asked counts, too. */
async function verified({ verify, revocations, inGoodStanding, accessOf }: IdentifyDeps, token: string): Promise<Remembered> {
  const good = await verify(token);
  if (!good || !(await inGoodStanding(good.claims))) throw badToken();
  const { claims } = good;
  const principal = principalOf(claims);
  const access = await accessOf(principal, claims.scope);
  if (revocations.isRevoked(good)) throw badToken();
  return { ...good, token, identity: { principal, access, session: claims.sid, scope: claims.scope } };
}

interface Asked {
  readonly token: string;
  readonly waiting: Promise<void> | undefined;
  readonly clinic: ClinicId | undefined;
}

async function identifySlowly(deps: IdentifyDeps, memory: Memory, { token, waiting, clinic }: Asked): Promise<ApiIdentity> {
  await waiting;
  const entry = memory.known(token) ?? (await memory.learn(token));
  if (entry.endsAt <= deps.clock.now()) throw badToken();
  return clinic === undefined || clinic === entry.claims.clinic ? entry.identity : elsewhere(deps, entry, clinic);
}

/** SUPER_ADMIN alone, with a front end of ours: an app that they allowed was allowed in one clinic. */
export const worksInAll = ({ role, client }: Principal): boolean => role === 'SUPER_ADMIN' && client === FIRST_PARTY;

/** In a clinic that the token doesn't name; for anyone else there is no other clinic. A patient in context is of the token's own. */
async function elsewhere({ accessOf, clinicExists }: IdentifyDeps, { identity }: Remembered, clinic: ClinicId): Promise<ApiIdentity> {
  if (!worksInAll(identity.principal) || !(await clinicExists(clinic))) {
    throw new ElsewhereError(identity.principal);
  }
  const { patient: _, ...rest } = identity.principal;
  const principal = { ...rest, clinic };
  return { ...identity, principal, access: await accessOf(principal, identity.scope) };
}

function principalOf({ sub, kind, clinic, clientId, role, fhirUser, patient }: TokenClaims): Principal {
  // A patient asks about themselves, whichever scopes an app was given.
  const about = patient ?? (role === 'PATIENT' ? fhirUser?.split('/')[1] : undefined);
  const subject = kind === 'system' ? `Device/${asId(clientId)}` : (fhirUser ?? `Person/${sub}`);
  return {
    subject,
    clinic,
    client: clientId,
    ...(kind === 'person' ? { account: sub } : {}),
    ...(role === undefined ? {} : { role }),
    ...(about !== undefined && isResourceId(about) ? { patient: about } : {}),
  };
}

/** The id of a client that was named by hand need not have the form of a resource's. */
const asId = (clientId: string): string => clientId.replace(/[^A-Za-z0-9\-.]/g, '-').slice(0, 64);

/** https://www.rfc-editor.org/rfc/rfc6750#section-2.1: tokens come in this header, and nowhere else. */
function bearerOf(header: string | undefined): string {
  if (header === undefined) throw noToken();
  if (header.slice(0, 7).toLowerCase() !== 'bearer ') throw noToken();
  return header.slice(7).trim();
}

const noToken = (): FhirError => refused('sign in first', 'Send an access token: Authorization: Bearer …', 'Bearer realm="nadi"');

const badToken = (): FhirError =>
  refused(
    'the access token is no good, has ended, or was revoked',
    'Get a new one at /oauth2/token or /auth/login.',
    'Bearer realm="nadi", error="invalid_token", error_description="the access token is no good, has ended, or was revoked"',
  );

/** https://www.rfc-editor.org/rfc/rfc6750#section-3 */
const refused = (rule: string, hint: string, challenge: string): FhirError =>
  new FhirError([issue('unauthenticated', rule, hint, 'Authorization')], { headers: { 'WWW-Authenticate': challenge } });

/** `private_key_jwt`: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { PLATFORM } from '../../accounts/records.ts';
import type { OAuthClient } from '../../clients/records.ts';
import { hashOf } from '../../clients/secrets.ts';
import type { OAuthDeps } from '../deps.ts';
import { OAuthError } from '../errors.ts';
import { USED_ASSERTION } from '../records.ts';
import type { PublicKey } from './key-sets.ts';

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ALGORITHMS = ['RS384', 'ES384'];
const MAX_SECONDS = 300;
/** How far clocks may differ. */
const SKEW_SECONDS = 10;
const MAX_LENGTH = 10_000;

/** Throws `invalid_client`, whatever is wrong: what exactly says the description where the client could read it itself. */
export async function clientOfAssertion(deps: OAuthDeps, assertion: string, type: string | undefined): Promise<OAuthClient> {
  if (type !== TYPE) throw new OAuthError('invalid_request', `client_assertion_type must be ${TYPE}`);
  const client = await deps.clients.active(issuerOf(assertion));
  if (client?.authMethod !== 'private_key_jwt') throw refused('the client is not known or signs no assertions');
  await useOnce(deps, client, await verified(deps, client, assertion));
  return client;
}

/** Not yet believed: it only names whose keys to try. */
function issuerOf(assertion: string): string {
  if (assertion.length > MAX_LENGTH) throw refused('the assertion is too long');
  const iss: unknown = decoded(() => decodeJwt(assertion).iss);
  if (typeof iss !== 'string') throw refused('the assertion names no issuer');
  return iss;
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch {
    throw refused('the assertion is no JWT');
  }
}

/** What of it counts from here on. */
interface Assertion {
  readonly jti: string;
  /** Seconds since 1970. */
  readonly exp: number;
}

async function verified(deps: OAuthDeps, client: OAuthClient, assertion: string): Promise<Assertion> {
  const { kid, jku } = decoded(() => decodeProtectedHeader(assertion));
  if (typeof kid !== 'string') throw refused('the assertion names no kid');
  if (jku !== undefined && jku !== client.jwksUri) throw refused('jku is not the registered one');
  const keys = (await keysOf(deps, client, kid)).filter((key) => key['kty'] !== 'oct');
  return assertionIn(await payloadOf(deps, client, assertion, keys));
}

const keysOf = async ({ keySets }: OAuthDeps, { jwks, jwksUri }: OAuthClient, kid: string): Promise<readonly PublicKey[]> =>
  jwksUri === undefined ? (jwks?.keys ?? []).filter((key) => key['kid'] === kid) : keySets.keysAt(jwksUri, kid);

function assertionIn({ jti, exp }: JWTPayload): Assertion {
  const id: unknown = jti;
  if (typeof id !== 'string' || id === '' || typeof exp !== 'number') throw refused('the assertion needs a jti of its own and an exp');
  return { jti: id, exp };
}

async function payloadOf(deps: OAuthDeps, client: OAuthClient, assertion: string, keys: readonly PublicKey[]): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(assertion, createLocalJWKSet({ keys } as unknown as JSONWebKeySet), {
      algorithms: ALGORITHMS,
      issuer: client.clientId,
      subject: client.clientId,
      audience: `${deps.publicUrl()}/oauth2/token`,
      requiredClaims: ['exp', 'jti'],
      clockTolerance: SKEW_SECONDS,
      currentDate: new Date(deps.clock.now()),
    });
    return payload;
  } catch (error) {
    // What a client publishes as its keys may be anything.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      throw refused('the assertion does not verify');
    throw error;
  }
}

async function useOnce({ records, clock }: OAuthDeps, { clientId }: OAuthClient, { jti, exp }: Assertion): Promise<void> {
  const left = exp - clock.now() / 1000;
  if (left > MAX_SECONDS + SKEW_SECONDS) throw refused(`exp is more than ${MAX_SECONDS} s away`);
  const expiresAt = (exp + 2 * SKEW_SECONDS) * 1000;
  const inserted = await records.insert(USED_ASSERTION, PLATFORM, hashOf(`${clientId} ${jti}`), {}, { expiresAt });
  if (!inserted.ok) throw refused('the assertion was used before');
}

const refused = (description: string): OAuthError => new OAuthError('invalid_client', description);

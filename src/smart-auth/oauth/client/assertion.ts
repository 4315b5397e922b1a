/** `private_key_jwt`: https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html */
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose';
import { PLATFORM } from '../../accounts/records.ts';
import type { OAuthClient } from '../../clients/records.ts';
import { hashOf } from '../../clients/secrets.ts';
import type { OAuthDeps } from '../deps.ts';
import { OAuthError } from '../errors.ts';
import { USED_ASSERTION } from '../records.ts';
import { keySetOf } from './key-set-of.ts';

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
  const payload = await verified(deps, client, assertion);
  await useOnce(deps, client, payload);
  return client;
}

/** Not yet believed: it only names whose keys to try. */
function issuerOf(assertion: string): string {
  if (assertion.length > MAX_LENGTH) throw refused('the assertion is too long');
  try {
    return decodeJwt(assertion).iss ?? '';
  } catch {
    throw refused('the assertion is no JWT');
  }
}

async function verified(deps: OAuthDeps, client: OAuthClient, assertion: string): Promise<JWTPayload> {
  try {
    const { kid, jku } = decodeProtectedHeader(assertion);
    if (typeof kid !== 'string') throw refused('the assertion names no kid');
    if (jku !== undefined && jku !== client.jwksUri) throw refused('jku is not the registered one');
    const keys = await keySetOf(deps, client, kid);
    const { payload } = await jwtVerify(assertion, createLocalJWKSet(keys as unknown as JSONWebKeySet), {
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
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw refused('the assertion does not verify');
    throw error;
  }
}

async function useOnce({ records, clock }: OAuthDeps, { clientId }: OAuthClient, { jti = '', exp = 0 }: JWTPayload): Promise<void> {
  const left = exp - clock.now() / 1000;
  if (left > MAX_SECONDS + SKEW_SECONDS) throw refused(`exp is more than ${MAX_SECONDS} s away`);
  const expiresAt = (exp + 2 * SKEW_SECONDS) * 1000;
  const inserted = await records.insert(USED_ASSERTION, PLATFORM, hashOf(`${clientId} ${jti}`), {}, { expiresAt });
  if (!inserted.ok) throw refused('the assertion was used before');
}

const refused = (description: string): OAuthError => new OAuthError('invalid_client', description);

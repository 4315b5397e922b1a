/** The public keys of a client: registered with it, or fetched from where it publishes them. */
import { parseJson, type JsonLimits } from '../../../fhir/model/json.ts';
import { OutboundError } from '../../../platform/outbound.ts';
import type { OAuthClient } from '../../clients/records.ts';
import type { OAuthDeps } from '../deps.ts';
import { OAuthError } from '../errors.ts';

export interface KeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

const LIMITS: JsonLimits = { depth: 8, keys: 2000 };
const MAX_BYTES = 64 * 1024;

/** Only keys of that kid. Throws `invalid_client` where they can't be fetched; what went wrong outside isn't passed on. */
export async function keySetOf({ outbound }: Pick<OAuthDeps, 'outbound'>, client: OAuthClient, kid: string): Promise<KeySet> {
  const { keys } = client.jwksUri === undefined ? (client.jwks ?? { keys: [] }) : await fetched(outbound, client.jwksUri);
  return { keys: keys.filter((key) => key['kid'] === kid && key['kty'] !== 'oct') };
}

async function fetched(outbound: OAuthDeps['outbound'], uri: string): Promise<KeySet> {
  try {
    const answer = await outbound(uri, { headers: { Accept: 'application/json' }, maxBytes: MAX_BYTES });
    const set = answer.status === 200 ? parseJson(answer.body, LIMITS).value : undefined;
    const keys: unknown = isObject(set) ? set['keys'] : undefined;
    if (Array.isArray(keys)) return { keys: keys.filter(isObject) };
  } catch (error) {
    if (!(error instanceof OutboundError) && !(error instanceof Error && error.name === 'FhirError')) throw error;
  }
  throw new OAuthError('invalid_client', 'the key set of the client cannot be fetched');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

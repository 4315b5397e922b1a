/**
 * The public keys that clients publish at an address of theirs. Whoever names such a client makes us look there, before they have
 * proved anything: so a set is remembered, and fetched by one at a time and no more than every few seconds, whoever asks.
 */
import { LRUCache } from 'lru-cache';
import { parseJson, type JsonLimits } from '../../../fhir/model/json.ts';
import type { Clock } from '../../../platform/clock.ts';
import { OutboundError, type Outbound } from '../../../platform/outbound.ts';
import { OAuthError } from '../errors.ts';

export type PublicKey = Readonly<Record<string, unknown>>;

export interface KeySets {
  /** Keys of that id. Throws `invalid_client` where the set can't be fetched; what went wrong outside isn't passed on. */
  keysAt(uri: string, kid: string): Promise<readonly PublicKey[]>;
}

/** How long a key counts that the client has taken away. */
const FRESH_MS = 60_000;
/** A new key, or a server that is back, is noticed after that. */
const LOOK_AGAIN_MS = 10_000;
const MOST = 1000;
const LIMITS: JsonLimits = { depth: 8, keys: 2000 };
const MAX_BYTES = 64 * 1024;

interface Known {
  /** Undefined: they couldn't be fetched. */
  readonly keys: readonly PublicKey[] | undefined;
  readonly at: number;
}

export function createKeySets({ outbound, clock }: { readonly outbound: Outbound; readonly clock: Clock }): KeySets {
  const known = new LRUCache<string, Known>({ max: MOST });
  const underWay = new Map<string, Promise<Known>>();
  const fetchNow = async (uri: string): Promise<Known> => {
    const found = { keys: await fetched(outbound, uri), at: clock.now() };
    known.set(uri, found);
    return found;
  };
  const fetchOnce = (uri: string): Promise<Known> => {
    const running = underWay.get(uri) ?? fetchNow(uri).finally(() => underWay.delete(uri));
    underWay.set(uri, running);
    return running;
  };
  return {
    async keysAt(uri, kid) {
      const before = known.get(uri);
      const { keys } = before && isGood(before, kid, clock.now()) ? before : await fetchOnce(uri);
      if (!keys) throw new OAuthError('invalid_client', 'the key set of the client cannot be fetched');
      return keys.filter(isOf(kid));
    },
  };
}

const isOf =
  (kid: string) =>
  (key: PublicKey): boolean =>
    key['kid'] === kid;

const isGood = ({ keys, at }: Known, kid: string, now: number): boolean => now - at < (keys?.some(isOf(kid)) ? FRESH_MS : LOOK_AGAIN_MS);

async function fetched(outbound: Outbound, uri: string): Promise<readonly PublicKey[] | undefined> {
  try {
    const answer = await outbound(uri, { headers: { Accept: 'application/json' }, maxBytes: MAX_BYTES });
    const set = answer.status === 200 ? parseJson(answer.body, LIMITS).value : undefined;
    const keys: unknown = isObject(set) ? set['keys'] : undefined;
    return Array.isArray(keys) ? keys.filter(isObject) : undefined;
  } catch (error) {
    if (error instanceof OutboundError || (error instanceof Error && error.name === 'FhirError')) return undefined;
    throw error;
  }
}

const isObject = (value: unknown): value is PublicKey => typeof value === 'object' && value !== null && !Array.isArray(value);

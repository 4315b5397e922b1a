/**
 * The keys that tokens are signed with: one set for all processes. After a rotation a new key signs, and the old one stays
 * good for what it signed until all of that has ended.
 */
import { importJWK, type CryptoKey, type JWK } from 'jose';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { PLATFORM } from '../accounts/records.ts';
import { MAX_TOKEN_SECONDS } from '../tokens/port.ts';
import { makeKeys } from './make.ts';
import { KEY_SET, type KeptKey, type KeyAlgorithm } from './records.ts';

export interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

export interface SigningKeys {
  /** The key that signs now. Throws `unavailable`. */
  signer(algorithm: KeyAlgorithm): Promise<SigningKey>;
  /** The public key of that id, if it is one of ours, of that algorithm, and hasn't ended. Throws `unavailable`. */
  verifier(kid: string, algorithm: KeyAlgorithm): Promise<CryptoKey | undefined>;
  /** What `/.well-known/jwks.json` shows. Throws `unavailable`. */
  published(): Promise<readonly JWK[]>;
  /** Makes new keys that sign from now on; resolves to their ids. Throws `unavailable`. */
  rotate(): Promise<readonly string[]>;
}

export interface KeyDeps {
  readonly records: RecordStore;
  /** Of the purpose `signing-keys`. */
  readonly sealer: Sealer;
  readonly clock: Clock;
}

const ID = 'current';
/** How long a process may go on with the set that it read. */
const FRESH_MS = 2000;
/** What a superseded key may still sign in processes that haven't noticed, and how far clocks may differ. */
const SLACK_MS = 5 * 60_000;
const AFTERLIFE_MS = MAX_TOKEN_SECONDS * 1000 + SLACK_MS;

type KeySet = StoredRecord<{ readonly keys: readonly KeptKey[] }>;

/** Makes the set where there is none yet: of processes that start at once, one makes it and all use it. */
export function createSigningKeys(deps: KeyDeps): SigningKeys {
  const { clock } = deps;
  const imported = createImports(deps.sealer);
  const current = createReader(deps);
  const alive = async (fresh = false): Promise<readonly KeptKey[]> => aliveAt((await current(fresh)).value.keys, clock.now());
  return {
    async signer(algorithm) {
      const key = (await alive()).find((k) => k.algorithm === algorithm && k.supersededAt === undefined);
      if (!key) throw new Error(`the key set has no key for ${algorithm}`);
      return { kid: key.kid, key: await imported.private(key) };
    },
    async verifier(kid, algorithm) {
      const isIt = (k: KeptKey): boolean => k.kid === kid && k.algorithm === algorithm;
      // Another process may have rotated a moment ago.
      const key = (await alive()).find(isIt) ?? (await alive(true)).find(isIt);
      return key && imported.public(key);
    },
    published: async () => (await alive()).map((k) => k.publicJwk),
    rotate: async () => {
      const made = await rotate(deps);
      await current(true);
      return made;
    },
  };
}

const aliveAt = (keys: readonly KeptKey[], now: number): KeptKey[] =>
  keys.filter((k) => k.supersededAt === undefined || now < k.supersededAt + AFTERLIFE_MS);

/** How soon an unknown key id makes a process look again: whoever sends junk doesn't make it look each time. */
const LOOK_AGAIN_MS = 500;

/** The set as this process knows it; `fresh` asks for one that was read a moment ago. */
function createReader({ records, sealer, clock }: KeyDeps): (fresh: boolean) => Promise<KeySet> {
  const state: { known?: { readonly set: KeySet; readonly at: number }; reading?: Promise<KeySet> } = {};
  const read = async (): Promise<KeySet> => {
    const set = (await records.get(KEY_SET, PLATFORM, ID)) ?? (await makeFirst(records, sealer, clock));
    state.known = { set, at: clock.now() };
    return set;
  };
  return async (fresh) => {
    const { known } = state;
    if (known && clock.now() - known.at < (fresh ? LOOK_AGAIN_MS : FRESH_MS)) return known.set;
    state.reading ??= read().finally(() => delete state.reading);
    // Keys that were good stay good: a store that is away for a while doesn't end them.
    return known ? state.reading.catch(() => known.set) : state.reading;
  };
}

async function makeFirst(records: RecordStore, sealer: Sealer, clock: Clock): Promise<KeySet> {
  const inserted = await records.insert(KEY_SET, PLATFORM, ID, { keys: await makeKeys(sealer, clock.now()) });
  const set = inserted.ok ? inserted.record : await records.get(KEY_SET, PLATFORM, ID);
  if (!set) throw fhirError('unavailable', 'the signing keys cannot be read', 'Try again in a few seconds.');
  return set;
}

async function rotate({ records, sealer, clock }: KeyDeps): Promise<string[]> {
  for (;;) {
    const now = clock.now();
    const set = (await records.get(KEY_SET, PLATFORM, ID)) ?? (await makeFirst(records, sealer, clock));
    const made = await makeKeys(sealer, now);
    const old = aliveAt(set.value.keys, now).map((k) => ({ ...k, supersededAt: k.supersededAt ?? now }));
    const replaced = await records.replace(KEY_SET, PLATFORM, ID, set.revision, { keys: [...made, ...old] });
    if (replaced.ok) return made.map((k) => k.kid);
  }
}

interface Imports {
  private(key: KeptKey): Promise<CryptoKey>;
  public(key: KeptKey): Promise<CryptoKey>;
}

/** Keys ready for use, imported once each. */
function createImports(sealer: Sealer): Imports {
  const known = new Map<string, Promise<CryptoKey>>();
  const once = (name: string, make: () => Promise<CryptoKey>): Promise<CryptoKey> => {
    const key = known.get(name) ?? make();
    known.set(name, key);
    return key;
  };
  return {
    private: (key) => once(`private ${key.kid}`, () => importKey(opened(sealer, key), key.algorithm)),
    public: (key) => once(`public ${key.kid}`, () => importKey(key.publicJwk, key.algorithm)),
  };
}

const importKey = async (jwk: JWK, algorithm: KeyAlgorithm): Promise<CryptoKey> => (await importJWK(jwk, algorithm)) as CryptoKey;

function opened(sealer: Sealer, { kid, sealed }: KeptKey): JWK {
  const text = sealer.open(sealed, kid);
  if (text === undefined) throw new Error('a signing key cannot be opened: put back the SECRET_KEY that it was sealed with');
  return JSON.parse(text) as JWK;
}

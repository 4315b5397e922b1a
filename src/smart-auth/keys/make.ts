/** New key pairs. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { Sealer } from '../../platform/seal.ts';
import { KEY_ALGORITHMS, type KeptKey, type KeyAlgorithm } from './records.ts';

/** One of each algorithm. Runs off the event loop. */
export const makeKeys = (sealer: Sealer, now: number): Promise<KeptKey[]> =>
  Promise.all(KEY_ALGORITHMS.map((algorithm) => makeKey(algorithm, sealer, now)));

async function makeKey(algorithm: KeyAlgorithm, sealer: Sealer, now: number): Promise<KeptKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)]);
  const kid = await calculateJwkThumbprint(publicJwk);
  return {
    kid,
    algorithm,
    publicJwk: { ...publicJwk, kid, alg: algorithm, use: 'sig' },
    sealed: sealer.seal(JSON.stringify(privateJwk), kid),
    madeAt: now,
  };
}

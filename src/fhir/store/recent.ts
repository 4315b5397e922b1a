/** A clinic's last number, remembered for those to whom one of a moment ago is good enough. */
import { LRUCache } from 'lru-cache';
import type { ClinicId, Seq } from '../model/ids.ts';
import type { FhirStore } from './port.ts';

/** Clinics whose number is remembered. */
const MAX_REMEMBERED = 10_000;

/** `lastSeq` of the port over a store's own question for it. */
export function createRecent(ask: (clinic: ClinicId) => Promise<Seq>): FhirStore['lastSeq'] {
  const remembered = new LRUCache<ClinicId, { readonly seq: Seq; readonly askedAt: number }>({ max: MAX_REMEMBERED });
  return async (clinic, maxAgeMs = 0) => {
    const askedAt = performance.now();
    const known = remembered.get(clinic);
    if (known && askedAt - known.askedAt < maxAgeMs) return known.seq;
    const seq = await ask(clinic);
    remembered.set(clinic, { seq, askedAt });
    return seq;
  };
}

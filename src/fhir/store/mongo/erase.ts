/** Takes resources out of both collections, with their index entries, which are part of them. */
import type { ClientSession } from 'mongodb';
import type { ClinicId } from '../../model/ids.ts';
import type { ErasedResource, ErasureTarget, FhirStore } from '../port.ts';
import { idOf } from './keys.ts';
import type { Collections } from './schema.ts';
import type { Transactions } from './transaction.ts';

const AT_ONCE = 50;

export function createErasure(collections: Collections, transactions: Transactions): Pick<FhirStore, 'erase' | 'scrub'> {
  return {
    async erase(clinic, targets) {
      const erased: ErasedResource[] = [];
      for (let i = 0; i < targets.length; i += AT_ONCE) {
        const some = targets.slice(i, i + AT_ONCE);
        const work = async (session: ClientSession) => ({ value: await eraseSome(collections, clinic, some, session), commit: true });
        erased.push(...(await transactions.run(work)));
      }
      return erased;
    },
    scrub: () => Promise.resolve(),
  };
}

async function eraseSome(
  { current, versions }: Collections,
  clinic: ClinicId,
  targets: readonly ErasureTarget[],
  session: ClientSession,
): Promise<ErasedResource[]> {
  const erased: ErasedResource[] = [];
  for (const { type, id, keep } of targets) {
    const key = idOf(clinic, { type, id });
    const older = await versions.deleteMany({ _id: { $gt: `${key}/`, $lt: `${key}0` } }, { session });
    const newest = keep ? 0 : (await current.deleteOne({ _id: key }, { session })).deletedCount;
    const count = older.deletedCount + newest;
    if (count > 0) erased.push({ type, id, versions: count });
  }
  return erased;
}

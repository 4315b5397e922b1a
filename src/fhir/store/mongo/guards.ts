/** What guards find of what is stored, asked inside the transaction. */
import type { ClientSession } from 'mongodb';
import { asResourceType, type ClinicId } from '../../model/ids.ts';
import type { Guard } from '../port.ts';
import type { Finder } from './find.ts';
import type { PreparedSet } from './plan.ts';

const GUARD_MS = 5_000;

/**
 * Asks each guard once. As many are read as could be wrong: those that the guard names, those that the group may have
 * changed, and one more.
 */
export async function guardFinder(
  finder: Finder,
  clinic: ClinicId,
  sets: readonly PreparedSet[],
  session: ClientSession,
): Promise<(guard: Guard) => ReadonlySet<string>> {
  const changed = countChanges(sets);
  const found = new Map<string, ReadonlySet<string>>();
  for (const guard of sets.flatMap(({ set }) => set.guards)) {
    const key = keyOf(guard);
    if (found.has(key)) continue;
    const query = { types: [asResourceType(guard.type)], where: guard.where, deadline: Date.now() + GUARD_MS };
    const search = await finder.prepare(clinic, query, true);
    const limit = guard.ids.length + (changed.get(guard.type) ?? 0) + 1;
    const options = { filters: [], sort: { o: 1 } as const, limit, projection: { _id: 1 }, session };
    found.set(key, new Set((await finder.byDriver(search, options)).map(({ _id }) => _id)));
  }
  return (guard) => found.get(keyOf(guard)) ?? new Set();
}

/** Guards of one question may name different numbers of ids. */
const keyOf = ({ type, where, ids }: Guard): string => `${ids.length} ${type} ${JSON.stringify(where)}`;

function countChanges(sets: readonly PreparedSet[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { set } of sets) for (const { type } of set.changes) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

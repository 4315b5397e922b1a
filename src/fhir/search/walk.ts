/**
 * One page after another, while others write. What matches throughout is never missed, and what isn't changed meanwhile
 * comes exactly once: the walk goes by key through the versions that were there when it began, told by their numbers,
 * and then through what was changed since, in the order of changes.
 */
import type { StoredVersion, StoreQuery } from '../store/port.ts';
import type { WalkState } from './cursor.ts';
import { searchLinked, type LinkScope } from './resolve.ts';

export type WalkQuery = Omit<StoreQuery, 'seq' | 'after' | 'bodies'>;

export interface WalkPage {
  readonly items: readonly StoredVersion[];
  /** Where to go on; absent on the last page. */
  readonly next?: WalkState;
}

/**
 * A change may move a resource within a sort, so the number is read before the first page. In the natural order nothing
 * moves, so it is read only when a second page follows: what is changed in between was on the first page or comes later.
 * The first page needs no bound: what on it is newer than the number comes again at the end.
 */
export async function firstPage(scope: LinkScope, query: WalkQuery, now: number): Promise<WalkPage> {
  const before = query.order === 'natural' ? undefined : await scope.store.lastSeq(scope.clinic);
  const { items, next } = await searchLinked(scope, query);
  if (next === undefined) return { items };
  const seq = before ?? (await scope.store.lastSeq(scope.clinic));
  return { items, next: { phase: 'keys', seq, after: next, now } };
}

export async function nextPage(scope: LinkScope, query: WalkQuery, state: WalkState): Promise<WalkPage> {
  if (state.phase === 'tail') return tailPage(scope, query, state, query.limit);
  const after = state.after === undefined ? {} : { after: state.after };
  const { items, next } = await searchLinked(scope, { ...query, seq: { upTo: state.seq }, ...after });
  if (next !== undefined) return { items, next: { ...state, after: next } };
  const tail = await tailPage(scope, query, state, query.limit - items.length);
  return { ...tail, items: [...items, ...tail.items] };
}

/** The number of the last one shown is where the next page goes on. Without room it is only asked whether there is any. */
async function tailPage(scope: LinkScope, query: WalkQuery, state: WalkState, room: number): Promise<WalkPage> {
  const { after: _position, ...kept } = state;
  const tail: StoreQuery = { ...query, order: 'seq', seq: { above: state.seq } };
  if (room === 0) {
    const { items } = await searchLinked(scope, { ...tail, limit: 1, bodies: false });
    return items.length === 0 ? { items } : { items: [], next: { ...kept, phase: 'tail' } };
  }
  const { items, next } = await searchLinked(scope, { ...tail, limit: room });
  const last = items.at(-1);
  return next === undefined || !last ? { items } : { items, next: { ...kept, phase: 'tail', seq: last.seq } };
}

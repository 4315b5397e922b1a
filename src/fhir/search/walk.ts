/**
 * One page after another, while others write. What matches throughout is never missed, and what isn't changed meanwhile
 * comes exactly once: the walk goes by key through the versions that were there when it began, told by their numbers,
 * and then through what was changed since, in the order of changes.
 */
import type { FoundVersion, StoreQuery } from '../store/port.ts';
import type { WalkState } from './cursor.ts';
import { searchLinked, type LinkScope } from './resolve.ts';

export type WalkQuery = Omit<StoreQuery, 'seq' | 'after' | 'bodies'>;

export interface WalkPage {
  readonly items: readonly FoundVersion[];
  /** Where to go on; absent on the last page. */
  readonly next?: WalkState;
}

/**
 * The number is read before the first page, so that no change falls between the two. What on that page is newer than the
 * number raises it; anything else that is newer comes at the end. In a sort that would be out of its place, so the number
 * is a fresh one; in natural order it may be a little older. The first page itself needs no bound.
 */
export async function firstPage(scope: LinkScope, query: WalkQuery, now: number): Promise<WalkPage> {
  const before = await scope.store.lastSeq(scope.clinic, query.order === 'natural' ? RECENT_MS : 0);
  const { items, next } = await searchLinked(scope, query);
  if (next === undefined) return { items };
  const seq = items.reduce((most, item) => (item.seq > most ? item.seq : most), before);
  return { items, next: { phase: 'keys', seq, after: next, now } };
}

const RECENT_MS = 1000;

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

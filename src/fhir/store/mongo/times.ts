/** The order of `_lastUpdated`, by the index of times: it gives the times, what one commit wrote is put in natural order. */
import type { Column, Place } from './columns.ts';
import type { CurrentDocument } from './documents.ts';
import type { Finder, Search } from './find.ts';
import { INDEXES } from './schema.ts';

export interface TimeWalk {
  readonly column: Column;
  readonly after: Place | undefined;
  readonly want: number;
  readonly projection: Readonly<Record<string, 1>>;
}

export async function walkTimes(finder: Finder, search: Search, { column, after, want, projection }: TimeWalk): Promise<CurrentDocument[]> {
  const group = (at: number, created: number, limit: number): Promise<CurrentDocument[]> =>
    finder.byIndex(search, {
      index: INDEXES.times,
      filters: [{ at, o: { $gt: created } }],
      sort: { o: 1 },
      limit,
      projection: { ...projection, at: 1 },
    });
  const rest = after ? await group(after.value as number, after.created, want) : [];
  if (rest.length === want) return rest;
  const walked = await finder.byIndex(search, {
    index: INDEXES.times,
    filters: after ? [{ at: { [column.descending ? '$lt' : '$gt']: after.value } }] : [],
    sort: column.descending ? { at: -1, seq: -1 } : { at: 1, seq: 1 },
    limit: want,
    projection: { ...projection, at: 1 },
  });
  const lastAt = walked.at(-1)?.at;
  const whole = walked.length < want ? walked : walked.filter(({ at }) => at !== lastAt);
  const ordered = whole.sort((a, b) => (column.descending ? b.at - a.at : a.at - b.at) || a.o - b.o);
  const last = walked.length < want || lastAt === undefined ? [] : await group(lastAt, 0, want - whole.length);
  return [...rest, ...ordered, ...last].slice(0, want);
}

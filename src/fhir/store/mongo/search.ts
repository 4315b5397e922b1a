/** Pages, counts and targets of searches. */
import type { Document } from 'mongodb';
import type { ClinicId } from '../../model/ids.ts';
import { asResourceId, asResourceType, type ResourceKey } from '../../model/ids.ts';
import type { FhirStore, MatchQuery, StorePage, StoreQuery } from '../port.ts';
import { typeDriver } from './access.ts';
import { SMALL } from './choose.ts';
import { parseCursor, printCursor, type Position } from './cursors.ts';
import { KEY_FIELDS, toStored, VERSION_FIELDS, type CurrentDocument } from './documents.ts';
import { all, common, driven, live, remaining, type Finder, type Search } from './find.ts';
import { ENTRY_SIGNS, PART } from './keys.ts';
import { afterPrefix } from './ordered.ts';
import { INDEXES, type Collections } from './schema.ts';
import { createSorter } from './sort.ts';

export type SearchPart = Pick<FhirStore, 'search' | 'count' | 'searchTargets'>;

export function createSearch(collections: Collections, finder: Finder): SearchPart {
  const sorted = createSorter(collections, finder);
  return {
    search(clinic, query) {
      if (query.order === 'natural' || query.order.length === 0) return naturalPage(finder, clinic, query);
      return query.order === 'seq' ? changedPage(finder, clinic, query) : sorted(clinic, query, query.order);
    },
    count: (clinic, query) => countMatches(finder, clinic, query),
    searchTargets: (clinic, query, param, limit) => findTargets(collections, finder, { clinic, query, param, limit }),
  };
}

const fieldsOf = (query: StoreQuery): typeof VERSION_FIELDS | typeof KEY_FIELDS => (query.bodies === false ? KEY_FIELDS : VERSION_FIELDS);

/** One more than asked for was read, if more follow. */
function pageOf<T extends CurrentDocument>(found: readonly T[], limit: number, position: (last: T) => Position): StorePage {
  const items = found.slice(0, limit).map(toStored);
  return found.length > limit ? { items, next: printCursor(position(found[limit - 1] as T)) } : { items };
}

async function naturalPage(finder: Finder, clinic: ClinicId, query: StoreQuery): Promise<StorePage> {
  const after = parseCursor(query.after, 0);
  if (query.types.length === 0) return { items: [] };
  const search = await finder.prepare(clinic, query, true);
  const want = query.limit + 1;
  const { prefix } = search.driver;
  const projection = { ...fieldsOf(query), o: 1 };
  const found =
    prefix !== undefined && (search.count ?? 0) > WORTH_NUMBERS * want
      ? await byNumbers(finder, search, { prefix, after: after?.created ?? 0, want, projection })
      : await finder.byDriver(search, { filters: after ? [{ o: { $gt: after.created } }] : [], sort: { o: 1 }, limit: want, projection });
  return pageOf(found, query.limit, ({ o }) => ({ created: o, values: [] }));
}

/** From so many pages on it is cheaper to sort their numbers first, which the index holds, than whole documents. */
const WORTH_NUMBERS = 3;
/** Documents that are compared at once, in pages. */
const STEP = 3;
/** What a prefix finds was counted, and may have grown since. */
const MOST_NUMBERS = 100 * SMALL;

interface NumberedPage {
  readonly prefix: string;
  readonly after: number;
  readonly want: number;
  readonly projection: Document;
}

/** A page of what a prefix finds: numbers of creation from the index alone, then, in their order, the documents they belong to. */
async function byNumbers(finder: Finder, search: Search, { prefix, after, want, projection }: NumberedPage): Promise<CurrentDocument[]> {
  const all = (await finder.numbersOf(search, prefix, MOST_NUMBERS)).filter((number) => number > after);
  const found: CurrentDocument[] = [];
  for (let i = 0; i < all.length && found.length < want; i += STEP * want) {
    const filters = [typeDriver(search.scope).filter, { o: { $in: all.slice(i, i + STEP * want) } }];
    const options = { index: INDEXES.keys, filters, sort: { o: 1 } as const, limit: want - found.length, projection };
    found.push(...(await finder.byIndex(search, options)));
  }
  return found;
}

/** What is rare is sorted; otherwise the order of changes is walked, and compared. */
async function changedPage(finder: Finder, clinic: ClinicId, query: StoreQuery): Promise<StorePage> {
  const after = parseCursor(query.after, 0);
  if (query.types.length === 0) return { items: [] };
  const search = await finder.prepare(clinic, query, false);
  const options = {
    filters: after ? [{ seq: { $gt: after.created } }] : [],
    sort: { seq: 1 } as const,
    limit: query.limit + 1,
    projection: fieldsOf(query),
  };
  const found = search.small
    ? await finder.byDriver(search, options)
    : await finder.byIndex(search, { ...options, filters: [{ c: clinic }, ...options.filters], index: INDEXES.feed });
  return pageOf(found, query.limit, ({ seq }) => ({ created: seq, values: [] }));
}

async function countMatches(finder: Finder, clinic: ClinicId, query: MatchQuery): Promise<number> {
  const maxTimeMS = remaining(query);
  if (query.types.length === 0) return 0;
  const search = await finder.prepare(clinic, query, false);
  if (search.exact && query.seq === undefined) return finder.chooser.count(search.driver, undefined, maxTimeMS);
  return finder.chooser.count(
    search.driver,
    undefined,
    maxTimeMS,
    all([...driven(search).slice(1), ...common(search), live(search.scope)]),
  );
}

interface TargetQuery {
  readonly clinic: ClinicId;
  readonly query: MatchQuery;
  readonly param: string;
  readonly limit: number;
}

async function findTargets(
  collections: Collections,
  finder: Finder,
  { clinic, query, param, limit }: TargetQuery,
): Promise<{ targets: ResourceKey[]; complete: boolean }> {
  const maxTimeMS = remaining(query);
  if (query.types.length === 0) return { targets: [], complete: true };
  const search: Search = await finder.prepare(clinic, query, false);
  const prefix = `${param}${ENTRY_SIGNS.reference}`;
  const ofParam = { $and: [{ $gte: ['$$this', { $literal: prefix }] }, { $lt: ['$$this', { $literal: afterPrefix(prefix) }] }] };
  const found = await collections.current
    .aggregate<{ _id: string }>(
      [
        { $match: all([...driven(search), ...common(search), { n: { $elemMatch: { $gte: prefix, $lt: afterPrefix(prefix) } } }]) },
        { $project: { _id: 0, n: { $filter: { input: '$n', cond: ofParam } } } },
        { $unwind: '$n' },
        // A type of no length is that of a URL.
        { $match: { n: { $not: { $regex: `${PART}\\z` } } } },
        { $group: { _id: '$n' } },
        { $limit: limit + 1 },
      ],
      { hint: search.driver.index, maxTimeMS },
    )
    .toArray();
  return { targets: found.slice(0, limit).map(({ _id }) => targetOf(_id, prefix)), complete: found.length <= limit };
}

/** The inverse of `referenceEntry`. */
function targetOf(entry: string, prefix: string): ResourceKey {
  const [id, type] = entry.slice(prefix.length).split(PART) as [string, string];
  return { type: asResourceType(type), id: asResourceId(id) };
}

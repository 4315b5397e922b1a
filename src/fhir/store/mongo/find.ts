/** How every search is asked: the driver's filter, the exact comparison, and what all have in common. */
import type { ClientSession, Document } from 'mongodb';
import type { ClinicId, ResourceType } from '../../model/ids.ts';
import type { MatchQuery } from '../port.ts';
import { ask } from './ask.ts';
import { createChooser, type Choice, type Chooser } from './choose.ts';
import { compile, type Scope } from './compile.ts';
import type { CurrentDocument } from './documents.ts';
import { tooCostly } from './errors.ts';
import { typeKey } from './keys.ts';
import { afterPrefix } from './ordered.ts';
import { CURRENT, INDEXES, type Collections, type IndexName } from './schema.ts';

/** A search that is about to be asked: of one clinic, with its way in chosen. */
export interface Search extends Choice {
  readonly scope: Scope;
  readonly query: MatchQuery;
}

export interface FindOptions {
  readonly index: IndexName;
  readonly filters: readonly Document[];
  readonly sort: Readonly<Record<string, 1 | -1>>;
  readonly limit: number;
  readonly projection: Document;
  readonly session?: ClientSession;
}

export interface Finder {
  /** Chooses the way in. `natural`: the page is wanted in natural order. */
  prepare(clinic: ClinicId, query: MatchQuery, natural: boolean): Promise<Search>;
  /** By the driver that was chosen. */
  byDriver(search: Search, options: Omit<FindOptions, 'index'>): Promise<CurrentDocument[]>;
  /** By an index that gives the order; everything is compared. */
  byIndex(search: Search, options: FindOptions): Promise<CurrentDocument[]>;
  /** Numbers of creation, in order, of all resources with a driving key that starts so; at most `limit` keys are read. */
  numbersOf(search: Search, prefix: string, limit: number): Promise<number[]>;
  readonly chooser: Chooser;
}

export function createFinder(collections: Collections): Finder {
  const chooser = createChooser(collections);
  const find = (search: Search, driven: readonly Document[], options: FindOptions): Promise<CurrentDocument[]> => {
    const { filters, ...asked } = options;
    const filter = all([...driven, ...common(search), ...filters]);
    return ask<CurrentDocument>(collections.db, { collection: CURRENT, filter, ...asked, maxTimeMS: remaining(search.query) });
  };
  return {
    chooser,
    async prepare(clinic, query, natural) {
      const scope: Scope = { clinic, types: query.types };
      return { ...(await chooser.choose(query.where, scope, natural, remaining(query))), scope, query };
    },
    byDriver: (search, options) => find(search, driven(search), { ...options, index: search.driver.index }),
    // Read from the index alone, so without a filter; and sorted here, since with `min` and `max` the server takes the order of the
    // index for that of its last field.
    async numbersOf({ query }, prefix, limit) {
      const found = await ask<{ o: number }>(collections.db, {
        collection: CURRENT,
        filter: {},
        index: INDEXES.keys,
        min: { k: prefix, o: 0 },
        max: { k: afterPrefix(prefix), o: 0 },
        projection: { _id: 0, o: 1 },
        limit,
        maxTimeMS: remaining(query),
      });
      if (found.length === limit) throw tooCostly();
      return [...new Set(found.map(({ o }) => o))].sort((a, b) => a - b);
    },
    byIndex: (search, options) => find(search, [live(search.scope), compile(search.query.where, search.scope)], options),
  };
}

/** The driver, and the exact comparison where the driver may find more. */
export function driven({ driver, exact, query, scope }: Search): Document[] {
  return [driver.filter, ...(driver.index === INDEXES.ids ? [live(scope)] : []), ...(exact ? [] : [compile(query.where, scope)])];
}

/** What the search says of numbers, and where in a cluster the clinic is. */
export function common({ scope, query }: Pick<Search, 'scope' | 'query'>): Document[] {
  return [withinSeq(query.seq), routed(scope)];
}

export const all = (filters: readonly Document[]): Document => ({ $and: filters.filter((filter) => Object.keys(filter).length > 0) });

/** Ids begin with the clinic, and with the type where there is one. */
function routed({ clinic, types }: Scope): Document {
  const [only] = types;
  const base = types.length === 1 ? typeKey(clinic, only as string) : clinic;
  return { _id: { $gt: `${base}/`, $lt: `${base}0` } };
}

/** Not deleted, and of one of the types. */
export const live = ({ clinic, types }: Scope): Document => ({
  t: types.length === 1 ? typeKey(clinic, types[0] as string) : { $in: types.map((type) => typeKey(clinic, type)) },
});

function withinSeq(seq: MatchQuery['seq']): Document {
  const { above, upTo } = seq ?? {};
  if (above === undefined && upTo === undefined) return {};
  return { seq: { ...(above === undefined ? {} : { $gt: above }), ...(upTo === undefined ? {} : { $lte: upTo }) } };
}

/** Milliseconds left, at least one. Throws `too-costly` if there are none. */
export function remaining({ deadline }: Pick<MatchQuery, 'deadline'>): number {
  const left = deadline - Date.now();
  if (left <= 0) throw tooCostly();
  return Math.ceil(left);
}

/** The same search, of one type of several. */
export const ofType = (query: MatchQuery, type: ResourceType): MatchQuery => ({ ...query, types: [type] });

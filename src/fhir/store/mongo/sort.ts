/**
 * Pages of sorted searches. What is rare is found by its driver and sorted by the server; what is common is walked in
 * the order of an index and compared. Further terms order ties in memory, within bounds; beyond them `too-costly`.
 */
import type { ClinicId, ResourceType } from '../../model/ids.ts';
import type { SortTerm, StorePage, StoreQuery } from '../port.ts';
import { columnOf, type Column, type Place } from './columns.ts';
import { SMALL } from './choose.ts';
import { parseCursor, printCursor, type Position, type SortValue } from './cursors.ts';
import { KEY_FIELDS, toStored, VERSION_FIELDS, type CurrentDocument } from './documents.ts';
import { tooCostly } from './errors.ts';
import { ofType, remaining, type Finder, type Search } from './find.ts';
import { typeKey } from './keys.ts';
import { compareText } from './ordered.ts';
import { INDEXES, type Collections } from './schema.ts';
import { walkTimes } from './times.ts';

/** Most resources of one value that are ordered in memory. */
const MOST_TIES = 2000;
/** Most that are sorted in memory; counts are bounded by half of it, and may have grown since. */
const MOST_COLLECTED = 2 * SMALL;
const STEP = 200;

interface Row extends Position {
  readonly document: CurrentDocument;
}

/** What a page is made from. */
interface Sort {
  readonly finder: Finder;
  readonly clinic: ClinicId;
  readonly query: StoreQuery;
  readonly terms: readonly SortTerm[];
  readonly after: Position | undefined;
  readonly fields: Readonly<Record<string, 1>>;
  columns(type: ResourceType): Promise<readonly Column[]>;
}

export function createSorter(collections: Collections, finder: Finder) {
  const keyed = createKeyedTest(collections);
  return async (clinic: ClinicId, query: StoreQuery, order: readonly SortTerm[]): Promise<StorePage> => {
    const terms = deciding(order);
    const after = parseCursor(query.after, terms.length);
    if (query.types.length === 0) return { items: [] };
    const columns = (type: ResourceType): Promise<readonly Column[]> => {
      const typed = typeKey(clinic, type);
      return Promise.all(terms.map(async (term) => columnOf(term, typed, await keyed(typed, term.param, remaining(query)))));
    };
    const wanted = query.bodies === false ? KEY_FIELDS : VERSION_FIELDS;
    const rows = await sortedRows({ finder, clinic, query, terms, after, columns, fields: { ...wanted, o: 1 } });
    return pageOfRows(rows, query.limit);
  };
}

/** Nothing is decided behind the id. */
function deciding(order: readonly SortTerm[]): readonly SortTerm[] {
  const id = order.findIndex((term) => term.param === '_id');
  return id === -1 ? order : order.slice(0, id + 1);
}

function pageOfRows(rows: readonly Row[], limit: number): StorePage {
  const items = rows.slice(0, limit).map((row) => toStored(row.document));
  return rows.length > limit ? { items, next: printCursor(rows[limit - 1] as Row) } : { items };
}

/** At least one more than the page holds, if there are so many. */
async function sortedRows(sort: Sort): Promise<Row[]> {
  const { query, terms, finder, clinic } = sort;
  const want = query.limit + 1;
  if (terms.length > 1 || query.types.length > 1) {
    const search = await finder.prepare(clinic, query, false);
    const rows = search.small ? await collect(sort, search) : undefined;
    if (rows) return rows.slice(0, want);
  }
  const one = terms.length > 1 ? walkTies : walkOne;
  const parts: Row[] = [];
  for (const type of query.types) parts.push(...(await one(sort, type, want)));
  return query.types.length > 1 ? parts.sort(comparing(terms)).slice(0, want) : parts;
}

/** All that match, sorted in memory, behind the position; undefined if they are too many. */
async function collect(sort: Sort, search: Search): Promise<Row[] | undefined> {
  const { query, finder, fields, terms, after, clinic } = sort;
  const columns = new Map<string, readonly Column[]>();
  for (const type of query.types) columns.set(typeKey(clinic, type), await sort.columns(type));
  const paths = Object.fromEntries([...columns.values()].flat().map(({ field }) => [field, 1]));
  const found = await finder.byDriver(search, {
    filters: [],
    sort: { o: 1 },
    limit: MOST_COLLECTED,
    projection: { ...fields, ...paths, t: 1 },
  });
  if (found.length === MOST_COLLECTED) return undefined;
  const compare = comparing(terms);
  const rows = found.map((document) => rowOf(document, columns.get(document.t) ?? [])).sort(compare);
  return after ? rows.filter((row) => compare(row, after) > 0) : rows;
}

async function walkOne(sort: Sort, type: ResourceType, want: number): Promise<Row[]> {
  const [column] = (await sort.columns(type)) as [Column];
  const search = await sort.finder.prepare(sort.clinic, ofType(sort.query, type), false);
  const { after } = sort;
  const place = after && { value: after.values[0] ?? null, created: after.created };
  const found = await walk(sort, search, column, place, want, { [column.field]: 1 });
  return found.map((document) => rowOf(document, [column]));
}

/** In the order of the first term, ties by the others: only whole groups of ties can be ordered. */
async function walkTies(sort: Sort, type: ResourceType, want: number): Promise<Row[]> {
  const columns = await sort.columns(type);
  const [first] = columns as readonly [Column];
  const search = await sort.finder.prepare(sort.clinic, ofType(sort.query, type), false);
  const compare = comparing(sort.terms);
  const { after } = sort;
  const paths = Object.fromEntries(columns.map(({ field }) => [field, 1 as const]));
  const rows: Row[] = [];
  let place: Place | undefined = after && { value: after.values[0] ?? null, created: 0 };
  for (;;) {
    const found = await walk(sort, search, first, place, STEP + want, paths);
    rows.push(...found.map((document) => rowOf(document, columns)));
    const ended = found.length < STEP + want;
    const whole = ended ? rows.length : lastGroup(rows);
    const ready = rows
      .slice(0, whole)
      .sort(compare)
      .filter((row) => !after || compare(row, after) > 0);
    if (ended || ready.length >= want) return ready.slice(0, want);
    if (rows.length - whole > MOST_TIES) throw tooCostly();
    const last = rows.at(-1) as Row;
    place = { value: last.values[0] as SortValue, created: last.created };
  }
}

/** Where the last group of ties begins. */
function lastGroup(rows: readonly Row[]): number {
  const value = rows.at(-1)?.values[0];
  return rows.findLastIndex((row) => row.values[0] !== value) + 1;
}

/** Documents of one type in the order of a column, behind a place: those with a value, then those without. */
async function walk(
  sort: Sort,
  search: Search,
  column: Column,
  after: Place | undefined,
  want: number,
  paths: Readonly<Record<string, 1>>,
): Promise<CurrentDocument[]> {
  const projection = { ...sort.fields, ...paths };
  if (sort.terms[0]?.param === '_lastUpdated' && !search.small) return walkTimes(sort.finder, search, { column, after, want, projection });
  if (column.whole && (search.small || !column.index)) {
    const { behind, sort: order } = column.whole;
    return sort.finder.byDriver(search, { filters: [behind(after)], sort: order, limit: want, projection });
  }
  const present = after?.value === null ? [] : await withValue(sort.finder, search, column, after, want, projection);
  if (present.length === want || !column.missing) return present;
  const behind = after?.value === null ? [{ o: { $gt: after.created } }] : [];
  const limit = want - present.length;
  const missing = await sort.finder.byDriver(search, { filters: [column.missing, ...behind], sort: { o: 1 }, limit, projection });
  return [...present, ...missing];
}

function withValue(
  finder: Finder,
  search: Search,
  column: Column,
  after: Place | undefined,
  want: number,
  projection: Readonly<Record<string, 1>>,
): Promise<CurrentDocument[]> {
  const options = { filters: [column.present(after)], sort: column.sort, limit: want, projection };
  return search.small || !column.index ? finder.byDriver(search, options) : finder.byIndex(search, { ...options, index: column.index });
}

const rowOf = (document: CurrentDocument, columns: readonly Column[]): Row => ({
  document,
  created: document.o,
  values: columns.map((column) => column.value(document)),
});

/** What has no value comes last, either way; ties are in natural order. */
const comparing =
  (terms: readonly SortTerm[]) =>
  (a: Position, b: Position): number => {
    for (const [i, { descending }] of terms.entries()) {
      const [x, y] = [a.values[i] ?? null, b.values[i] ?? null];
      if (x === y) continue;
      if (x === null || y === null) return x === null ? 1 : -1;
      const order = typeof x === 'number' && typeof y === 'number' ? x - y : compareText(String(x), String(y));
      if (order !== 0) return descending ? -order : order;
    }
    return a.created - b.created;
  };

/** Whether a parameter of a type has sort keys. It goes on having them; where it has none yet, it is asked each time. */
function createKeyedTest({ current }: Collections): (typed: string, param: string, maxTimeMS: number) => Promise<boolean> {
  const known = new Set<string>();
  return async (typed, param, maxTimeMS) => {
    if (param.startsWith('_')) return false;
    const key = `${typed}/${param}`;
    if (known.has(key)) return true;
    const filter = { [`s.${param}.hi`]: { $gte: `${typed}/`, $lt: `${typed}0` } };
    const found = await current.findOne(filter, { hint: INDEXES.sorts, projection: { _id: 1 }, maxTimeMS });
    if (found) known.add(key);
    return found !== null;
  };
}

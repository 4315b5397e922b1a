/** Versions by time and by number, over the current and the superseded ones. */
import { rowOf, rowsOf, type SqliteConnection, type SqlRow } from '../../../platform/sqlite/connection.ts';
import { asResourceType, asSeq, type ClinicId, type ResourceType, type Seq } from '../../model/ids.ts';
import { NOT_IN_FEED, type HistoryPage, type HistoryQuery, type StoredVersion } from '../port.ts';
import type { Catalog } from './catalog.ts';
import { allOf, raw, sql, type Sql } from './compile/sql.ts';
import { COLUMN_COUNT, RESOURCE_COLUMNS, toVersion, VERSION_COLUMNS } from './rows.ts';

export interface Histories {
  history(clinic: ClinicId, query: HistoryQuery): HistoryPage;
  changes(clinic: ClinicId, after: Seq, limit: number): StoredVersion[];
}

/** The two tables, the alias of each, and its columns. */
const TABLES = [
  { from: 'resource r', alias: 'r', columns: RESOURCE_COLUMNS },
  { from: 'version v', alias: 'v', columns: VERSION_COLUMNS },
] as const;
type Table = (typeof TABLES)[number];

/** What a history ranges over: rows by clinic, by type, or by resource. */
interface Range {
  readonly cid: number;
  readonly tid?: number;
  readonly id?: string;
}

export function createHistories(connection: SqliteConnection, catalog: Catalog): Histories {
  const all = (statement: Sql): SqlRow[] => rowsOf(connection.prepare(statement.text), statement.params);
  const typeName = (tid: number): ResourceType =>
    asResourceType(rowOf(connection.prepare('SELECT name FROM type WHERE tid = ?'), [tid])?.[0] as string);

  const versions = (rows: readonly SqlRow[]): StoredVersion[] => {
    const names = new Map<number, ResourceType>();
    return rows.map((row) => {
      const tid = row[COLUMN_COUNT] as number;
      const name = names.get(tid) ?? typeName(tid);
      names.set(tid, name);
      return toVersion(name, row);
    });
  };

  return {
    history: (clinic, query) =>
      connection.snapshot(() => {
        const cid = catalog.clinic(clinic);
        if (cid === undefined) return { items: [], total: 0 };
        const bounds = boundsOf(all, cid, query);
        const ranges = rangesOf(cid, query.scope, catalog);
        const page = (table: Table, range: Range): SqlRow[] => all(pageSql(table, { ...range, ...bounds }, query));
        const rows = ranges.flatMap((range) => TABLES.flatMap((table) => page(table, range)));
        const found = versions(rows).sort((a, b) => b.seq - a.seq);
        const items = found.slice(0, query.limit);
        const { belowSeq: _page, belowAt: _time, ...whole } = bounds;
        const total = ranges.reduce((sum, range) => sum + totalOf(all, { ...range, ...whole }, query), 0);
        return { items, total, ...(found.length > query.limit ? { next: asSeq(items.at(-1)?.seq ?? 0) } : {}) };
      }),
    changes: (clinic, after, limit) =>
      connection.snapshot(() => {
        const cid = catalog.clinic(clinic);
        if (cid === undefined) return [];
        const leftOut = catalog.type(cid, NOT_IN_FEED) ?? -1;
        const rows = TABLES.flatMap((table) => all(changesSql(table, { cid, after, leftOut, limit })));
        return versions(rows)
          .sort((a, b) => a.seq - b.seq)
          .slice(0, limit);
      }),
  };
}

function rangesOf(cid: number, { type, id, types }: HistoryQuery['scope'], catalog: Catalog): Range[] {
  const ofType = (name: ResourceType): Range[] => {
    const tid = catalog.type(cid, name);
    return tid === undefined ? [] : [{ cid, tid, ...(id === undefined ? {} : { id }) }];
  };
  if (type !== undefined) return types && !types.includes(type) ? [] : ofType(type);
  return types ? [...new Set(types)].flatMap(ofType) : [{ cid }];
}

/** What the query says of numbers and times, each in terms of the other: both only grow. */
interface TimeBounds {
  readonly belowSeq?: number;
  readonly belowAt?: number;
  readonly fromSeq?: number;
}

function boundsOf(all: (statement: Sql) => SqlRow[], cid: number, { below, since }: HistoryQuery): TimeBounds {
  return {
    ...(below === undefined ? {} : { belowSeq: below, belowAt: timeOf(all, cid, below) }),
    ...(since === undefined ? {} : { fromSeq: firstSince(all, cid, since) }),
  };
}

function pageSql({ from, alias, columns }: Table, range: Range & TimeBounds, query: HistoryQuery): Sql {
  const [at, seq] = [raw(`${alias}.at`), raw(`${alias}.seq`)];
  const { belowSeq, belowAt } = range;
  const below = belowSeq === undefined || belowAt === undefined ? [] : [sql`${seq} < ${belowSeq} AND ${at} <= ${belowAt}`];
  const where = [...rangeConditions(alias, range), ...timeConditions(alias, query), ...below];
  const order = range.tid === undefined ? sql`${seq} DESC` : sql`${at} DESC, ${seq} DESC`;
  return sql`SELECT ${raw(columns)}, ${raw(alias)}.tid FROM ${raw(from)} WHERE ${allOf(where)} ORDER BY ${order} LIMIT ${query.limit + 1}`;
}

interface FeedRange {
  readonly cid: number;
  readonly after: number;
  /** Number of the type that has no part in the feed. */
  readonly leftOut: number;
  readonly limit: number;
}

const changesSql = ({ from, alias, columns }: Table, { cid, after, leftOut, limit }: FeedRange): Sql => {
  const [seq, of] = [raw(`${alias}.seq`), raw(alias)];
  const where = sql`${of}.cid = ${cid} AND ${seq} > ${after} AND ${of}.tid <> ${leftOut}`;
  return sql`SELECT ${raw(columns)}, ${of}.tid FROM ${raw(from)} WHERE ${where} ORDER BY ${seq} LIMIT ${limit}`;
};

function rangeConditions(alias: string, { cid, tid, id, fromSeq }: Range & TimeBounds): Sql[] {
  if (tid === undefined) {
    return [sql`${raw(alias)}.cid = ${cid}`, ...(fromSeq === undefined ? [] : [sql`${raw(alias)}.seq >= ${fromSeq}`])];
  }
  return [sql`${raw(alias)}.tid = ${tid}`, ...(id === undefined ? [] : [sql`${raw(alias)}.id = ${id}`])];
}

/** A superseded version was current until the next one's time, that time excluded. */
function timeConditions(alias: string, { since, currentWithin }: HistoryQuery): Sql[] {
  const at = raw(`${alias}.at`);
  return [
    ...(since === undefined ? [] : [sql`${at} >= ${since}`]),
    ...(currentWithin === undefined ? [] : [sql`${at} <= ${currentWithin.to}`]),
    ...(currentWithin === undefined || alias === 'r' ? [] : [sql`${raw(alias)}.until > ${currentWithin.from}`]),
  ];
}

/** Kept counts serve where nothing but the scope is asked for. */
function totalOf(all: (statement: Sql) => SqlRow[], range: Range & TimeBounds, query: HistoryQuery): number {
  const counted = query.since === undefined && query.currentWithin === undefined && range.id === undefined;
  if (!counted) return TABLES.reduce((sum, table) => sum + countRows(all, table, range, query), 0);
  const ofScope = range.tid === undefined ? sql`cid = ${range.cid}` : sql`tid = ${range.tid}`;
  return (all(sql`SELECT sum(versions) FROM type WHERE ${ofScope}`)[0]?.[0] as number | null) ?? 0;
}

function countRows(all: (statement: Sql) => SqlRow[], { from, alias }: Table, range: Range & TimeBounds, query: HistoryQuery): number {
  const where = allOf([...rangeConditions(alias, range), ...timeConditions(alias, query)]);
  return all(sql`SELECT count(*) FROM ${raw(from)} WHERE ${where}`)[0]?.[0] as number;
}

/** The time of the first change numbered from `seq` on: no earlier change is later. */
function timeOf(all: (statement: Sql) => SqlRow[], cid: number, seq: number): number {
  const first = (table: string): number =>
    (all(sql`SELECT at FROM ${raw(table)} WHERE cid = ${cid} AND seq >= ${seq} ORDER BY seq LIMIT 1`)[0]?.[0] as number | undefined) ??
    Infinity;
  return Math.min(first('resource'), first('version'), Number.MAX_SAFE_INTEGER);
}

/** The number of the first change at or after a time, found by halving. */
function firstSince(all: (statement: Sql) => SqlRow[], cid: number, since: number): number {
  let [low, high] = [1, ((all(sql`SELECT seq FROM clinic WHERE cid = ${cid}`)[0]?.[0] as number | undefined) ?? 0) + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (timeOf(all, cid, middle) >= since) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Searches on one connection, whichever thread it is in. */
import { rowOf, rowsOf, type SqliteConnection, type SqlRow } from '../../../platform/sqlite/connection.ts';
import { asResourceId, asResourceType, type ClinicId, type ResourceKey, type ResourceType } from '../../model/ids.ts';
import type { MatchQuery, StorePage, StoreQuery } from '../port.ts';
import type { Catalog } from './catalog.ts';
import { fold } from './compile/fold.ts';
import type { Position } from './compile/order.ts';
import { hopedPage, naturalPage, seqPage, sortedPage, type PageSql } from './compile/page.ts';
import { matchesOf, planOf, type PlanInput } from './compile/plan.ts';
import { limited, NOTHING, raw, sql, type Sql } from './compile/sql.ts';
import type { Cutoff } from './cutoff.ts';
import { tooCostly } from './errors.ts';
import { createEstimate } from './estimate.ts';
import { comparePositions, keyCount, parsePosition, printPosition } from './position.ts';
import { BARE_COLUMNS, FOUND_COLUMNS, FOUND_COUNT, toFound } from './rows.ts';

export interface Targets {
  readonly targets: ResourceKey[];
  readonly complete: boolean;
}

export interface Queries {
  search(clinic: ClinicId, query: StoreQuery): StorePage;
  count(clinic: ClinicId, query: MatchQuery): number;
  searchTargets(clinic: ClinicId, query: MatchQuery, param: string, limit: number): Targets;
}

/** Says whether a statement that tests so many rows may run here, by throwing if not, and how it is given up. */
export interface Admission {
  admit(statement: Sql, cost: number): void;
  /** Runs it, and throws when its time is over. */
  run<T>(statement: Sql, deadline: number, work: () => T): T;
}

/** Every statement may run until its deadline. */
export const admitAll = (cutoff: Cutoff): Admission => ({
  admit: () => undefined,
  run: (_statement, deadline, work) => cutoff.within(performance.now() + deadline - Date.now(), tooCostly, work),
});

interface Found {
  readonly type: ResourceType;
  readonly row: SqlRow;
  readonly position: () => Position;
}

export function createQueries(connection: SqliteConnection, catalog: Catalog, admission: Admission): Queries {
  const ask = createAsk(connection, catalog, admission);
  return {
    search(clinic, query) {
      const after = parsePosition(query.after, query.order);
      const keys = keyCount(query.order);
      const found = ask.ofTypes(clinic, query, (input, type) =>
        pageOfType(connection, ask, input, query, after).map((row): Found => ({ type, row, position: () => positionOf(row, keys) })),
      );
      if (query.types.length > 1) found.sort((a, b) => comparePositions(directions(query.order))(a.position(), b.position()));
      return toPage(found, query.limit);
    },
    count(clinic, query) {
      const counts = ask.ofTypes(clinic, query, (input) => [countOf(input, (statement) => ask.rows(statement, query.deadline))]);
      return counts.reduce((sum, count) => sum + count, 0);
    },
    searchTargets(clinic, query, param, limit) {
      const found = ask.ofTypes(clinic, query, (input) => {
        const statement = targetSql(input, param, limit + 1);
        return statement ? ask.rows(statement, query.deadline) : [];
      });
      const keys = found.map((row) => ({ type: asResourceType(row[0] as string), id: asResourceId(row[1] as string) }));
      const distinct = [...new Map(keys.map((key) => [`${key.type}/${key.id}`, key])).values()];
      return { targets: distinct.slice(0, limit), complete: distinct.length <= limit };
    },
  };
}

/** SQLite takes 32,766. */
const MAX_PARAMS = 30_000;

interface Ask {
  /** The rows of a statement, if it may run here. */
  rows(page: PageSql, deadline: number): SqlRow[];
  /** What `work` finds for each type of the query, all at one moment. Types that can't match are passed over. */
  ofTypes<T>(clinic: ClinicId, query: MatchQuery, work: (input: PlanInput, type: ResourceType) => readonly T[]): T[];
}

function createAsk(connection: SqliteConnection, catalog: Catalog, admission: Admission): Ask {
  const counted = createEstimate(connection);
  const inputOf = (clinic: ClinicId, type: ResourceType, query: MatchQuery): PlanInput | undefined => {
    const scope = catalog.scope(clinic, type);
    const where = scope && fold(query.where, scope);
    if (!scope || !where || where.op === 'none') return undefined;
    const estimate = (walk: Sql, most: number): number =>
      scope.counted(`${most} ${walk.text} ${JSON.stringify(walk.params)}`, () =>
        admission.run(walk, query.deadline, () => counted(walk, most)),
      );
    return {
      where,
      seq: query.seq,
      scope,
      estimate,
      /** Few plans ask for it. */
      get live() {
        return rowOf(connection.prepare('SELECT live FROM type WHERE tid = ?'), [scope.tid])?.[0] as number;
      },
    };
  };
  return {
    rows({ sql: statement, cost }, deadline) {
      if (statement.params.length > MAX_PARAMS) throw tooCostly();
      admission.admit(statement, cost);
      return admission.run(statement, deadline, () => rowsOf(connection.prepare(statement.text), statement.params));
    },
    ofTypes(clinic, query, work) {
      if (Date.now() >= query.deadline) throw tooCostly();
      return connection.snapshot(() =>
        query.types.flatMap((type) => {
          const input = inputOf(clinic, type, query);
          return input ? work(input, type) : [];
        }),
      );
    },
  };
}

/** One row more than the page has, to know whether there is another. */
function pageOfType(connection: SqliteConnection, ask: Ask, input: PlanInput, query: StoreQuery, after: Position | undefined): SqlRow[] {
  return hopedRows(ask, input, query, after) ?? exactRows(connection, ask, input, query, after);
}

/** Undefined where some of those that come first don't match after all, so that others would come in their place. */
function hopedRows(ask: Ask, input: PlanInput, query: StoreQuery, after: Position | undefined): SqlRow[] | undefined {
  const { order } = query;
  const limit = query.limit + 1;
  const hoped = typeof order === 'string' ? undefined : hopedPage(input, { terms: order, after, limit });
  if (!hoped) return undefined;
  const rows = ask.rows(withColumns(hoped, query, hoped.met), query.deadline);
  const met = rows.filter((row) => row.at(-1) === 1);
  return rows.length < limit || met.length === limit ? met : undefined;
}

function exactRows(connection: SqliteConnection, ask: Ask, input: PlanInput, query: StoreQuery, after: Position | undefined): SqlRow[] {
  const limit = query.limit + 1;
  const { rest, ...page } = pageSql(input, query.order, after, limit, () => changedSince(connection, input, after));
  const first = ask.rows(withColumns(page, query), query.deadline);
  if (!rest || first.length === limit) return first;
  return [...first, ...ask.rows(withColumns(rest, query), query.deadline)].slice(0, limit);
}

function pageSql(
  input: PlanInput,
  order: StoreQuery['order'],
  after: Position | undefined,
  limit: number,
  changed: () => number,
): PageSql & { rest?: PageSql } {
  if (order === 'natural') return naturalPage(input, after, limit);
  return order === 'seq' ? seqPage(input, after, limit, changed()) : sortedPage(input, order, after, limit);
}

/** At most so many resources of the clinic were changed since where the page begins. */
function changedSince(connection: SqliteConnection, { scope, seq }: PlanInput, after: Position | undefined): number {
  const last = rowOf(connection.prepare('SELECT seq FROM clinic WHERE cid = ?'), [scope.cid])?.[0] as number;
  return last - Math.max(Number(after?.keys[0] ?? 0), seq?.above ?? 0);
}

/** The keys' resources, in the order of the keys. */
function withColumns({ sql: keys, cost }: PageSql, { bodies }: StoreQuery, last?: Sql): PageSql {
  const columns = raw(bodies === false ? BARE_COLUMNS : FOUND_COLUMNS);
  const more = last ? sql`, ${last}` : NOTHING;
  return { sql: sql`SELECT ${columns}, k.*${more} FROM (${keys}) k CROSS JOIN resource r ON r.rid = k.rid`, cost };
}

/** Behind the version's columns: the resource, and the keys of the sort. */
const positionOf = (row: SqlRow, keys: number): Position => ({
  rid: row[FOUND_COUNT] as number,
  keys: row.slice(FOUND_COUNT + 1, FOUND_COUNT + 1 + keys),
});

const directions = (order: StoreQuery['order']): boolean[] =>
  order === 'natural' ? [] : order === 'seq' ? [false] : order.map((term) => term.descending);

function toPage(found: readonly Found[], limit: number): StorePage {
  const shown = found.slice(0, limit);
  const items = shown.map(({ type, row }) => toFound(type, row));
  const last = shown.at(-1);
  return found.length > limit && last ? { items, next: printPosition(last.position()) } : { items };
}

function countOf(input: PlanInput, rows: (statement: PageSql) => SqlRow[]): number {
  if (input.where.op === 'all' && !input.seq) return input.live;
  const plan = planOf(input, Infinity);
  const statement = sql`SELECT count(*) FROM (${matchesOf(plan)})`;
  return rows({ sql: statement, cost: plan.cost })[0]?.[0] as number;
}

function targetSql(input: PlanInput, param: string, limit: number): PageSql | undefined {
  const pid = input.scope.param(param)?.pid;
  if (pid === undefined) return undefined;
  const plan = planOf(input, Infinity);
  const statement = sql`SELECT DISTINCT f.type, f.id FROM (${matchesOf(plan)}) m CROSS JOIN reference f INDEXED BY reference_rid
    WHERE f.pid = ${pid} AND f.rid = m.rid AND f.type <> '' ${limited(limit)}`;
  return { sql: statement, cost: plan.cost };
}

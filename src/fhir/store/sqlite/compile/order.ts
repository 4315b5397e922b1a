/** Keys of a sort: what is ordered by, and where a page goes on. */
import type { SqlValue } from '../../../../platform/sqlite/connection.ts';
import type { SortTerm } from '../../port.ts';
import { pidOf, type Scope } from './scope.ts';
import { joined, NOTHING, raw, sql, type Sql } from './sql.ts';

/** One term of a sort, ready to be put into a statement. */
export interface SortKey {
  /** `NULL` where no resource has a value. */
  readonly value: Sql;
  readonly descending: boolean;
  readonly join: Sql;
}

/** The values of the last one of a page in the order of the terms, null where there was none, and its `rid`. */
export interface Position {
  readonly keys: readonly SqlValue[];
  readonly rid: number;
}

const COLUMNS: Readonly<Record<string, string>> = { _id: 'r.id', _lastUpdated: 'r.at' };

export const isColumn = ({ param }: SortTerm): boolean => Object.hasOwn(COLUMNS, param);

export function sortKey(term: SortTerm, i: number, rid: Sql, scope: Scope): SortKey {
  const { descending } = term;
  if (isColumn(term)) return { value: raw(COLUMNS[term.param] ?? 'NULL'), descending, join: NOTHING };
  if (!scope.param(term.param)) return { value: raw('NULL'), descending, join: NOTHING };
  const alias = `s${i}`;
  const join = sql` LEFT JOIN sort ${raw(alias)} ON ${raw(alias)}.pid = ${pidOf(scope, term.param)} AND ${raw(alias)}.rid = ${rid}`;
  return { value: raw(`${alias}.${endOf(term)}`), descending, join };
}

/** Ascending by the least value, descending by the greatest. */
export const endOf = ({ descending }: SortTerm): 'lo' | 'hi' => (descending ? 'hi' : 'lo');

/** Missing values last either way, ties in natural order. */
export function orderBy(keys: readonly SortKey[], rid: Sql): Sql {
  const terms = keys
    .filter(({ value }) => value.text !== 'NULL')
    .map(({ value, descending }) => sql`${value}${raw(descending ? ' DESC' : '')} NULLS LAST`);
  return joined([...terms, rid], ', ');
}

/** What comes behind the position. */
export function behind(keys: readonly SortKey[], rid: Sql, { keys: values, rid: last }: Position): Sql {
  return keys.reduceRight<Sql>((ties, key, i) => behindKey(key, values[i] ?? null, ties), sql`${rid} > ${last}`);
}

function behindKey({ value, descending }: SortKey, last: SqlValue, ties: Sql): Sql {
  if (value.text === 'NULL') return last === null ? ties : raw('1');
  const tied = sql`${value} IS ${last} AND ${ties}`;
  if (last === null) return sql`(${tied})`;
  return sql`(${value} ${raw(descending ? '<' : '>')} ${last} OR ${value} IS NULL OR (${tied}))`;
}

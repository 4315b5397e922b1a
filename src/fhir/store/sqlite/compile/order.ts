/** Keys of a sort: what is ordered by, and where a page goes on. */
import type { SqlValue } from '../../../../platform/sqlite/connection.ts';
import type { SortTerm } from '../../port.ts';
import type { Scope } from './scope.ts';
import { joined, NOTHING, raw, sql, type Sql } from './sql.ts';

/** One term of a sort, ready to be put into a statement. */
export interface SortKey {
  /** `NULL` where no resource has a value. */
  readonly value: Sql;
  readonly descending: boolean;
}

/** The values of the last one of a page in the order of the terms, null where there was none, and its `rid`. */
export interface Position {
  readonly keys: readonly SqlValue[];
  readonly rid: number;
}

const COLUMNS: Readonly<Record<string, string>> = { _id: 'r.id', _lastUpdated: 'r.at' };

export const isColumn = ({ param }: SortTerm): boolean => Object.hasOwn(COLUMNS, param);

export function sortKey(term: SortTerm, scope: Scope): SortKey {
  const { descending } = term;
  if (isColumn(term)) return { value: raw(COLUMNS[term.param] ?? 'NULL'), descending };
  const param = scope.param(term.param);
  if (!param) return { value: raw('NULL'), descending };
  return { value: sql`json_extract(x.sorts, ${`$.${param.pid}[${descending ? '#-1' : '0'}]`})`, descending };
}

/** The row that has the values of all sorts of a resource, where a term needs it. */
export const joinSorts = (keys: readonly SortKey[], rid: Sql): Sql =>
  keys.some(({ value }) => value.params.length > 0) ? sql` CROSS JOIN entry_set x ON x.rid = ${rid}` : NOTHING;

/** How a page's statement names the value of its term `i`. */
export const alias = (i: number): Sql => raw(`k${i}`);

/** Missing values last either way, ties in natural order. */
export function orderBy(keys: readonly SortKey[], rid: Sql): Sql {
  const terms = keys.flatMap(({ value, descending }, i) =>
    value.text === 'NULL' ? [] : [sql`${alias(i)}${raw(descending ? ' DESC' : '')} NULLS LAST`],
  );
  return joined([...terms, rid], ', ');
}

/** What comes behind the position. */
export function behind(keys: readonly SortKey[], rid: Sql, { keys: values, rid: last }: Position): Sql {
  return keys.reduceRight<Sql>((ties, key, i) => behindKey(key, alias(i), values[i] ?? null, ties), sql`${rid} > ${last}`);
}

function behindKey({ value, descending }: SortKey, name: Sql, last: SqlValue, ties: Sql): Sql {
  if (value.text === 'NULL') return last === null ? ties : raw('1');
  const tied = sql`${name} IS ${last} AND ${ties}`;
  if (last === null) return sql`(${tied})`;
  return sql`(${name} ${raw(descending ? '<' : '>')} ${last} OR ${name} IS NULL OR (${tied}))`;
}

/** Ranges of values as conditions. */
import type { Bound, Bounds } from '../../../search/ast.ts';
import { sql, type Sql } from './sql.ts';

/** What the bound asks of one end. */
export function boundConditions(column: Sql, bound: Bound | undefined): Sql[] {
  const conditions: Sql[] = [];
  if (bound?.gt !== undefined) conditions.push(sql`${column} > ${bound.gt}`);
  if (bound?.gte !== undefined) conditions.push(sql`${column} >= ${bound.gte}`);
  if (bound?.lt !== undefined) conditions.push(sql`${column} < ${bound.lt}`);
  if (bound?.lte !== undefined) conditions.push(sql`${column} <= ${bound.lte}`);
  return conditions;
}

export const rangeConditions = (lo: Sql, hi: Sql, bounds: Bounds): Sql[] => [
  ...boundConditions(lo, bounds.lo),
  ...boundConditions(hi, bounds.hi),
];

/** What must hold of `lo` as well, since it is never above `hi`. */
export const impliedLow = ({ hi }: Bounds): Bound => ({
  ...(hi?.lt === undefined ? {} : { lt: hi.lt }),
  ...(hi?.lte === undefined ? {} : { lte: hi.lte }),
});

/** What must hold of `hi` as well, since it is never below `lo`. */
export const impliedHigh = ({ lo }: Bounds): Bound => ({
  ...(lo?.gt === undefined ? {} : { gt: lo.gt }),
  ...(lo?.gte === undefined ? {} : { gte: lo.gte }),
});

/** The least text that is greater, byte by byte in UTF-8, than all that start with `prefix`; undefined: there is none. */
export function prefixEnd(prefix: string): string | undefined {
  for (let end = prefix.length; end > 0;) {
    const isPair = end > 1 && (prefix.codePointAt(end - 2) ?? 0) > 0xffff;
    end -= isPair ? 2 : 1;
    const last = prefix.codePointAt(end) ?? 0;
    if (last < 0x10ffff) return prefix.slice(0, end) + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

export function prefixConditions(column: Sql, prefix: string): Sql[] {
  const end = prefixEnd(prefix);
  return [...(prefix === '' ? [] : [sql`${column} >= ${prefix}`]), ...(end === undefined ? [] : [sql`${column} < ${end}`])];
}

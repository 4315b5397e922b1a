/** Ways to list the resources that a part of the tree matches, from an index: what a search can be driven by. */
import type { Bound, IdIs, LastUpdated, Node, ReferenceIn } from '../../../search/ast.ts';
import { isWide, WIDTH } from '../schema.ts';
import { boundConditions, impliedHigh, impliedLow } from './bounds.ts';
import { idCondition } from './condition.ts';
import { grouped, rowsOfMany, type Many } from './many.ts';
import { keyConditions, kindOf, leadingCode, rowConditions, tableColumns, targetsByType, type EntryLeaf, type RangeLeaf } from './row.ts';
import { pidOf, type Scope } from './scope.ts';
import { allOf, joined, raw, sql, type Sql } from './sql.ts';

export interface Driver {
  /** `SELECT … AS rid`: all resources that match, and no others. */
  readonly rows: Sql;
  /** The rows of the index that are looked at for it. */
  readonly walk: Sql;
  /** In natural order. */
  readonly ordered: boolean;
  /** Each once. */
  readonly distinct: boolean;
}

/** None for what can only be tested. */
export function driversOf(node: Node, scope: Scope): readonly Driver[] {
  switch (node.op) {
    case 'all':
    case 'none':
    case 'type':
    case 'not':
    case 'chain':
    case 'has':
    case 'and':
      return [];
    case 'or':
      return anyDriver(node.of, scope);
    case 'id':
      return [idDriver(node, scope)];
    case 'last-updated':
      return [timeDriver(node, scope)];
    case 'reference-in':
      return [targetDriver(node, scope)];
    case 'date':
    case 'number':
    case 'quantity':
      return [byBeginning(node, scope), byEnd(node, scope)];
    default:
      return [entryDriver(node, scope)];
  }
}

/** SQLite takes 500 selects in one statement. */
const MAX_UNION = 100;

/** Of each the first: which end of a range is better matters less than that all of them can drive. */
function anyDriver(alternatives: readonly Node[], scope: Scope): readonly Driver[] {
  const { many, rest } = grouped(alternatives, scope);
  const first = [...many.map((one) => manyDriver(one, scope)), ...rest.map((n) => driversOf(n, scope)[0])];
  if (first.length > MAX_UNION || !first.every((driver) => driver !== undefined)) return [];
  const union = (parts: readonly Sql[]): Sql =>
    joined(
      parts.map((part) => sql`SELECT rid FROM (${part})`),
      ' UNION ALL ',
    );
  return [{ rows: union(first.map((d) => d.rows)), walk: union(first.map((d) => d.walk)), ordered: false, distinct: false }];
}

function manyDriver(many: Many, scope: Scope): Driver {
  const rows = rowsOfMany(many, scope);
  return { rows, walk: rows, ordered: false, distinct: false };
}

function idDriver({ ids }: IdIs, scope: Scope): Driver {
  const rows = sql`SELECT r.rid AS rid FROM resource r INDEXED BY resource_key WHERE r.tid = ${scope.tid} AND r.deleted = 0 AND ${idCondition(ids)}`;
  return { rows, walk: rows, ordered: false, distinct: true };
}

function timeDriver({ bounds }: LastUpdated, scope: Scope): Driver {
  const within = allOf([...boundConditions(raw('r.at'), bounds.lo), ...boundConditions(raw('r.at'), bounds.hi)]);
  const rows = sql`SELECT r.rid AS rid FROM resource r INDEXED BY resource_time WHERE r.tid = ${scope.tid} AND ${within} AND r.deleted = 0`;
  return { rows, walk: rows, ordered: false, distinct: true };
}

/** From each target to those that refer to it. */
function targetDriver(leaf: ReferenceIn, scope: Scope): Driver {
  const pid = pidOf(scope, leaf.param);
  const ofType = ([type, ids]: readonly [string, string]): Sql =>
    sql`SELECT e.rid AS rid FROM json_each(${ids}) j CROSS JOIN reference e NOT INDEXED WHERE tick(j.key) AND e.pid = ${pid} AND e.id = j.value AND e.type = ${type}`;
  const rows = joined([...targetsByType(leaf)].map(ofType), ' UNION ALL ');
  return { rows, walk: rows, ordered: false, distinct: false };
}

/** By where the range begins, and what its end says about that. */
function byBeginning(leaf: RangeLeaf, scope: Scope): Driver {
  const bounds = [...boundConditions(raw('e.lo'), leaf.bounds.lo), ...boundConditions(raw('e.lo'), impliedLow(leaf.bounds))];
  return rangeDriver([ranges(leaf, 'lo', bounds, scope)]);
}

/** By where the range ends: one that isn't wide begins not long before. */
function byEnd(leaf: RangeLeaf, scope: Scope): Driver {
  const wide = raw(isWide(leaf.op, 'e.'));
  const ends = [leaf.bounds.hi, impliedHigh(leaf.bounds)];
  const beginnings = ends.map((bound) => shifted(bound, WIDTH[leaf.op] * 2));
  const narrow = [...beginnings.flatMap((bound) => boundConditions(raw('e.lo'), bound)), sql`NOT (${wide})`];
  return rangeDriver([
    ranges(leaf, 'lo', narrow, scope),
    ranges(leaf, 'hi', [wide, ...ends.flatMap((bound) => boundConditions(raw('e.hi'), bound))], scope),
  ]);
}

/** What an end within the bound says about the beginning of a range that isn't wide. */
const shifted = (bound: Bound | undefined, width: number): Bound => ({
  ...(bound?.gt === undefined ? {} : { gt: bound.gt - width }),
  ...(bound?.gte === undefined ? {} : { gte: bound.gte - width }),
  ...(bound?.lt === undefined ? {} : { lt: bound.lt }),
  ...(bound?.lte === undefined ? {} : { lte: bound.lte }),
});

type Ranges = Pick<Driver, 'rows' | 'walk'>;

function ranges(leaf: RangeLeaf, end: 'lo' | 'hi', bounds: readonly Sql[], scope: Scope): Ranges {
  const index = raw(`${leaf.op}_${end}`);
  const from = sql`SELECT e.rid AS rid FROM ${raw(leaf.op)} e INDEXED BY ${index} WHERE e.pid = ${pidOf(scope, leaf.param)}`;
  const walk = sql`${from} AND ${allOf(bounds)}`;
  return { rows: sql`${walk} AND ${allOf(rowConditions(leaf, tableColumns(scope)))}`, walk };
}

const rangeDriver = (parts: readonly Ranges[]): Driver => ({
  rows: joined(
    parts.map((part) => part.rows),
    ' UNION ALL ',
  ),
  walk: joined(
    parts.map((part) => part.walk),
    ' UNION ALL ',
  ),
  ordered: false,
  distinct: false,
});

/** By the value that the table's key starts with; without one, all of the parameter's entries are looked at. */
function entryDriver(leaf: Exclude<EntryLeaf, RangeLeaf | ReferenceIn>, scope: Scope): Driver {
  const kind = kindOf(leaf);
  const ranged = kind === 'date' || kind === 'number' || kind === 'quantity';
  const from = sql`SELECT e.rid AS rid FROM ${raw(kind)} e NOT INDEXED WHERE e.pid = ${pidOf(scope, leaf.param)}`;
  const key = keyed(leaf);
  const looked = key === 'all' ? [raw('tick(e.rid)')] : [];
  const rows = sql`${from} AND ${allOf([...keyConditions(leaf), ...rowConditions(leaf, tableColumns(scope)), ...looked])}`;
  const walk = key === 'value' ? sql`${from} AND ${allOf([...keyConditions(leaf), ...keyOf(leaf, scope)])}` : from;
  return { rows, walk, ordered: key === 'value' ? isEquality(leaf) : ranged, distinct: isSingle(leaf) };
}

/** Whether the leaf says something about the column that follows `pid` in the key. */
function keyed(leaf: EntryLeaf): 'value' | 'all' {
  switch (leaf.op) {
    case 'token':
      return leaf.code === undefined ? 'all' : 'value';
    case 'string':
      return leaf.match === 'starts' ? 'value' : 'all';
    case 'composite':
      return leadingCode(leaf) === undefined ? 'all' : 'value';
    case 'present':
      return 'all';
    default:
      return 'value';
  }
}

/** What the key can be entered by; composites have it as their key condition. */
const keyOf = (leaf: EntryLeaf, scope: Scope): readonly Sql[] => (leaf.op === 'composite' ? [] : rowConditions(leaf, tableColumns(scope)));

const isEquality = (leaf: EntryLeaf): boolean => leaf.op !== 'string' && !(leaf.op === 'uri' && leaf.match !== 'exact');

/** Whether a resource can have only one such entry. */
function isSingle(leaf: EntryLeaf): boolean {
  if (leaf.op === 'token') return leaf.code !== undefined && leaf.system !== undefined;
  if (leaf.op === 'reference') return leaf.type !== undefined;
  return leaf.op === 'uri' && leaf.match === 'exact';
}

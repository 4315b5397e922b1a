/** A tree as a condition on one resource, known by its `rid`. */
import type { Node } from '../../../search/ast.ts';
import { boundConditions } from './bounds.ts';
import { isRange, keyConditions, kindOf, leadingCode, rowConditions, tableColumns, type EntryLeaf, type RangeLeaf } from './row.ts';
import { grouped, rowsOfMany } from './many.ts';
import { pidOf, type Scope } from './scope.ts';
import { allOf, balanced, raw, sql, type Sql } from './sql.ts';

/** `rid` is how the resource's number is written. Columns of `resource` are written `r.…`: see `needsResource`. */
export function condition(node: Node, rid: Sql, scope: Scope): Sql {
  switch (node.op) {
    case 'all':
      return raw('1');
    case 'and':
      return balanced(
        node.of.map((n) => condition(n, rid, scope)),
        ' AND ',
      );
    case 'or':
      return anyCondition(node.of, rid, scope);
    case 'not':
      return sql`NOT ${condition(node.of, rid, scope)}`;
    case 'id':
      return idCondition(node.ids);
    case 'last-updated':
      return sql`(${allOf([...boundConditions(raw('r.at'), node.bounds.lo), ...boundConditions(raw('r.at'), node.bounds.hi)])})`;
    case 'none':
    case 'type':
    case 'chain':
    case 'has':
      return raw('0');
    default:
      return entryCondition(node, rid, scope);
  }
}

/** Many values of one parameter are looked up once, the others for each resource. */
function anyCondition(alternatives: readonly Node[], rid: Sql, scope: Scope): Sql {
  const { many, rest } = grouped(alternatives, scope);
  const sets = many.map((one) => sql`${rid} IN (${rowsOfMany(one, scope)})`);
  const ranges = Map.groupBy(rest.filter(isRange), (leaf) => `${leaf.op} ${leaf.param}`).values();
  const others = rest.filter((n) => !isRange(n)).map((n) => condition(n, rid, scope));
  return balanced([...sets, ...[...ranges].map((of) => rangesCondition(of, rid, scope)), ...others], ' OR ');
}

/** One look at a resource's ranges for all that is asked of them, as the two ends that `ge` and `le` ask for. */
function rangesCondition(leaves: readonly RangeLeaf[], rid: Sql, scope: Scope): Sql {
  const [first] = leaves as readonly [RangeLeaf];
  const any = balanced(
    leaves.map((leaf) => allOf(rowConditions(leaf, tableColumns(scope)))),
    ' OR ',
  );
  return ownEntry(first, [sql`e.pid = ${pidOf(scope, first.param)}`, any], rid, 'NOT INDEXED');
}

export const idCondition = (ids: readonly string[]): Sql =>
  ids.length === 1 ? sql`r.id = ${ids[0] ?? ''}` : sql`r.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;

/** Whether the condition looks at columns of `resource`. */
export function needsResource(node: Node): boolean {
  if (node.op === 'and' || node.op === 'or') return node.of.some(needsResource);
  if (node.op === 'not') return needsResource(node.of);
  return node.op === 'id' || node.op === 'last-updated';
}

/** An entry of the resource is looked up by its key, or else the resources that have one are listed once. */
function entryCondition(leaf: EntryLeaf, rid: Sql, scope: Scope): Sql {
  const index = lookup(leaf);
  const table = raw(kindOf(leaf));
  const conditions = [sql`e.pid = ${pidOf(scope, leaf.param)}`, ...keyConditions(leaf), ...rowConditions(leaf, tableColumns(scope))];
  if (index !== undefined) return ownEntry(leaf, conditions, rid, index);
  return sql`${rid} IN (SELECT e.rid FROM ${table} e WHERE ${allOf([...conditions, raw('tick(e.rid)')])})`;
}

const ownEntry = (leaf: EntryLeaf, conditions: readonly Sql[], rid: Sql, index: string): Sql =>
  sql`EXISTS (SELECT 1 FROM ${raw(kindOf(leaf))} e ${raw(index)} WHERE ${allOf([...conditions, sql`e.rid = ${rid}`])})`;

/** The index by which the entries of one resource are found; undefined if there is none for this leaf. */
function lookup(leaf: EntryLeaf): string | undefined {
  const own = 'NOT INDEXED';
  switch (leaf.op) {
    case 'token':
      return leaf.code === undefined ? undefined : own;
    case 'uri':
      return leaf.match === 'exact' ? own : undefined;
    case 'composite':
      return leadingCode(leaf) === undefined ? undefined : own;
    case 'reference':
    case 'date':
    case 'number':
    case 'quantity':
      return own;
    case 'string':
      return 'INDEXED BY string_rid';
    case 'reference-in':
      return 'INDEXED BY reference_rid';
    case 'present':
      return PRESENT[leaf.kind];
  }
}

const PRESENT: Readonly<Record<string, string>> = {
  string: 'INDEXED BY string_rid',
  reference: 'INDEXED BY reference_rid',
  date: 'NOT INDEXED',
  number: 'NOT INDEXED',
  quantity: 'NOT INDEXED',
};

/** Thousands of values of one parameter: one condition with a list, instead of one condition for each. */
import type { Node } from '../../../search/ast.ts';
import { isEntryLeaf, keyConditions, kindOf, rowConditions, tableColumns, type EntryLeaf } from './row.ts';
import { pidOf, type Scope } from './scope.ts';
import { allOf, raw, sql, type Sql } from './sql.ts';

/** Leaves that differ in nothing but their values. */
export interface Many {
  readonly leaf: EntryLeaf;
  /** What each of them asks of an entry: the same text. */
  readonly conditions: readonly Sql[];
}

/** Fewer than this are compiled one by one: each is looked up in an index of its own. */
const MANY = 9;

/** Takes the alternatives of an `or` apart. */
export function grouped(alternatives: readonly Node[], scope: Scope): { readonly many: readonly Many[]; readonly rest: readonly Node[] } {
  if (alternatives.length < MANY) return { many: [], rest: alternatives };
  const groups = new Map<string, { readonly leaf: EntryLeaf; readonly nodes: Node[]; readonly conditions: Sql[] }>();
  const rest: Node[] = [];
  for (const node of alternatives) {
    if (!isEntryLeaf(node)) {
      rest.push(node);
      continue;
    }
    const condition = allOf([...keyConditions(node), ...rowConditions(node, tableColumns(scope))]);
    const key = `${kindOf(node)} ${node.param} ${condition.text}`;
    const group = groups.get(key) ?? { leaf: node, nodes: [], conditions: [] };
    group.nodes.push(node);
    group.conditions.push(condition);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  return { many: all.filter(isMany), rest: [...rest, ...all.filter((group) => !isMany(group)).flatMap((group) => group.nodes)] };
}

const isMany = ({ conditions }: { readonly conditions: readonly Sql[] }): boolean => conditions.length >= MANY;

/** `SELECT … AS rid` of the resources that have an entry that meets one of the conditions; the list drives where it can. */
export function rowsOfMany({ leaf, conditions }: Many, scope: Scope): Sql {
  const table = raw(kindOf(leaf));
  const values = JSON.stringify(conditions.map((condition) => condition.params));
  const { text } = conditions[0] ?? raw('0');
  const pid = pidOf(scope, leaf.param);
  const equal = /^(e\.\w+) = \?$/.exec(text)?.[1];
  if (equal !== undefined) {
    const list = sql`SELECT j.value ->> 0 FROM json_each(${values}) j`;
    return sql`SELECT e.rid AS rid FROM ${table} e NOT INDEXED WHERE e.pid = ${pid} AND ${raw(equal)} IN (${list}) AND tick(e.rid)`;
  }
  let place = -1;
  const one = raw(text.replaceAll('?', () => `(j.value ->> ${(place += 1)})`));
  return sql`SELECT e.rid AS rid FROM json_each(${values}) j CROSS JOIN ${table} e WHERE tick(j.key) AND e.pid = ${pid} AND ${one} AND tick(e.rid)`;
}

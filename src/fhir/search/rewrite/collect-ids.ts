/**
 * One set of ids instead of many.
 * Before: `(or (id a) (id b))`, `(and (id a b) (id b c))`. After: `(id a b)`, `(id b)`
 */
import { and, NONE, or, type IdIs, type Node } from '../ast.ts';
import { mapTree } from './map.ts';

export const collectIds = (node: Node): Node => mapTree(node, collect);

function collect(node: Node): Node {
  if (node.op !== 'and' && node.op !== 'or') return node;
  const sets = node.of.filter((n): n is IdIs => n.op === 'id');
  if (sets.length < 2) return node;
  const rest = node.of.filter((n) => n.op !== 'id');
  if (node.op === 'or') return or({ op: 'id', ids: [...new Set(sets.flatMap((s) => s.ids))] }, ...rest);
  const common = sets.map((s) => new Set(s.ids)).reduce((a, b) => a.intersection(b));
  return common.size === 0 ? NONE : and({ op: 'id', ids: [...common] }, ...rest);
}

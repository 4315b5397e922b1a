/**
 * What may be seen, ANDed into everything that ranges over resources.
 * Before: `(chain subject Patient (string name starts "a"))`
 * After: `(and <filter of Observation> (chain subject Patient (and <filter of Patient> (string name starts "a"))))`
 */
import type { AccessFilter, Action } from '../../model/principal.ts';
import { and, NONE, or, type Node } from '../ast.ts';
import { mapTree } from './map.ts';

/** Every chain and `_has` under `search`; a type that the filter doesn't know is denied. The root goes by `visible`. */
export const restrictLinks = (where: Node, access: AccessFilter<Node>): Node => mapTree(where, (node) => restrictLink(node, access));

/** The filters themselves are not restricted: they are the policy's own. */
function restrictLink(node: Node, access: AccessFilter<Node>): Node {
  if (node.op !== 'chain' && node.op !== 'has') return node;
  const filter = filterOf(node.type, access, 'search');
  if (filter.op === 'none') return NONE;
  return filter.op === 'all' ? node : { ...node, where: and(filter, node.where) };
}

/** What may be seen of several types at once: those with the same filter share a branch. */
export function visible(types: readonly string[], access: AccessFilter<Node>, action: Action): Node {
  if (types.length === 1) return filterOf(types[0] as string, access, action);
  const byFilter = new Map<Node | 'all', string[]>();
  for (const type of types) {
    const filter = access.restrict(type, action);
    if (filter !== 'none') byFilter.set(filter, [...(byFilter.get(filter) ?? []), type]);
  }
  if (byFilter.get('all')?.length === types.length) return { op: 'all' };
  return or(...[...byFilter].map(([filter, of]) => and({ op: 'type', types: of }, ...(filter === 'all' ? [] : [filter]))));
}

function filterOf(type: string, access: AccessFilter<Node>, action: Action): Node {
  const filter = access.restrict(type, action);
  return filter === 'all' || filter === 'none' ? { op: filter } : filter;
}

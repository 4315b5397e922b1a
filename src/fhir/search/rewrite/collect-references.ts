/**
 * One set of targets instead of many references by one parameter.
 * Before: `(or (reference subject Patient/1) (reference subject Patient/2))`. After: `(reference-in subject Patient/1 Patient/2)`
 */
import type { ResourceKey } from '../../model/ids.ts';
import { or, type Node, type Reference } from '../ast.ts';
import { mapTree } from './map.ts';

export const collectReferences = (node: Node): Node => mapTree(node, collect);

function collect(node: Node): Node {
  if (node.op !== 'or') return node;
  const byParam = Map.groupBy(node.of.filter(isLocal), (r) => r.param);
  if (![...byParam.values()].some((of) => of.length > 1)) return node;
  const sets = [...byParam].map(([param, of]): Node =>
    of.length === 1 ? (of[0] as Node) : { op: 'reference-in', param, targets: of.map(keyOf) },
  );
  return or(...sets, ...node.of.filter((n) => !isLocal(n)));
}

/** To a resource of our own, and by its type as well: an id alone could be of any type. */
const isLocal = (node: Node): node is Reference => node.op === 'reference' && node.type !== undefined && node.type !== '';

const keyOf = (node: Reference): ResourceKey => ({ type: node.type, id: node.id }) as ResourceKey;

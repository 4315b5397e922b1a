/**
 * Settles what needs no look at a resource.
 * Before: `(and (and (token a 1) all) (or (token b 2) none))`. After: `(and (token a 1) (token b 2))`
 */
import { and, not, NONE, or, type Node } from '../ast.ts';
import { mapTree } from './map.ts';

export const flatten = (node: Node): Node => mapTree(node, flat);

function flat(node: Node): Node {
  switch (node.op) {
    case 'and':
      return node.of.some((n) => n.op === 'and' || isSettled(n)) ? and(...node.of) : node;
    case 'or':
      return node.of.some((n) => n.op === 'or' || isSettled(n)) ? or(...node.of) : node;
    case 'not':
      return node.of.op === 'not' || isSettled(node.of) ? not(node.of) : node;
    case 'chain':
    case 'has':
      return node.where.op === 'none' ? NONE : node;
    default:
      return node;
  }
}

const isSettled = (node: Node): boolean => node.op === 'all' || node.op === 'none';

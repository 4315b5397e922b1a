/** Settles what is known before any row is looked at: the type, parameters that no resource has, empty lists. */
import { ALL, and, not, NONE, or, type Node } from '../../../search/ast.ts';
import type { Scope } from './scope.ts';

export function fold(node: Node, scope: Scope): Node {
  switch (node.op) {
    case 'all':
    case 'none':
    case 'last-updated':
      return node;
    case 'and':
      return and(...node.of.map((n) => fold(n, scope)));
    case 'or':
      return or(...node.of.map((n) => fold(n, scope)));
    case 'not':
      return not(fold(node.of, scope));
    case 'type':
      return node.types.includes(scope.type) ? ALL : NONE;
    case 'id':
      return node.ids.length === 0 ? NONE : node;
    case 'chain':
    case 'has':
      throw new TypeError(`${node.op} must be resolved before it gets to a store`);
    case 'reference-in':
      return node.targets.length === 0 || !scope.param(node.param) ? NONE : node;
    default:
      return scope.param(node.param) ? node : NONE;
  }
}

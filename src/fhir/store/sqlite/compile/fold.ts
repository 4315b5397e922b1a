/** Settles what is known before any row is looked at: the type, parameters that no resource has, empty lists. */
import { ALL, and, not, NONE, or, type And, type Node, type Not, type Or } from '../../../search/ast.ts';
import type { Scope } from './scope.ts';

export function fold(node: Node, scope: Scope): Node {
  if (node.op !== 'and' && node.op !== 'or' && node.op !== 'not') return foldLeaf(node, scope);
  const known = scope.folded.get(node);
  if (known) return known;
  const folded = foldParts(node, scope);
  scope.folded.set(node, folded);
  return folded;
}

function foldParts(node: And | Or | Not, scope: Scope): Node {
  if (node.op === 'not') return not(fold(node.of, scope));
  const parts = node.of.map((n) => fold(n, scope));
  return node.op === 'and' ? and(...parts) : or(...parts);
}

function foldLeaf(node: Exclude<Node, And | Or | Not>, scope: Scope): Node {
  switch (node.op) {
    case 'all':
    case 'none':
    case 'last-updated':
      return node;
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

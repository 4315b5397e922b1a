/** The same condition with each thing asked once: done when a filter is made, so that each search has less to do. */
import { ALL, and, not, or, type Node } from '../../fhir/search/ast.ts';
import type { NodeIds } from './node-ids.ts';

/** `(and a (or (and a b) (and a c)))` is `(and a (or b c))`. */
export const simplify = (idOf: NodeIds, node: Node): Node => given(idOf, new Set(), node);

/** What `node` still asks of a resource that meets all of `known`. */
function given(idOf: NodeIds, known: ReadonlySet<number>, node: Node): Node {
  if (known.has(idOf(node))) return ALL;
  switch (node.op) {
    case 'and':
      return conjunction(idOf, known, distinct(idOf, node.of));
    case 'or':
      return disjunction(idOf, known, distinct(idOf, node.of));
    case 'not':
      return not(given(idOf, known, node.of));
    default:
      return node;
  }
}

/** Two parts can't each hold the other, so none is left out for one that is left out itself. */
function conjunction(idOf: NodeIds, known: ReadonlySet<number>, parts: readonly Node[]): Node {
  const ids = new Set(parts.map(idOf));
  return and(...parts.map((part) => given(idOf, known.union(without(ids, idOf(part))), part)));
}

/** What all branches ask is asked before them. */
function disjunction(idOf: NodeIds, known: ReadonlySet<number>, branches: readonly Node[]): Node {
  const simple = branches.map((branch) => given(idOf, known, branch));
  const parts = simple.map((branch) => (branch.op === 'and' ? branch.of : [branch]));
  const [first = [], ...others] = parts.map((of) => new Set(of.map(idOf)));
  const common = others.reduce((shared, ids) => shared.intersection(ids), new Set(first));
  if (common.size === 0) return or(...simple);
  const before = (parts[0] ?? []).filter((part) => common.has(idOf(part)));
  return and(...before, or(...parts.map((of) => and(...of.filter((part) => !common.has(idOf(part)))))));
}

const distinct = (idOf: NodeIds, nodes: readonly Node[]): Node[] => [...new Map(nodes.map((node) => [idOf(node), node])).values()];

function without(ids: ReadonlySet<number>, id: number): Set<number> {
  const others = new Set(ids);
  others.delete(id);
  return others;
}

/** Numbers for trees: equal trees have the same one, so that comparing large trees costs no more than comparing small ones. */
import type { Node } from '../../fhir/search/ast.ts';

export type NodeIds = (node: Node) => number;

/** Numbers are good within what one call made. */
export function createNodeIds(): NodeIds {
  const byText = new Map<string, number>();
  const byNode = new WeakMap<Node, number>();
  const idOf: NodeIds = (node) => {
    const seen = byNode.get(node);
    if (seen !== undefined) return seen;
    const text = textOf(node, idOf);
    const id = byText.get(text) ?? byText.size;
    byText.set(text, id);
    byNode.set(node, id);
    return id;
  };
  return idOf;
}

function textOf(node: Node, idOf: NodeIds): string {
  switch (node.op) {
    case 'and':
    case 'or':
      return `${node.op} ${node.of.map(idOf).join(' ')}`;
    case 'not':
      return `not ${idOf(node.of)}`;
    default:
      return JSON.stringify(node);
  }
}

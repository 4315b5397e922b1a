import type { Node } from '../ast.ts';

/**
 * Applies `change` to every node below this one, deepest first, then to the node itself. What doesn't change keeps its
 * identity, so that a pass with nothing to do allocates nothing but a few arrays. The parts of composites are left alone.
 */
export function mapTree(node: Node, change: (node: Node) => Node): Node {
  switch (node.op) {
    case 'and':
    case 'or': {
      const of = node.of.map((n) => mapTree(n, change));
      return change(of.every((n, i) => n === node.of[i]) ? node : { op: node.op, of });
    }
    case 'not': {
      const of = mapTree(node.of, change);
      return change(of === node.of ? node : { op: 'not', of });
    }
    case 'chain':
    case 'has': {
      const where = mapTree(node.where, change);
      return change(where === node.where ? node : { ...node, where });
    }
    default:
      return change(node);
  }
}

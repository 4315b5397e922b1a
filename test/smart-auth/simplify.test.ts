import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ALL, and, NONE, not, or, type Node } from '../../src/fhir/search/ast.ts';
import { createNodeIds } from '../../src/smart-auth/access/node-ids.ts';
import { simplify } from '../../src/smart-auth/access/simplify.ts';

const LEAVES = ['a', 'b', 'c', 'd'];
const leaf = (code: string): Node => ({ op: 'token', param: '_tag', code });
const [a, b, c] = ['a', 'b', 'c'].map(leaf) as [Node, Node, Node];

const anyNode = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(ALL, NONE, ...LEAVES.map(leaf)),
    fc.array(tie('node'), { maxLength: 4 }).map((of): Node => ({ op: 'and', of })),
    fc.array(tie('node'), { maxLength: 4 }).map((of): Node => ({ op: 'or', of })),
    tie('node').map((of): Node => ({ op: 'not', of })),
  ),
})).node;

/** Whether a resource with these codes meets the tree. */
function holds(node: Node, codes: ReadonlySet<string>): boolean {
  switch (node.op) {
    case 'and':
      return node.of.every((n) => holds(n, codes));
    case 'or':
      return node.of.some((n) => holds(n, codes));
    case 'not':
      return !holds(node.of, codes);
    case 'token':
      return codes.has(node.code ?? '');
    default:
      return node.op === 'all';
  }
}

const RESOURCES = Array.from({ length: 2 ** LEAVES.length }, (_, bits) => new Set(LEAVES.filter((_code, i) => (bits >> i) & 1)));
const leaves = (node: Node): number => JSON.stringify(node).split('"token"').length - 1;

it('changes nothing about what a filter finds, and makes none longer', () => {
  fc.assert(
    fc.property(anyNode, (node) => {
      const simple = simplify(createNodeIds(), node);
      expect(RESOURCES.map((codes) => holds(simple, codes))).toEqual(RESOURCES.map((codes) => holds(node, codes)));
      expect(leaves(simple)).toBeLessThanOrEqual(leaves(node));
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['a part that stands twice', and(a, not(b), a), and(a, not(b))],
  ['what holds already within a branch', and(a, or(and(a, b), and(a, c))), and(a, or(b, c))],
  ['what all branches ask', or(and(a, b), and(a, c)), and(a, or(b, c))],
  ['a branch that another one holds', or(a, and(a, b)), a],
  ['a condition within a negation', and(a, not(and(a, b))), and(a, not(b))],
  ['a contradiction', and(a, not(a)), NONE],
])('settles %s', (_what, node, simple) => {
  expect(simplify(createNodeIds(), node)).toEqual(simple);
});

it('leaves conditions on other resources alone', () => {
  const chain: Node = { op: 'chain', param: 'subject', type: 'Patient', where: a };
  expect(simplify(createNodeIds(), and(a, chain))).toEqual(and(a, chain));
});

import { describe, expect, it } from '@jest/globals';
import { ALL, NONE, type Node } from '../../src/fhir/search/ast.ts';
import { OPEN } from '../../src/fhir/search/entries.ts';
import { print } from '../../src/fhir/search/print.ts';
import type { ResourceKey } from '../../src/fhir/model/ids.ts';

const key = (type: string, id: string): ResourceKey => ({ type, id }) as ResourceKey;

/** Those that parsing alone doesn't make, or that are easily misread. */
const TREES: readonly (readonly [Node, string])[] = [
  [ALL, 'all'],
  [NONE, 'none'],
  [{ op: 'type', types: ['Patient', 'Group'] }, '(type Patient Group)'],
  [{ op: 'id', ids: ['a', 'b'] }, '(id a b)'],
  [{ op: 'reference-in', param: 'subject', targets: [key('Patient', '1'), key('Group', '2')] }, '(reference-in subject Patient/1 Group/2)'],
  [{ op: 'token', param: 'code', system: '', code: 'a b' }, '(token code "|a b")'],
  [{ op: 'token', param: 'code', code: 'f(x)' }, '(token code "f(x)")'],
  [{ op: 'uri', param: 'url', match: 'above', value: 'http://a b' }, '(uri url above "http://a b")'],
  [{ op: 'date', param: 'date', bounds: { lo: { gte: -OPEN }, hi: { lt: OPEN } } }, '(date date lo>=-open hi<open)'],
  [{ op: 'date', param: 'date', bounds: { lo: { gt: 9e15 } } }, '(date date lo>9000000000000000)'],
  [{ op: 'number', param: 'n', bounds: { lo: { gt: 1, lt: 2 }, hi: { gte: 3, lte: 4 } } }, '(number n lo>1 lo<2 hi>=3 hi<=4)'],
  [{ op: 'present', param: 'name', kind: 'string' }, '(present name string)'],
];

describe('print', () => {
  it.each(TREES.map(([node, line]) => ({ node, line })))('$line', ({ node, line }) => {
    expect(print(node)).toBe(line);
  });
});

/** Before and after, one line each. */
import { describe, expect, it } from '@jest/globals';
import type { AccessFilter } from '../../src/fhir/model/principal.ts';
import { ALL, NONE, not, type Node } from '../../src/fhir/search/ast.ts';
import { print } from '../../src/fhir/search/print.ts';
import { collectIds } from '../../src/fhir/search/rewrite/collect-ids.ts';
import { collectReferences } from '../../src/fhir/search/rewrite/collect-references.ts';
import { flatten } from '../../src/fhir/search/rewrite/flatten.ts';
import { rewrite } from '../../src/fhir/search/rewrite/index.ts';
import { OPEN_ACCESS, parse } from './set-up.ts';

const a: Node = { op: 'token', param: 'a', code: '1' };
const b: Node = { op: 'token', param: 'b', code: '2' };
const and = (...of: Node[]): Node => ({ op: 'and', of });
const or = (...of: Node[]): Node => ({ op: 'or', of });
const id = (...ids: string[]): Node => ({ op: 'id', ids });
const ref = (param: string, type: string | undefined, target: string): Node => ({
  op: 'reference',
  param,
  id: target,
  ...(type === undefined ? {} : { type }),
});
const chain = (where: Node): Node => ({ op: 'chain', param: 'subject', type: 'Patient', where });

type Pass = (node: Node) => Node;
const PASSES: readonly { readonly pass: Pass; readonly before: Node; readonly after: string }[] = [
  { pass: flatten, before: and(and(a, ALL), b), after: '(and (token a 1) (token b 2))' },
  { pass: flatten, before: and(a, or(b, NONE)), after: '(and (token a 1) (token b 2))' },
  { pass: flatten, before: and(a, or(b, ALL)), after: '(token a 1)' },
  { pass: flatten, before: and(a, and(b, NONE)), after: 'none' },
  { pass: flatten, before: or(or(a, NONE), or(b)), after: '(or (token a 1) (token b 2))' },
  { pass: flatten, before: { op: 'not', of: not(a) }, after: '(token a 1)' },
  { pass: flatten, before: { op: 'not', of: and(ALL) }, after: 'none' },
  { pass: flatten, before: chain(and(a, NONE)), after: 'none' },
  { pass: flatten, before: chain(and(a, ALL)), after: '(chain subject Patient (token a 1))' },
  { pass: collectIds, before: or(id('1'), id('2', '1'), a), after: '(or (id 1 2) (token a 1))' },
  { pass: collectIds, before: and(id('1', '2'), id('2', '3'), a), after: '(and (id 2) (token a 1))' },
  { pass: collectIds, before: and(id('1'), id('2')), after: 'none' },
  { pass: collectIds, before: and(id('1'), a), after: '(and (id 1) (token a 1))' },
  { pass: collectReferences, before: or(ref('s', 'Patient', '1'), ref('s', 'Group', '2')), after: '(reference-in s Patient/1 Group/2)' },
  {
    pass: collectReferences,
    before: or(ref('s', 'Patient', '1'), a, ref('s', 'Patient', '2')),
    after: '(or (reference-in s Patient/1 Patient/2) (token a 1))',
  },
  {
    pass: collectReferences,
    before: or(ref('s', undefined, '1'), ref('s', '', 'http://x')),
    after: '(or (reference s */1) (reference s <http://x>))',
  },
  {
    pass: collectReferences,
    before: or(ref('s', 'Patient', '1'), ref('t', 'Patient', '1')),
    after: '(or (reference s Patient/1) (reference t Patient/1))',
  },
  {
    pass: collectReferences,
    before: and(ref('s', 'Patient', '1'), ref('s', 'Patient', '2')),
    after: '(and (reference s Patient/1) (reference s Patient/2))',
  },
];

describe('passes', () => {
  it.each(PASSES.map((p) => ({ ...p, name: `${p.pass.name}: ${print(p.before)}` })))('$name', ({ pass, before, after }) => {
    expect(print(pass(before))).toBe(after);
  });
  it.each([flatten, collectIds, collectReferences])('$name leaves alone what it has nothing to do with', (pass) => {
    const tree = and(a, or(b, chain(a)), { op: 'not', of: b }, id('1'));
    expect(pass(tree)).toBe(tree);
  });
});

const VIP: Node = { op: 'token', param: '_tag', code: 'vip' };
const access: AccessFilter<Node> = {
  restrict: (type) => (type === 'Patient' ? VIP : type === 'Observation' || type === 'Encounter' ? 'all' : 'none'),
  visibleOf: () => undefined,
  isBreakGlass: () => false,
};

const RESTRICTED: readonly { readonly search: string; readonly tree: string }[] = [
  { search: 'Patient?', tree: '(token _tag vip)' },
  { search: 'Patient?gender=male', tree: '(and (token _tag vip) (token gender male))' },
  { search: 'Observation?status=final', tree: '(token status final)' },
  { search: 'Practitioner?name=x', tree: 'none' },
  { search: 'Observation?patient.gender=male', tree: '(chain patient Patient (and (token _tag vip) (token gender male)))' },
  { search: 'Observation?performer:Practitioner.name=x', tree: 'none' },
  { search: 'Observation?subject.name=x', tree: '(chain subject Patient (and (token _tag vip) (string name starts "x")))' },
  { search: 'Patient?_has:Observation:patient:_has:Provenance:target:agent=1', tree: 'none' },
  {
    search: 'Patient?_has:Observation:patient:encounter.status=planned',
    tree: '(and (token _tag vip) (has Observation patient (chain encounter Encounter (token status planned))))',
  },
  { search: '?_type=Observation,Encounter&_id=1', tree: '(id 1)' },
  {
    search: '?_type=Observation,Encounter,Patient,Claim&_id=1',
    tree: '(and (or (type Observation Encounter) (and (type Patient) (token _tag vip))) (id 1))',
  },
  { search: '?_type=Claim,Account', tree: 'none' },
];

describe('permission', () => {
  it.each(RESTRICTED)('$search', ({ search, tree }) => {
    const { where, types } = parse(search);
    expect(print(rewrite(where, types, access))).toBe(tree);
  });
  it('leaves a tree as it is where everything may be seen', () => {
    const { where, types } = parse('Observation?patient=1&code=a,b&date=ge2020');
    expect(rewrite(where, types, OPEN_ACCESS)).toEqual(where);
  });
});

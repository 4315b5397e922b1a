import { expect, it } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { asResourceId, asResourceType } from '../../../src/fhir/model/ids.ts';
import type { Node } from '../../../src/fhir/search/ast.ts';
import { condition } from '../../../src/fhir/store/sqlite/compile/condition.ts';
import type { Scope } from '../../../src/fhir/store/sqlite/compile/scope.ts';
import { planOf } from '../../../src/fhir/store/sqlite/compile/plan.ts';
import { raw } from '../../../src/fhir/store/sqlite/compile/sql.ts';
import { MIGRATIONS } from '../../../src/fhir/store/sqlite/schema.ts';

const scope: Scope = {
  folded: new WeakMap(),
  counted: (_key, count) => count(),
  cid: 1,
  tid: 1,
  type: 'DiagnosticReport',
  param: () => ({ pid: 1, ordered: false }),
  system: () => 1,
};

it('looks whether a resource refers to one of many without asking the index for each of them', () => {
  const database = new DatabaseSync(':memory:');
  for (const step of MIGRATIONS.steps) database.exec(step);
  const targets = ['a', 'b', 'c'].map((id) => ({ type: asResourceType('Observation'), id: asResourceId(id) }));
  const { text, params } = condition({ op: 'reference-in', param: 'result', targets }, raw('r.rid'), scope);
  const plan = database.prepare(`EXPLAIN QUERY PLAN SELECT r.rid FROM resource r WHERE ${text}`).all(...params);
  database.close();
  const details = plan.map((step) => String(step['detail']));
  expect(details).toContainEqual(expect.stringMatching(/reference_rid \(pid=\? AND rid=\?\)$/));
});

const date = (bounds: Extract<Node, { op: 'date' }>['bounds']): Node => ({ op: 'date', param: 'birthdate', bounds });

it('looks once at the ranges of a resource for what an `or` asks of them', () => {
  const either: Node = { op: 'or', of: [date({ lo: { gte: 1 } }), date({ hi: { gt: 2 } })] };
  const { text, params } = condition(either, raw('r.rid'), scope);
  expect(text.match(/EXISTS/g)).toHaveLength(1);
  expect(params).toEqual([1, 1, 2]);
});

it.each([
  { found: 5, name: 'counts nothing more once something is rare', walks: ['reference'] },
  { found: 51, name: 'counts all where nothing is', walks: ['reference', 'token', 'date', 'date', 'date'] },
])('$name', ({ found, walks }) => {
  const counted: string[] = [];
  const where: Node = {
    op: 'and',
    of: [
      date({ lo: { gte: 1 } }),
      { op: 'token', param: 'code', code: 'a' },
      { op: 'reference', param: 'subject', type: 'Patient', id: '1' },
    ],
  };
  const estimate = ({ text }: { readonly text: string }): number => {
    counted.push(...[...text.matchAll(/FROM (\w+) e/g)].map((m) => m[1] ?? ''));
    return found;
  };
  const plan = planOf({ where, seq: undefined, scope, live: 1000, estimate }, 21);
  expect(counted).toEqual(walks);
  expect(plan.from.text).toContain('FROM reference');
});

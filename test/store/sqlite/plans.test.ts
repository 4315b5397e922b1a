import { expect, it } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { asResourceId, asResourceType } from '../../../src/fhir/model/ids.ts';
import { condition } from '../../../src/fhir/store/sqlite/compile/condition.ts';
import type { Scope } from '../../../src/fhir/store/sqlite/compile/scope.ts';
import { raw } from '../../../src/fhir/store/sqlite/compile/sql.ts';
import { MIGRATIONS } from '../../../src/fhir/store/sqlite/schema.ts';

const scope: Scope = { cid: 1, tid: 1, type: 'DiagnosticReport', param: () => ({ pid: 1, ordered: false }), system: () => 1 };

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

/** What the access filter finds in each store is what it finds in memory, chains over those who treat a patient included. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { asResourceId, asResourceType } from '../../src/fhir/model/ids.ts';
import { toResourceText } from '../../src/fhir/model/json.ts';
import { ROLES } from '../../src/fhir/model/principal.ts';
import { searchLinked } from '../../src/fhir/search/resolve.ts';
import type { Change } from '../../src/fhir/store/port.ts';
import { onEachStore, type TestApp } from '../http/harness.ts';
import { WORLD } from './samples.ts';
import { accessWith, allows, CLINIC, personOf, scopesOf, type Known } from './world.ts';

const put = ({ resource, subject }: Known): Change => ({
  op: 'put',
  type: asResourceType(resource.resourceType),
  id: asResourceId(resource.id),
  expected: 'absent',
  text: toResourceText(resource, asResourceId(resource.id)),
  entries: subject.entries,
  trace: { subject: 'Device/system', requestId: 'r', interaction: 'create' },
});

onEachStore('the access filter', (open) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await open();
    const written = await app.deps.store.write(CLINIC, { changes: WORLD.map(put), guards: [], indexVersion: 'test' });
    expect(written.ok).toBe(true);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  it.each(ROLES)('finds for %s what it finds in memory', async (role) => {
    const filter = accessWith().accessFor({ principal: personOf(role), scopes: scopesOf('user/*.cruds') });
    const deadline = app.deps.clock.now() + 15_000;
    const scope = { store: app.deps.store, clinic: CLINIC, deadline };
    for (const [type, of] of Map.groupBy(WORLD, (k) => k.resource.resourceType)) {
      for (const action of ['search', 'update'] as const) {
        const found = filter.restrict(type, action);
        const where = found === 'all' || found === 'none' ? { op: found } : found;
        const { items } = await searchLinked(scope, { types: [asResourceType(type)], where, order: 'natural', limit: 100, deadline });
        const expected = of.filter((k) => allows(filter, WORLD, k, action)).map((k) => k.resource.id);
        expect(items.map((v): string => v.id).toSorted()).toEqual(expected.toSorted());
      }
    }
  });
});

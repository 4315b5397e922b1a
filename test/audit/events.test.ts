import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeAuditEvents, type MakerDeps } from '../../src/audit/events/make.ts';
import { patientsOf } from '../../src/audit/events/patients.ts';
import type { AuditRecord } from '../../src/fhir/model/audit.ts';
import { asSeq } from '../../src/fhir/model/ids.ts';
import { toResourceText, type JsonObject } from '../../src/fhir/model/json.ts';
import type { Put } from '../../src/fhir/store/port.ts';
import { feed, key, query, setOf } from '../contract/store/context.ts';
import { clinic, onEachStore, type World } from './world.ts';

onEachStore('AuditEvents', (open) => {
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  const depsOf = (process = 'p1', more: Partial<MakerDeps> = {}): MakerDeps => ({
    ...world.tools,
    ...world,
    journal: world.audit.journal,
    process,
    observer: 'nadi',
    ...more,
  });
  const makeAll = async (deps = depsOf()): Promise<void> => {
    while ((await makeAuditEvents(deps, clinic)) > 0);
  };
  const put = (resource: JsonObject & { resourceType: string; id: string }, requestId: string): Put => ({
    op: 'put',
    ...key(resource.resourceType, resource.id),
    expected: 'any',
    text: toResourceText(resource, key('Patient', resource.id).id),
    entries: world.tools.extractor.extract(resource, 'UTC'),
    trace: { subject: 'Practitioner/1', client: 'app', requestId, interaction: 'create' },
  });
  const events = async (): Promise<JsonObject[]> =>
    (await world.store.search(clinic, query('AuditEvent'))).items.map((v) => JSON.parse(Buffer.from(v.body).toString()) as JsonObject);
  const record = (requestId: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
    clinic,
    category: 'rest',
    what: 'read',
    outcome: 'success',
    status: 200,
    requestId,
    subject: 'Practitioner/1',
    role: 'DOCTOR',
    client: 'app',
    address: '192.0.2.1',
    target: 'Observation/o1',
    ...more,
  });

  it('are made of records and of versions, valid and searchable, and never of AuditEvents', async () => {
    const observation = {
      resourceType: 'Observation',
      id: 'o1',
      status: 'final',
      code: { text: 'x' },
      subject: { reference: 'Patient/9' },
    };
    await world.store.write(clinic, setOf([put({ resourceType: 'Patient', id: '9' }, 'w1'), put(observation, 'w2')]));
    await world.audit.log.append(record('r1'));
    await world.audit.log.append(record('r2', { what: 'search-type', target: 'Observation', query: 'patient=9', patient: 'Patient/9' }));
    await world.audit.log.append(record('r3', { outcome: 'refused', status: 403, target: 'Patient/8', patient: 'Patient/8' }));
    await world.audit.log.append(record('r4', { what: '$everything', category: 'export', target: 'Patient/9', patient: 'Patient/9' }));
    await makeAll();
    const made = await events();
    expect(made).toHaveLength(6);
    for (const event of made) expect(world.tools.validator.check(event).filter(({ severity }) => severity === 'error')).toEqual([]);
    const find = async (param: string, id: string) =>
      (await world.store.search(clinic, query('AuditEvent', { op: 'reference', param, type: 'Patient', id }))).items.length;
    // Both writes, the read of the observation, the search and the export.
    expect(await find('patient', '9')).toBe(5);
    expect(await find('patient', '8')).toBe(1);
    const refused = made.find((event) => event['outcome'] === '4');
    expect(refused).toMatchObject({ action: 'R', outcomeDesc: 'refused, HTTP status 403' });
    expect(refused).not.toHaveProperty('meta.profile');
    const search = made.find((event) => event['action'] === 'E' && JSON.stringify(event).includes('PatientQuery'));
    const [queried] = (search?.['entity'] as JsonObject[]).filter((e) => e['query'] !== undefined);
    expect(Buffer.from(queried?.['query'] as string, 'base64').toString()).toBe('Observation?patient=9');
    expect((await feed(world.store, clinic)).map((v) => v.type)).toEqual(['Patient', 'Observation']);
    await makeAll();
    expect(await events()).toHaveLength(6);
  });

  it('tell of a deletion whom it was about', async () => {
    await world.store.write(clinic, setOf([put({ resourceType: 'Flag', id: 'f', subject: { reference: 'Patient/9' } }, 'w1')]));
    await world.store.write(clinic, setOf([{ ...put({ resourceType: 'Flag', id: 'f' }, 'w2'), op: 'delete' } as never]));
    await makeAll();
    expect((await events()).map((e) => JSON.stringify(e).includes('"Patient/9"'))).toEqual([true, true]);
  });

  it('say what became of it where a record was corrected, also when it was made before', async () => {
    for (const late of [false, true]) {
      const id = `read-${late}`;
      await world.audit.log.append(record('r', { id }));
      if (late) await makeAll();
      await world.audit.log.append(record('r', { corrects: id, outcome: 'failed', status: 404 }));
      await makeAll();
      const made = (await events()).find((event) => event['id'] === id);
      expect(made).toMatchObject({ outcome: '4' });
    }
    expect(await events()).toHaveLength(2);
  });

  it('are there once, however often it is cut off, and none is missing', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, i) => world.audit.log.append(record(`r${i}`))));
    let replaced = 0;
    // The checkpoint is taken, the events are written, and then it ends.
    const failing = {
      ...world.records,
      replace: (...args: Parameters<typeof world.records.replace>) =>
        (replaced += 1) % 2 === 0 ? Promise.reject(new Error('killed')) : world.records.replace(...args),
    } as MakerDeps['records'];
    await makeAuditEvents(depsOf('p1'), clinic);
    await Promise.all(Array.from({ length: 10 }, (_, i) => world.audit.log.append(record(`s${i}`))));
    await expect(makeAuditEvents(depsOf('p1', { records: failing }), clinic)).rejects.toThrow('killed');
    expect(await events()).toHaveLength(50);
    await makeAll();
    expect(new Set((await events()).map((e) => e['id'])).size).toBe(50);
    expect((await world.store.history(clinic, { scope: { type: key('AuditEvent', 'x').type }, limit: 1 })).total).toBe(50);
  });

  it('are made by one process at a time, and by another when it is gone', async () => {
    world.clock.set(Date.UTC(2026, 0, 2));
    await world.audit.log.append(record('r1'));
    expect(await makeAuditEvents(depsOf('p1'), clinic)).toBe(1);
    await world.audit.log.append(record('r2'));
    expect(await makeAuditEvents(depsOf('p2'), clinic)).toBe(0);
    world.clock.set(Date.UTC(2026, 0, 2, 0, 1));
    expect(await makeAuditEvents(depsOf('p2'), clinic)).toBe(1);
    expect(await events()).toHaveLength(2);
    expect(await world.store.changes(clinic, asSeq(0), 10)).toEqual([]);
  });
});

describe('whom a resource is about', () => {
  it('its subject comes before others of the compartment', async () => {
    const { createTools } = await import('../../src/compose.ts');
    const observation = {
      resourceType: 'Observation',
      performer: [{ reference: 'Patient/performer' }],
      subject: { reference: 'Patient/subject' },
    };
    const tools = createTools(() => 'UTC');
    expect(patientsOf(tools, 'Observation', 'o', observation)).toEqual(['Patient/subject', 'Patient/performer']);
  });
});

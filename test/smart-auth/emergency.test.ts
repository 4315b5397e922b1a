/** Break-glass on each store: who may, what it leaves behind, and when it ends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createFhir } from '../../src/fhir/index.ts';
import type { AuditRecord } from '../../src/fhir/model/audit.ts';
import { asResourceId, asResourceType } from '../../src/fhir/model/ids.ts';
import { openMongoRecords } from '../../src/records/mongo/index.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import { createEmergencies, type Emergencies } from '../../src/smart-auth/emergency/index.ts';
import { reasonOf } from '../../src/smart-auth/emergency/reason.ts';
import { onEachStore, type TestApp } from '../http/harness.ts';
import { dropDatabase, freshDatabase } from '../store/mongo/database.ts';
import { CLINIC, personOf } from './world.ts';

const REQUEST = { requestId: 'r-1', address: '192.0.2.7' };
const HOUR = 3_600_000;

const recordKinds = process.env['TEST_MONGODB_URL'] ? (['sqlite', 'mongo'] as const) : (['sqlite'] as const);

async function openRecords(kind: 'sqlite' | 'mongo', app: TestApp): Promise<{ records: RecordStore; dispose: () => Promise<void> }> {
  const { clock } = app.deps;
  if (kind === 'sqlite') {
    const folder = await mkdtemp(join(tmpdir(), 'nadi-emergency-'));
    const records = await openSqliteRecords({ file: join(folder, 'nadi.db'), clock });
    return { records, dispose: async () => (await records.close(), rm(folder, { recursive: true })) };
  }
  const url = process.env['TEST_MONGODB_URL'] ?? '';
  const database = freshDatabase();
  const records = await openMongoRecords({ url, database, clock });
  return { records, dispose: async () => (await records.close(), dropDatabase(url, database)) };
}

onEachStore('break-glass', (open) => {
  describe.each(recordKinds)('with records in %s', (kind) => {
    let app: TestApp;
    let records: RecordStore;
    let dispose: () => Promise<void>;
    let trail: AuditRecord[] = [];
    let auditFails = false;
    beforeAll(async () => {
      app = await open();
      ({ records, dispose } = await openRecords(kind, app));
    }, 60_000);
    afterAll(async () => {
      await dispose();
      await app.close();
    }, 60_000);

    const audit = {
      append: async (record: AuditRecord): Promise<string> => {
        if (auditFails) throw new Error('the audit trail is down');
        return `record-${trail.push(record)}`;
      },
    };
    /** Another process has memory of its own. */
    const process = (): Emergencies => {
      const { clock, newId } = app.deps;
      return createEmergencies({ records, dispatch: createFhir(app.deps), baseUrl: app.baseUrl, audit, clock, newId });
    };
    const alerts = async (): Promise<readonly string[]> => {
      const where = { op: 'token', param: 'category', code: 'alert' } as const;
      const deadline = app.deps.clock.now() + 15_000;
      const page = await app.deps.store.search(CLINIC, {
        types: [asResourceType('Communication')],
        where,
        order: 'natural',
        limit: 100,
        deadline,
      });
      return page.items.map((v) => Buffer.from(v.body).toString());
    };

    it('widens for an hour, here and in other processes, audited and told to the administrators once', async () => {
      trail = [];
      const [one, two] = [process(), process()];
      const doctor = personOf('DOCTOR', { account: 'a-1' });
      expect(await two.emergencyFor(doctor, undefined, REQUEST)).toEqual(doctor);
      const before = (await alerts()).length;
      const opened = await one.emergencyFor(doctor, 'unconscious after an accident', REQUEST);
      expect(opened).toEqual({ ...doctor, emergency: 'unconscious after an accident' });
      expect(trail).toEqual([
        {
          clinic: CLINIC,
          category: 'break-glass',
          what: 'grant',
          outcome: 'success',
          status: 200,
          requestId: 'r-1',
          address: '192.0.2.7',
          subject: 'Practitioner/DOCTOR',
          account: 'a-1',
          client: 'nadi',
          role: 'DOCTOR',
          reason: 'unconscious after an accident',
        },
      ]);
      const told = (await alerts()).slice(before);
      expect(told.map((text) => JSON.parse(text) as object)).toMatchObject([
        {
          status: 'completed',
          priority: 'urgent',
          sender: { reference: 'Practitioner/DOCTOR' },
          recipient: [{ reference: `Organization/${CLINIC}` }],
          payload: [{ contentString: 'unconscious after an accident' }],
        },
      ]);
      app.advance(1001);
      for (const here of [one, two]) {
        expect((await here.emergencyFor(doctor, undefined, REQUEST)).emergency).toBe('unconscious after an accident');
        expect((await here.emergencyFor(doctor, 'once more', REQUEST)).emergency).toBe('unconscious after an accident');
      }
      expect([trail.length, (await alerts()).length]).toEqual([1, before + 1]);
      expect((await one.emergencyFor(personOf('DOCTOR', { account: 'a-2' }), undefined, REQUEST)).emergency).toBeUndefined();
      app.advance(HOUR);
      for (const here of [one, two]) expect((await here.emergencyFor(doctor, undefined, REQUEST)).emergency).toBeUndefined();
      expect((await one.emergencyFor(doctor, 'a second time', REQUEST)).emergency).toBe('a second time');
      expect([trail.length, (await alerts()).length]).toEqual([2, before + 2]);
    });

    it('is one grant and one alert for many that ask at once', async () => {
      const before = (await alerts()).length;
      const nurse = personOf('NURSE', { account: 'many' });
      const all = await Promise.all(Array.from({ length: 8 }, () => process().emergencyFor(nurse, 'no pulse', REQUEST)));
      expect(all.every((p) => p.emergency === 'no pulse')).toBe(true);
      expect((await alerts()).length).toBe(before + 1);
    });

    it('widens nothing before the audit trail knows, and goes on where it was cut off', async () => {
      const counselor = personOf('COUNSELOR', { account: 'cut-off' });
      const before = (await alerts()).length;
      auditFails = true;
      await expect(process().emergencyFor(counselor, 'says he will harm himself', REQUEST)).rejects.toThrow('down');
      auditFails = false;
      expect((await process().emergencyFor(counselor, undefined, REQUEST)).emergency).toBeUndefined();
      expect((await alerts()).length).toBe(before);
      expect((await process().emergencyFor(counselor, 'again, please', REQUEST)).emergency).toBe('says he will harm himself');
      expect((await alerts()).length).toBe(before + 1);
    });

    it.each(['SUPER_ADMIN', 'CLINIC_ADMIN', 'THERAPIST', 'RECEPTIONIST', 'SUPPORT_STAFF', 'PATIENT'] as const)(
      'is refused to %s, and audited',
      async (role) => {
        trail = [];
        await expect(process().emergencyFor(personOf(role), 'curious', REQUEST)).rejects.toMatchObject({ status: 403 });
        expect(trail).toMatchObject([{ category: 'break-glass', outcome: 'refused', status: 403, role }]);
        expect(await process().emergencyFor(personOf(role), undefined, REQUEST)).toEqual(personOf(role));
      },
    );

    it('is refused to systems', async () => {
      await expect(process().emergencyFor({ subject: 'Device/x', clinic: CLINIC }, 'because', REQUEST)).rejects.toMatchObject({
        status: 403,
      });
    });

    it.each(['', '   ', 'now', 'x'.repeat(501)])('takes no reason such as %j', async (header) => {
      await expect(process().emergencyFor(personOf('DOCTOR', { account: 'r' }), header, REQUEST)).rejects.toMatchObject({ status: 400 });
    });

    it('writes alerts that are found by their id', async () => {
      const [first] = await alerts();
      const { id } = JSON.parse(first ?? '{}') as { id: string };
      expect(await app.deps.store.read(CLINIC, { type: asResourceType('Communication'), id: asResourceId(id) })).toMatchObject({
        deleted: false,
      });
    });
  });
});

it('reads a reason in UTF-8, as browsers and programs send it', () => {
  expect(reasonOf(Buffer.from('बेहोश रोगी').toString('latin1'))).toBe('बेहोश रोगी');
  expect(reasonOf('caf\xe9 collapse')).toBe('café collapse');
  expect(reasonOf('  no \t pulse ')).toBe('no pulse');
});

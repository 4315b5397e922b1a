/** An erasure that is killed after any of its steps, and started again: nothing of the patient is left, and the certificate is the same. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Certificate } from '../../src/audit/erase/certificate.ts';
import { erasePatient, type Erasure } from '../../src/audit/erase/index.ts';
import { ERASURE } from '../../src/audit/erase/progress.ts';
import { createAudit } from '../../src/audit/index.ts';
import { verifyClinic } from '../../src/audit/log/verify.ts';
import { asClinicId, asResourceId, type ClinicId } from '../../src/fhir/model/ids.ts';
import { toResourceText, type JsonObject } from '../../src/fhir/model/json.ts';
import type { Put } from '../../src/fhir/store/port.ts';
import type { RecordKind } from '../../src/records/port.ts';
import { ACCOUNT, MEMBERSHIP, PLACE, PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { createPersonRecords } from '../../src/smart-auth/erase/index.ts';
import { ERRAND } from '../../src/smart-auth/messages/errands.ts';
import { GRANT } from '../../src/smart-auth/oauth/records.ts';
import { SESSION } from '../../src/smart-auth/sessions/records.ts';
import { key, query, setOf } from '../contract/store/context.ts';
import { onEachStore, SECRET, type World } from './world.ts';

const HOUR_MS = 3_600_000;
const START = Date.now();

/** What stands in whatever is kept of the patient of a clinic. */
const canaryOf = (clinic: ClinicId): string => `Canary${clinic.replaceAll('-', '')}x`;

/** Does what was asked, and is killed once it has done `last` steps that change something. */
function stepsUpTo(last: number) {
  const done = { steps: 0 };
  const watched = <Part extends object>(part: Part, methods: readonly (keyof Part)[]): Part => ({
    ...part,
    ...Object.fromEntries(
      methods.map((name) => [
        name,
        async (...args: unknown[]): Promise<unknown> => {
          if (done.steps >= last) throw new Error('killed');
          const result = await (part[name] as (...given: unknown[]) => Promise<unknown>)(...args);
          done.steps += 1;
          if (done.steps === last) throw new Error('killed');
          return result;
        },
      ]),
    ),
  });
  return { done, watched };
}

/** A server takes its time: there each fifth step does, unless SOAK_RUNS is set. */
const STRIDE = { sqlite: 1, mongo: process.env['SOAK_RUNS'] === undefined ? 5 : 1 } as const;

onEachStore('an erasure that is cut off', (open, kind) => {
  let world: World;
  beforeAll(async () => {
    world = await open();
    world.clock.set(START);
  }, 60_000);
  afterAll(() => world.close());

  const put = (resource: JsonObject & { resourceType: string; id: string }): Put => ({
    op: 'put',
    ...key(resource.resourceType, resource.id),
    expected: 'any',
    text: toResourceText(resource, asResourceId(resource.id)),
    entries: world.tools.extractor.extract(resource, 'UTC'),
    trace: { subject: 'Practitioner/1', requestId: 'w', interaction: 'update' },
  });

  async function fill(clinic: ClinicId): Promise<void> {
    const canary = canaryOf(clinic);
    const [account, email] = [`account-${clinic}`, `${canary}@x.test`.toLowerCase()];
    const patient = { resourceType: 'Patient', id: canary, name: [{ family: canary }], telecom: [{ system: 'email', value: email }] };
    const note = {
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: canary },
      subject: { reference: `Patient/${canary}` },
    };
    await world.store.write(clinic, setOf([put(patient), put(note), put({ resourceType: 'Patient', id: 'other' })]));
    const add = async <T>(kind: RecordKind<T>, of: ClinicId, id: string, value: T, lifeMs?: number): Promise<void> => {
      const ends = lifeMs === undefined ? {} : { expiresAt: START + lifeMs };
      expect(await world.records.insert(kind, of, id, value, ends)).toMatchObject({ ok: true });
    };
    const times = { createdAt: START, lastUsedAt: START, usedAt: START, signedInAt: START };
    const who = { name: canary, email, phone: `+91${canary}`, ...times };
    // Ids of accounts and grants say nothing, and stay in revocations until these end.
    const eras = { account: 0, place: 0 };
    const grant = { account, eras, clientId: 'app', clinic, scope: 'patient/*.rs', context: { patient: canary }, ...times };
    const record = { clinic, category: 'rest', outcome: 'success', status: 200, requestId: 'r', subject: 'Practitioner/1' } as const;
    await Promise.all([
      add(ACCOUNT, PLATFORM, account, { ...who, emailVerified: true, active: true, language: 'en' }),
      add(MEMBERSHIP, clinic, account, { ...who, account, role: 'PATIENT', fhirUser: `Patient/${canary}`, active: true }),
      add(PLACE, PLATFORM, `${account} ${clinic}`, { account, clinic }),
      add(SESSION, PLATFORM, `${canary}-s`, { account, eras, clinic, device: canary, address: '192.0.2.9', turn: 0, ...times }, HOUR_MS),
      add(SESSION, PLATFORM, `${canary}-ended`, { account, eras, clinic, device: canary, address: '192.0.2.9', turn: 0, ...times }, 1),
      add(GRANT, PLATFORM, `grant-${clinic}`, grant, HOUR_MS),
      add(GRANT, PLATFORM, `grant-of-staff-${clinic}`, { ...grant, account: 'nurse' }, HOUR_MS),
      add(ERRAND, PLATFORM, `${canary}-e`, { purpose: 'x', channel: 'email', to: email, attempts: 0, notBefore: 0 }, HOUR_MS),
      world.audit.log.append({ ...record, what: 'read', target: `Patient/${canary}`, patient: `Patient/${canary}` }),
      world.audit.log.append({ ...record, what: 'search-type', target: 'Patient', query: `name=${canary}` }),
      world.audit.log.append({ ...record, what: 'read', target: 'Patient/other', account, subject: `Patient/${canary}` }),
      world.audit.log.append({ ...record, what: 'read', target: 'Patient/other', patient: 'Patient/other' }),
    ]);
  }

  /** As a process of its own. */
  async function erase(clinic: ClinicId, last: number): Promise<{ readonly erasure?: Erasure; readonly steps: number }> {
    const { done, watched } = stepsUpTo(last);
    const store = watched(world.store, ['write', 'erase', 'scrub']);
    const records = watched(world.records, ['insert', 'replace', 'remove', 'sweep']);
    const journal = watched(world.audit.journal, ['open', 'append', 'replacePersonal']);
    const { tools, clock } = world;
    const audit = createAudit({ ...tools, clock, store, records, journal, secret: SECRET, observer: 'nadi' });
    const people = createPersonRecords({ records, clock, newId: tools.newId, outbox: '/no/such/folder' });
    const deps = { ...tools, clock, store, records, audit, people, homeClinic: asClinicId('demo') };
    const order = { clinic, patient: asResourceId(canaryOf(clinic)), by: 'court', reason: 'request 7' };
    try {
      return { erasure: await erasePatient(deps, order, new AbortController().signal), steps: done.steps };
    } catch (error) {
      // Killed after its last step, it has told nobody that it is done.
      expect(String((error as { cause?: unknown }).cause ?? error)).toMatch(/killed|no such patient/);
      return { steps: done.steps };
    }
  }

  async function certificateIn(clinic: ClinicId): Promise<Certificate> {
    const { items } = await world.store.search(clinic, query('DocumentReference'));
    expect([clinic, items.length]).toEqual([clinic, 1]);
    const { content } = JSON.parse(Buffer.from(items[0]?.body ?? []).toString()) as { content: [{ attachment: { data: string } }] };
    const signed = JSON.parse(Buffer.from(content[0].attachment.data, 'base64').toString()) as { certificate: string };
    return JSON.parse(signed.certificate) as Certificate;
  }

  it('after any step is finished by the next, and certifies the same', async () => {
    const whole = asClinicId('whole');
    await fill(whole);
    world.clock.set(START + 2);
    const { erasure, steps } = await erase(whole, Infinity);
    const expected = erasure?.certificate;
    expect(expected).toMatchObject({
      erased: { Observation: { resources: 1, versions: 1 }, Patient: { resources: 1, versions: 1 } },
      records: { account: 1, membership: 1, place: 1, session: 1, grant: 2, errand: 1 },
      auditRecords: 3,
      auditEvents: 5,
    });
    const lasts = Array.from({ length: steps }, (_, i) => i + 1).filter((last) => last % STRIDE[kind] === 0);
    const clinics = lasts.map((last) => asClinicId(`cut-${last}`));
    await Promise.all(clinics.map(fill));
    const cut = await Promise.all(clinics.map((clinic, i) => erase(clinic, lasts[i] as number)));
    expect(cut.filter(({ erasure: made }) => made !== undefined).length).toBeLessThan(3);
    // Whoever died may still hold what it had taken.
    world.clock.set(START + 60_000);
    await Promise.all(clinics.map((clinic) => erase(clinic, Infinity)));
    const bytes = (await world.dump()).toString('latin1').toLowerCase();
    for (const clinic of [whole, ...clinics]) {
      const canary = canaryOf(clinic).toLowerCase();
      const certificate = await certificateIn(clinic);
      expect([clinic, certificate]).toEqual([
        clinic,
        { ...expected, clinic, patient: certificate?.patient, erasedAt: certificate?.erasedAt },
      ]);
      expect([clinic, bytes.split(canary).length - 1]).toEqual([clinic, 0]);
      expect(await verifyClinic(world.audit, clinic)).toMatchObject({ erased: 3 });
      expect(await world.records.list(ERASURE, clinic, { limit: 1 })).toEqual([]);
      expect(await world.store.read(clinic, key('Patient', 'other'))).toMatchObject({ deleted: false });
    }
    expect(steps).toBeGreaterThan(20);
  }, 60_000);
});

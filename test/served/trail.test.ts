/** What was done is told, and to whom: the clinic's audit, break-glass, labels and consents of the whole server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import type { Role } from '../../src/fhir/model/principal.ts';
import { EMERGENCY_GRANT } from '../../src/smart-auth/emergency/grant.ts';
import { availableStores } from '../../tools/running-server.ts';
import type { Asked, Told } from './ask.ts';
import { CONFIDENTIALITY, idsIn, sensitiveTests } from './sensitive.ts';
import { openServedRecords, openServedWorld, type Clinic, type ServedWorld } from './world.ts';

const BTG = 'http://terminology.hl7.org/CodeSystem/v3-ActReason|BTG';
/** Each look leaves a record of its own. */
const POLL_MS = 200;
const REASON = 'unconscious after an accident';
const note = (id: string, patient: string, more: object = {}): object => ({
  resourceType: 'ClinicalImpression',
  id,
  status: 'completed',
  subject: { reference: `Patient/${patient}` },
  summary: 'as told in confidence',
  ...more,
});
const RESTRICTED = { meta: { security: [{ system: CONFIDENTIALITY, code: 'R' }] } };

interface Event {
  readonly id: string;
  readonly [name: string]: unknown;
}
const eventsIn = (told: Told): Event[] => (told.body['data'] ?? []) as Event[];

describe.each(availableStores())('on %s', (store) => {
  let world: ServedWorld;
  let put: (resource: { readonly resourceType?: string; readonly id?: string }) => Promise<void>;
  beforeAll(async () => {
    world = await openServedWorld(store);
    const token = await world.systemToken(
      'system/*.cruds system/ClinicalImpression.cruds?_security=' + encodeURIComponent(`${CONFIDENTIALITY}|R`),
    );
    put = async (resource) => {
      const told = await world.ask(`/fhir/R4/${resource.resourceType}/${resource.id}`, { method: 'PUT', token, fhir: resource });
      expect(told.status).toBe(201);
    };
    for (const id of ['seen', 'private']) await put({ resourceType: 'Patient', id });
    const generalPractitioner = [{ reference: world.person('demo', 'DOCTOR').fhirUser }];
    await put({ resourceType: 'Patient', id: 'treated', generalPractitioner } as object);
    await put(note('plain-note', 'seen'));
    await put(note('restricted-note', 'seen', RESTRICTED));
    await put(note('private-note', 'private'));
    await put(note('treated-note', 'treated', RESTRICTED));
  }, 60_000);
  afterAll(() => world.close());

  const as = (role: Role, path: string, asked: Asked = {}, clinic: Clinic = 'demo'): Promise<Told> =>
    world.ask(path, { token: world.person(clinic, role).token, ...asked });
  const glass = (reason: string): Asked => ({ headers: { 'x-break-glass': reason } });
  /** They are made a little later. */
  async function audited(query: string, clinic: Clinic = 'demo'): Promise<Event[]> {
    for (;;) {
      const told = await as('CLINIC_ADMIN', `/audit?${query}`, {}, clinic);
      expect(told.status).toBe(200);
      if (eventsIn(told).length > 0) return eventsIn(told);
      await wait(POLL_MS);
    }
  }
  const withId = (requestId: string): Asked => ({ headers: { 'x-request-id': requestId } });

  describe('the audit of the clinic', () => {
    it('tells who did what to whose records, in plain JSON', async () => {
      await as('NURSE', '/fhir/R4/ClinicalImpression?patient=Patient/seen', withId('a-search'));
      const nurse = world.person('demo', 'NURSE');
      const [event] = await audited('requestId=a-search');
      expect(event).toEqual({
        id: expect.any(String),
        recorded: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        type: 'rest',
        what: 'search-type',
        action: 'execute',
        outcome: 'success',
        actor: { reference: nurse.fhirUser, account: nurse.account, role: 'NURSE' },
        client: 'nadi',
        address: '127.0.0.1',
        patient: 'Patient/seen',
        query: 'ClinicalImpression?patient=Patient/seen',
        requestId: 'a-search',
      });
      expect((await as('CLINIC_ADMIN', `/audit/${event?.id}`)).body).toEqual(event);
      const resource = await as('CLINIC_ADMIN', `/fhir/R4/AuditEvent/${event?.id}`);
      expect(resource.body).toMatchObject({ resourceType: 'AuditEvent', id: event?.id, recorded: event?.['recorded'] });
    });

    it('is filtered by whose, who, what, when and what became of it', async () => {
      await as('LAB_TECHNICIAN', '/fhir/R4/ClinicalImpression/private-note', withId('refused'));
      const lab = world.person('demo', 'LAB_TECHNICIAN');
      const [refused] = await audited('requestId=refused&outcome=minor-failure');
      expect(refused).toMatchObject({ outcome: 'minor-failure', outcomeDescription: 'failed, HTTP status 404' });
      const recorded = Date.parse(String(refused?.['recorded']));
      const at = (offset: number): string => encodeURIComponent(new Date(recorded + offset).toISOString().replace('Z', '+00:00'));
      const filters = [
        ['patient=private', 'patient=seen'],
        [`actor=${lab.fhirUser}`, `actor=${world.person('demo', 'NURSE').fhirUser}`],
        [`account=${lab.account}`, `account=${world.person('demo', 'NURSE').account}`],
        ['client=nadi', 'client=ehr'],
        ['action=read', 'action=delete'],
        ['outcome=minor-failure', 'outcome=success'],
        ['type=rest', 'type=110114'],
        ['what=read', 'what=GET%20/users'],
        [`from=${at(0)}`, `from=${at(1)}`],
        [`to=${at(1)}`, `to=${at(0)}`],
      ] as const;
      for (const [fits, other] of filters) {
        const found = async (query: string) => eventsIn(await as('CLINIC_ADMIN', `/audit?requestId=refused&${query}`)).map(({ id }) => id);
        expect([fits, await found(fits)]).toEqual([fits, [refused?.id]]);
        expect([other, await found(other)]).toEqual([other, []]);
      }
    });

    it('comes in pages, the latest first, and none twice', async () => {
      for (let i = 0; i < 5; i += 1) await as('NURSE', `/fhir/R4/Patient/seen`, withId('paged'));
      while ((await audited('requestId=paged')).length < 5) await wait(POLL_MS);
      const ids: string[] = [];
      const times: string[] = [];
      for (let cursor = ''; ;) {
        const told = await as('CLINIC_ADMIN', `/audit?requestId=paged&limit=2${cursor}`);
        ids.push(...eventsIn(told).map(({ id }) => id));
        times.push(...eventsIn(told).map(({ recorded }) => String(recorded)));
        const { next } = told.body['page'] as { next?: string };
        if (next === undefined) break;
        cursor = `&cursor=${encodeURIComponent(next)}`;
      }
      expect(new Set(ids).size).toBe(5);
      expect(ids).toHaveLength(5);
      expect(times).toEqual(times.toSorted().toReversed());
      const oldest = eventsIn(await as('CLINIC_ADMIN', '/audit?requestId=paged&sort=recorded')).map(({ recorded }) => String(recorded));
      expect(oldest).toEqual(times.toReversed());
    });

    it('is for administrators of the clinic alone, and another clinic’s event is not there', async () => {
      const [event] = await audited('limit=1');
      const path = `/audit/${event?.id}`;
      expect((await as('SUPER_ADMIN', path)).status).toBe(200);
      expect((await as('CLINIC_ADMIN', path, {}, 'second')).status).toBe(404);
      const never = await as('CLINIC_ADMIN', '/audit/never-there', {}, 'second');
      const other = await as('CLINIC_ADMIN', path, {}, 'second');
      expect(other.text.replace(/"requestId":"[^"]*"/, '')).toBe(never.text.replace(/"requestId":"[^"]*"/, ''));
      const theirs = await audited('limit=1000', 'second');
      expect(theirs.map(({ id }) => id)).not.toContain(event?.id);
      for (const role of ['DOCTOR', 'NURSE', 'SUPPORT_STAFF', 'PATIENT'] as const)
        for (const at of ['/audit', path]) expect([role, (await as(role, at)).status]).toEqual([role, 403]);
      expect((await world.ask('/audit')).status).toBe(401);
      expect((await as('CLINIC_ADMIN', '/audit?nobody=1')).status).toBe(400);
      expect((await as('CLINIC_ADMIN', '/audit?from=yesterday')).status).toBe(400);
      expect((await as('CLINIC_ADMIN', path, { method: 'DELETE' })).status).toBe(405);
    });

    it('is audited when it is read', async () => {
      await as('CLINIC_ADMIN', '/audit?patient=private', withId('looking'));
      const [looked] = await audited('requestId=looking');
      expect(looked).toMatchObject({
        what: 'GET /audit',
        target: 'AuditEvent',
        patient: 'Patient/private',
        actor: { role: 'CLINIC_ADMIN' },
      });
    });

    it('is described', async () => {
      const { paths } = (await world.ask('/openapi.json')).body as { paths: Record<string, { get: { parameters: { name: string }[] } }> };
      expect(paths['/audit']?.get.parameters.map(({ name }) => name)).toEqual(expect.arrayContaining(['patient', 'requestId', 'cursor']));
      expect(paths['/audit/{id}']?.get).toMatchObject({ responses: { 200: expect.anything(), 404: expect.anything() } });
    });
  });

  describe('break-glass', () => {
    const PATH = '/fhir/R4/ClinicalImpression/restricted-note';

    it('shows what the role does not, and is told of with the reason: to the trail, and to the administrators', async () => {
      const before = await as('DOCTOR', PATH);
      expect(before.status).toBe(404);
      const plain = await as('DOCTOR', '/fhir/R4/ClinicalImpression/plain-note', withId('everyday'));
      expect(plain.status).toBe(200);
      const headers = { 'x-break-glass': REASON, 'x-request-id': 'glass-1' };
      expect((await as('DOCTOR', PATH, { headers })).body['id']).toBe('restricted-note');
      // Those within the hour need no reason.
      const later = await as('DOCTOR', '/fhir/R4/ClinicalImpression?patient=seen', withId('glass-2'));
      expect(idsIn(later).toSorted()).toEqual(['plain-note', 'restricted-note']);
      expect((await as('DOCTOR', PATH, { method: 'PUT', fhir: note('restricted-note', 'seen') })).status).toBeGreaterThanOrEqual(403);
      const doctor = world.person('demo', 'DOCTOR');
      const read = (await audited('requestId=glass-1&what=read'))[0];
      expect(read).toMatchObject({
        type: 'rest',
        purpose: 'BTG',
        reason: REASON,
        actor: { reference: doctor.fhirUser },
        patient: 'Patient/seen',
      });
      expect((await audited('requestId=glass-1&type=110127'))[0]).toMatchObject({ what: 'grant', purpose: 'BTG', reason: REASON });
      expect((await audited('requestId=glass-2'))[0]).toMatchObject({ what: 'search-type', purpose: 'BTG', reason: REASON });
      expect((await audited('requestId=everyday'))[0]).not.toHaveProperty('purpose');
      const asFhir = await as('CLINIC_ADMIN', `/fhir/R4/AuditEvent?subtype=${encodeURIComponent(BTG)}&agent=${doctor.fhirUser}`);
      expect(idsIn(asFhir)).toContain(read?.id);
      expect(asFhir.text).toContain(`"purposeOfEvent":[{"coding":[{"system":"${BTG.split('|')[0]}","code":"BTG"`);
      expect((await audited('purpose=BTG&limit=1000')).map(({ id }) => id).toSorted()).toEqual(
        idsIn(await as('CLINIC_ADMIN', `/fhir/R4/AuditEvent?subtype=${encodeURIComponent(BTG)}&_count=1000`)).toSorted(),
      );
      const alerts = await as('CLINIC_ADMIN', `/fhir/R4/Communication?category=alert&sender=${doctor.fhirUser}`);
      expect(alerts.body['entry']).toMatchObject([{ resource: { priority: 'urgent', payload: [{ contentString: REASON }] } }]);
      expect(idsIn(await as('CLINIC_ADMIN', '/fhir/R4/Communication?category=alert', {}, 'second'))).toEqual([]);
    });

    it('is an hour, and ends with it', async () => {
      const records = await openServedRecords(world);
      const [doctor, nurse] = [world.person('demo', 'DOCTOR'), world.person('demo', 'NURSE')];
      const granted = await records.get(EMERGENCY_GRANT, asClinicId('demo'), doctor.account);
      expect(granted?.value).toMatchObject({ reason: REASON, announced: true, until: Number(granted?.value.from) + 3_600_000 });
      // One that is in its last seconds.
      const until = Date.now() + 2500;
      const last = {
        id: 'g',
        account: nurse.account,
        subject: nurse.fhirUser,
        reason: 'no pulse',
        from: until - 3_600_000,
        until,
        announced: true,
      };
      expect((await records.insert(EMERGENCY_GRANT, asClinicId('demo'), nurse.account, last, { expiresAt: until })).ok).toBe(true);
      await records.close();
      while ((await as('NURSE', PATH)).status !== 200) expect(Date.now()).toBeLessThan(until);
      while ((await as('NURSE', PATH)).status !== 404) await wait(100);
      expect(Date.now()).toBeGreaterThanOrEqual(until);
      expect(idsIn(await as('NURSE', '/fhir/R4/ClinicalImpression?patient=seen'))).toEqual(['plain-note']);
    });

    it.each(['SUPER_ADMIN', 'LAB_TECHNICIAN', 'PATIENT'] as const)('is refused to %s, and that is told of', async (role) => {
      const headers = { 'x-break-glass': 'curious', 'x-request-id': `refused-${role}` };
      expect((await as(role, PATH, { headers })).status).toBe(403);
      expect((await as(role, '/audit', { headers })).status).toBe(403);
      const told = await audited(`requestId=refused-${role}&type=110127`);
      expect(told[0]).toMatchObject({ what: 'grant', outcome: 'minor-failure', actor: { role } });
    });

    it('is refused to systems, and without a reason', async () => {
      expect((await world.ask(PATH, { token: await world.systemToken(), ...glass('because I can') })).status).toBe(403);
      expect((await as('COUNSELOR', PATH, glass(' '))).status).toBe(400);
      expect((await as('COUNSELOR', PATH)).status).toBe(404);
    });

    it('is what a super administrator does who reads records', async () => {
      await as('SUPER_ADMIN', '/fhir/R4/ClinicalImpression/plain-note', withId('super-read'));
      await as('SUPER_ADMIN', '/fhir/R4/Patient/seen', withId('super-patient'));
      expect((await audited('requestId=super-read'))[0]).toMatchObject({ type: 'rest', purpose: 'BTG' });
      expect((await audited('requestId=super-patient'))[0]).not.toHaveProperty('purpose');
    });
  });

  sensitiveTests(() => ({ world, as, put }));
});

/** S1 and S2: what the scopes of an app let through, on the whole server; as far as the filter decides, clause by clause in smart-auth/access. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { allow, authorizeUrl, codeFor, proof, redeem, registerApp, tokensFor, type App } from './app.ts';
import { registerSystem, type System } from './systems.ts';
import type { Asked, Told } from './ask.ts';
import type { Person, ServedWorld } from './world.ts';

const FHIR = '/fhir/R4';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const VITAL = `category=${CATEGORY}|vital-signs`;

interface Setting {
  readonly world: ServedWorld;
  /** May do everything. */
  readonly system: string;
}

const observation = (id: string, subject: string, category = 'vital-signs'): object => ({
  ...{ resourceType: 'Observation', id, status: 'final', code: { text: id }, subject: { reference: subject } },
  category: [{ coding: [{ system: CATEGORY, code: category }] }],
});
const bundle = (type: 'batch' | 'transaction', entry: readonly object[]): Asked => ({ fhir: { resourceType: 'Bundle', type, entry } });
const get = (url: string): object => ({ request: { method: 'GET', url } });
const put = (resource: { readonly resourceType: string; readonly id: string }): object => ({
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  resource,
});
const patchOf = (path: string, value: unknown): Asked => ({
  ...{ method: 'PATCH', headers: { 'content-type': 'application/json-patch+json' } },
  raw: JSON.stringify([{ op: 'replace', path, value }]),
});

interface Bundle {
  readonly entry?: readonly { readonly resource?: { readonly id: string }; readonly response?: { readonly status: string } }[];
}
const idsIn = ({ body }: Told): (string | undefined)[] => ((body as Bundle).entry ?? []).map(({ resource }) => resource?.id);
const statusesIn = ({ body }: Told): (string | undefined)[] =>
  ((body as Bundle).entry ?? []).map(({ response }) => response?.status.slice(0, 3));

export function scopeTests(at: () => Setting): void {
  const ask = (path: string, token: unknown, asked: Asked = {}): Promise<Told> =>
    at().world.ask(path === '' ? FHIR : `${FHIR}/${path}`, { token: String(token), ...asked });
  const keep = async (resource: object): Promise<void> => {
    const { resourceType, id } = resource as { readonly resourceType: string; readonly id: string };
    const { status, text } = await ask(`${resourceType}/${id}`, at().system, { method: 'PUT', fhir: resource });
    if (status > 201) throw new Error(text);
  };
  patientTests(at, ask, keep);
  criteriaTests(at, ask, keep);
}

type AskFhir = (path: string, token: unknown, asked?: Asked) => Promise<Told>;
type Keep = (resource: object) => Promise<void>;

/** Of whoever asks about both patients, of whom the token is for `own`. */
const ABOUT_OTHER = [
  'Patient/s1-other',
  'Patient/s1-other/_history',
  'Patient/s1-other/_history/1',
  'Patient/s1-other/$everything',
  'Observation/s1-other',
  'Observation/s1-other/_history/1',
];
const SEARCHES = [
  'Observation?patient=s1-other',
  'Observation?subject=Patient/s1-other',
  'Patient?_id=s1-other&_revinclude=Observation:subject',
  'Observation?_id=s1-other&_include=Observation:subject',
  'Patient?_has:Observation:subject:_id=s1-other',
];

function patientTests(at: () => Setting, ask: AskFhir, keep: Keep): void {
  describe('S1: patient/ scopes', () => {
    let doctor: Person;
    let app: App;
    let own = '';
    beforeAll(async () => {
      const { world } = at();
      doctor = world.person('demo', 'DOCTOR');
      own = world.person('demo', 'PATIENT').fhirUser;
      app = await registerApp(world, { scope: 'launch offline_access patient/*.cruds user/*.cruds' });
      await keep({ resourceType: 'Patient', id: 's1-other' });
      await keep(observation('s1-own', own));
      await keep(observation('s1-other', 'Patient/s1-other'));
    });

    /** As an EHR opens an app on the record of a patient. */
    async function launched(scope: string, more: Record<string, string> = {}): Promise<Told> {
      const { world } = at();
      const asked = { token: doctor.token, json: { clientId: app.clientId, patient: own.split('/')[1] } };
      const { body, text } = await world.ask('/clinics/demo/launches', asked);
      if (typeof body['launch'] !== 'string') throw new Error(text);
      const shown = proof();
      const code = await codeFor(world, doctor, app, shown, { scope: `launch ${scope}`, launch: body['launch'], ...more });
      return redeem(world, app, code, shown, more);
    }

    it('S1: another patient is not there: by id, version, history, search, include, operation, bundle', async () => {
      const { access_token: token } = (await launched('patient/*.cruds')).body;
      const { access_token: wide } = await tokensFor(at().world, doctor, app, 'user/*.cruds');
      for (const path of ABOUT_OTHER) {
        expect([path, (await ask(path, wide)).status]).toEqual([path, 200]);
        expect([path, (await ask(path, token)).status]).toEqual([path, 404]);
      }
      for (const query of SEARCHES) {
        expect([query, idsIn(await ask(query, wide)).includes('s1-other')]).toEqual([query, true]);
        const told = await ask(`${query}&_total=accurate`, token);
        expect([query, told.status, told.body['total'], idsIn(told)]).toEqual([query, 200, 0, []]);
      }
      const compartment = await ask('Patient/s1-other/Observation', token);
      expect(idsIn(compartment)).toEqual([]);
      const entries = ABOUT_OTHER.slice(0, 3).map(get);
      expect(statusesIn(await ask('', token, bundle('batch', [get(own), ...entries])))).toEqual(['200', '404', '404', '404']);
      expect((await ask(own, token)).status).toBe(200);
      expect((await ask('Observation/s1-own', token)).status).toBe(200);
      expect(idsIn(await ask('Observation', token))).toContain('s1-own');
    });

    it('S1: another patient is not written about, nor is a record moved there', async () => {
      const { access_token: token } = (await launched('patient/*.cruds')).body;
      const fresh = (id: string, subject: string) => put(observation(id, subject) as { resourceType: string; id: string });
      const told = await ask('', token, bundle('transaction', [fresh('s1-new', own), fresh('s1-stray', 'Patient/s1-other')]));
      expect([403, 404]).toContain(told.status);
      for (const id of ['s1-new', 's1-stray']) expect((await ask(`Observation/${id}`, at().system)).status).toBe(404);
      expect((await ask('Observation/s1-own', token, patchOf('/subject/reference', 'Patient/s1-other'))).status).toBe(403);
      expect((await ask('Observation/s1-other', token, patchOf('/subject/reference', own))).status).toBe(404);
      expect((await ask('Observation/s1-other', token, { method: 'DELETE' })).status).not.toBe(200);
      expect((await ask('Observation/s1-other', at().system)).body).toMatchObject({ subject: { reference: 'Patient/s1-other' } });
      expect((await ask('', token, bundle('transaction', [fresh('s1-new', own)]))).status).toBe(200);
      expect((await ask('Observation/s1-own', token, patchOf('/code/text', 'changed'))).status).toBe(200);
    });

    it('S1: a record about another patient isn’t theirs for naming them as the one who did something', async () => {
      const { access_token: token } = (await launched('patient/*.cruds')).body;
      const other = 'Patient/s1-other';
      const by = { performer: [{ reference: own }] };
      const strange = { ...observation('s1-strange', other), ...by };
      const moved = { ...observation('s1-own', other), ...by };
      expect((await ask('Observation', token, { fhir: strange })).status).toBe(403);
      expect([403, 404]).toContain((await ask('Observation/s1-strange', token, { method: 'PUT', fhir: strange })).status);
      expect((await ask('Observation/s1-own', token, { method: 'PUT', fhir: moved })).status).toBe(403);
      const none = { 'if-none-exist': 'identifier=s1-none' };
      expect((await ask('Observation', token, { fhir: strange, headers: none })).status).toBe(403);
      const entry = { request: { method: 'POST', url: 'Observation' }, resource: strange };
      expect((await ask('', token, bundle('transaction', [entry]))).status).toBe(403);
      await keep(strange);
      for (const path of ['Observation/s1-strange', 'Observation/s1-strange/_history', 'Observation/s1-strange/_history/1'])
        expect([path, (await ask(path, token)).status]).toEqual([path, 404]);
      for (const query of ['Observation', `${own}/Observation`, `${own}/$everything`, `Observation?performer=${own}`])
        expect([query, idsIn(await ask(`${query}${query.includes('?') ? '&' : '?'}_count=100`, token)).includes('s1-strange')]).toEqual([
          query,
          false,
        ]);
      await ask('Observation/s1-strange', token, { method: 'DELETE' });
      await ask(`Observation?performer=${own}`, token, { method: 'DELETE' });
      expect((await ask('Observation/s1-strange', at().system)).body).toMatchObject({ subject: { reference: other } });
      expect((await ask('Observation', token, { fhir: { ...observation('s1-by', own), ...by } })).status).toBe(201);
    });

    it('S1: a patient books for themselves, with nobody else in the appointment', async () => {
      const patient = at().world.person('demo', 'PATIENT');
      const { access_token: token } = await tokensFor(at().world, patient, app, 'patient/*.cruds');
      const booked = (...who: readonly string[]): Asked => {
        const participant = who.map((reference) => ({ actor: { reference }, status: 'accepted' }));
        return { fhir: { resourceType: 'Appointment', status: 'proposed', participant } };
      };
      expect((await ask('Appointment', token, booked(own, 'Patient/s1-other'))).status).toBe(403);
      expect((await ask('Appointment', token, booked('Patient/s1-other'))).status).toBe(403);
      expect((await ask('Appointment', token, booked(own, doctor.fhirUser))).status).toBe(201);
    });

    it('S1: without a patient there is no token for them: no code until one is chosen, and none for a system', async () => {
      const { world } = at();
      const url = authorizeUrl(world, app, proof(), { scope: 'patient/*.rs' });
      await expect(allow(world, doctor, url)).rejects.toThrow('That did not work');
      const system = await registerSystem(world, 'demo', 'system/Patient.rs');
      expect((await system.ask('patient/Patient.rs system/Patient.rs')).body['scope']).toBe('system/Patient.rs');
      for (const scope of ['patient/*.rs', 'user/Patient.rs']) {
        expect([scope, (await system.ask(scope)).body['error']]).toEqual([scope, 'invalid_scope']);
      }
      expect((await ask(own, await system.token('system/Patient.rs'))).status).toBe(200);
      const { access_token: token } = (await launched('patient/*.rs')).body;
      expect((await ask(own, token)).status).toBe(200);
    });

    it('S1: two patients: a second one that is named on the way is passed over', async () => {
      const { body } = await launched('patient/*.rs', { patient: 's1-other' });
      expect(body['patient']).toBe(own.split('/')[1]);
      const { access_token: token } = body;
      const both = `${own.split('/')[1]},s1-other`;
      for (const query of [`Observation?patient=${both}`, `Observation?_id=s1-own,s1-other`, 'Observation?patient:missing=false']) {
        const ids = idsIn(await ask(query, token));
        expect([query, ids.includes('s1-own'), ids.includes('s1-other')]).toEqual([query, true, false]);
      }
      expect(idsIn(await ask(`Patient?_id=${both}`, token))).toEqual([own.split('/')[1]]);
      for (const headers of [{ 'x-patient': 's1-other' }, { 'x-fhir-patient': 'Patient/s1-other' }]) {
        expect((await ask('Patient/s1-other', token, { headers })).status).toBe(404);
      }
      // What the launch was for holds for the person who prepared it: no record that they may not see.
      const asked = { token: doctor.token, json: { clientId: app.clientId, patient: 'nowhere' } };
      expect((await at().world.ask('/clinics/demo/launches', asked)).status).toBe(422);
    });

    it('S1: no upgrade to user/: neither by the code, nor by a refresh, nor for a patient who asks for it', async () => {
      const { world } = at();
      const { body } = await launched('offline_access patient/*.rs', { scope: 'launch offline_access patient/*.rs' });
      expect(String(body['scope'])).not.toContain('user/');
      const shown = proof();
      const code = await codeFor(world, world.person('demo', 'PATIENT'), app, shown, { scope: 'patient/*.rs' });
      const upgraded = await redeem(world, app, code, shown, { scope: 'user/*.cruds' });
      expect(String(upgraded.body['scope'] ?? '')).not.toContain('user/');
      const refresh = (scope: string): Promise<Told> =>
        world.ask('/oauth2/token', {
          form: { grant_type: 'refresh_token', client_id: app.clientId, refresh_token: String(body['refresh_token']), scope },
        });
      for (const scope of ['user/*.rs', 'patient/*.rs user/Patient.rs', 'system/*.rs']) {
        expect((await refresh(scope)).body['error']).toBe('invalid_scope');
      }
      expect((await refresh('patient/Patient.r')).status).toBe(200);
      const { access_token: token } = await tokensFor(world, world.person('demo', 'PATIENT'), app, 'user/*.cruds');
      expect((await ask(own, token)).status).toBe(200);
      for (const path of ABOUT_OTHER) expect([path, (await ask(path, token)).status]).toEqual([path, 404]);
      for (const query of SEARCHES) expect([query, idsIn(await ask(query, token))]).toEqual([query, []]);
    });
  });
}

function criteriaTests(at: () => Setting, ask: AskFhir, keep: Keep): void {
  describe('S2: letters and criteria of scopes', () => {
    let system: System;
    const granted = (scope: string): Promise<string> => system.token(scope);
    beforeAll(async () => {
      system = await registerSystem(at().world, 'demo', 'system/*.cruds');
      await keep({ resourceType: 'Patient', id: 's2-patient', identifier: [{ system: 'urn:s2', value: 'one' }] });
      await keep(observation('s2-vital', 'Patient/s2-patient'));
      await keep(observation('s2-social', 'Patient/s2-patient', 'social-history'));
      await keep({
        ...{ resourceType: 'DiagnosticReport', id: 's2-report', status: 'final', code: { text: 'x' } },
        result: ['s2-vital', 's2-social'].map((id) => ({ reference: `Observation/${id}` })),
      });
    });

    it('S2: v1 and v2 mixed in a token add up, mixed in one scope are no scope', async () => {
      const token = await granted(`system/Patient.read system/Observation.rs?${VITAL}`);
      expect((await ask('Patient/s2-patient', token)).status).toBe(200);
      expect((await ask('Observation/s2-vital', token)).status).toBe(200);
      expect((await ask('Observation/s2-social', token)).status).toBe(404);
      for (const method of ['PUT', 'DELETE']) {
        const asked = { method, ...(method === 'PUT' ? { fhir: { resourceType: 'Patient', id: 's2-patient' } } : {}) };
        expect([method, (await ask('Patient/s2-patient', token, asked)).status]).toEqual([method, 403]);
      }
      const writes = await granted('system/Observation.write');
      expect((await ask('Observation/s2-vital', writes)).status).not.toBe(200);
      expect(idsIn(await ask('Observation', writes))).toEqual([]);
      for (const scope of [
        `system/Observation.read?${VITAL}`,
        'system/Observation.readc',
        'system/Observation.sr',
        'system/Observation.r.s',
      ]) {
        const { status, body } = await system.ask(scope);
        expect([scope, status, body['error']]).toEqual([scope, 400, 'invalid_scope']);
      }
    });

    it('S2: c without r: what was made is not read, found or told of', async () => {
      const token = await granted('system/Observation.c');
      const made = await ask('Observation', token, { fhir: observation('ignored', 'Patient/s2-patient') });
      expect(made.status).toBe(201);
      const key = new URL(made.headers.get('location') ?? '').pathname.split(`${FHIR}/`)[1]?.split('/_history')[0] ?? '';
      expect((await ask(key, at().system)).status).toBe(200);
      for (const path of [key, `${key}/_history`, `${key}/_history/1`, 'Observation/s2-vital']) {
        expect([path, (await ask(path, token)).status]).not.toEqual([path, 200]);
      }
      for (const query of ['Observation', 'Observation?_summary=count', `Observation?${VITAL}`]) {
        const told = await ask(query, token);
        expect([query, idsIn(told), told.body['total'] ?? 0]).toEqual([query, [], 0]);
      }
      const twice = { fhir: observation('ignored', 'Patient/s2-patient'), headers: { 'if-none-exist': VITAL } };
      expect([201, 403]).toContain((await ask('Observation', token, twice)).status);
      const over = { method: 'PUT', fhir: observation('s2-vital', 'Patient/s2-patient') };
      expect([403, 404]).toContain((await ask('Observation/s2-vital', token, over)).status);
      expect((await ask('Observation/s2-vital', at().system)).headers.get('etag')).toBe('W/"1"');
    });

    it('S2: criteria hold for read, history, search, includes, _has, chains, bundles, $everything', async () => {
      const rest = 'system/Patient.rs system/DiagnosticReport.rs';
      const [narrow, wide] = [await granted(`${rest} system/Observation.rs?${VITAL}`), await granted(`${rest} system/Observation.rs`)];
      const statuses = async (token: string): Promise<unknown[]> => {
        const paths = ['', '/_history', '/_history/1'].map((more) => `Observation/s2-social${more}`);
        const alone = await Promise.all(paths.map(async (path) => (await ask(path, token)).status));
        return [...alone, ...statusesIn(await ask('', token, bundle('batch', paths.map(get))))];
      };
      expect(await statuses(wide)).toEqual([200, 200, 200, '200', '200', '200']);
      expect(await statuses(narrow)).toEqual([404, 404, 404, '404', '404', '404']);
      for (const query of [
        'Observation?subject=Patient/s2-patient&_count=50',
        'Observation/_history?_count=50',
        'DiagnosticReport?_id=s2-report&_include=DiagnosticReport:result',
        'DiagnosticReport?_id=s2-report&_include=*',
        'Patient?_id=s2-patient&_revinclude=Observation:subject',
        'Patient/s2-patient/Observation?_count=50',
        'Patient/s2-patient/$everything?_count=50',
      ]) {
        const [told, all] = [idsIn(await ask(query, narrow)), idsIn(await ask(query, wide))];
        expect([query, told.includes('s2-vital'), told.includes('s2-social')]).toEqual([query, true, false]);
        expect([query, all.includes('s2-social')]).toEqual([query, true]);
      }
      for (const query of [
        `Patient?_id=s2-patient&_has:Observation:subject:category=${CATEGORY}|social-history`,
        'DiagnosticReport?_id=s2-report&result:Observation.category=social-history',
      ]) {
        expect([query, idsIn(await ask(query, narrow))]).toEqual([query, []]);
        expect([query, idsIn(await ask(query, wide)).length]).toEqual([query, 1]);
      }
      expect((await ask('$graphql', narrow, { json: { query: '{Observation(id:"s2-social"){id}}' } })).status).toBe(404);
    });

    it('S2: PATCH and PUT move nothing out of the criteria, nor into them', async () => {
      const token = await granted(`system/Patient.rs system/Observation.cruds?${VITAL}`);
      const code = '/category/0/coding/0/code';
      expect((await ask('Observation/s2-vital', token, patchOf(code, 'social-history'))).status).toBe(403);
      expect((await ask('Observation/s2-social', token, patchOf(code, 'vital-signs'))).status).toBe(404);
      const asked = (id: string, category: string) => ({ method: 'PUT', fhir: observation(id, 'Patient/s2-patient', category) });
      expect((await ask('Observation/s2-vital', token, asked('s2-vital', 'social-history'))).status).toBe(403);
      expect([403, 404]).toContain((await ask('Observation/s2-social', token, asked('s2-social', 'vital-signs'))).status);
      expect((await ask('Observation', token, { fhir: observation('x', 'Patient/s2-patient', 'social-history') })).status).toBe(403);
      const moved = put(observation('s2-social', 'Patient/s2-patient') as { resourceType: string; id: string });
      expect([403, 404]).toContain((await ask('', token, bundle('transaction', [moved]))).status);
      for (const [id, category] of [
        ['s2-vital', 'vital-signs'],
        ['s2-social', 'social-history'],
      ] as const) {
        const { body, headers } = await ask(`Observation/${id}`, at().system);
        expect([id, headers.get('etag'), JSON.stringify(body['category']).includes(category)]).toEqual([id, 'W/"1"', true]);
      }
      expect((await ask('Observation/s2-vital', token, patchOf('/code/text', 'changed'))).status).toBe(200);
    });
  });
}

/** T6, T7 and T9: writes that would reach across, and claims about whom one belongs to. */
import { describe, expect, it } from '@jest/globals';
import type { Asked } from '../ask.ts';
import { FHIR, namedBase, type Foreign, type Place } from './place.ts';
import { IDENTIFIERS } from './records.ts';

type Entry = Readonly<Record<string, unknown>>;

const bundle = (type: 'batch' | 'transaction', entry: readonly Entry[]): Asked => ({ fhir: { resourceType: 'Bundle', type, entry } });
const patient = (id: string, more: object = {}): object => ({ resourceType: 'Patient', id, ...more });
const put = (url: string, resource: object): Entry => ({ request: { method: 'PUT', url }, resource });

export function writingTests(at: () => Place): void {
  describe('T6: a bundle with URLs under the base of another clinic', () => {
    /** With an entry of one's own that would do alone. */
    const reaching = (x: Foreign, n: number): readonly Entry[][] => {
      const own = put(`Patient/aa-own-${n}`, patient(`aa-own-${n}`));
      const url = `${at().world.url}${namedBase(x)}/Patient/${x}-patient`;
      return [
        [own, put(url, patient(`${x}-patient`))],
        [own, { request: { method: 'GET', url } }],
        [own, { request: { method: 'DELETE', url } }],
        [own, put(`..${namedBase(x)}/Patient/${x}-patient`, patient(`${x}-patient`))],
        [own, put(`${namedBase(x)}/Patient/${x}-patient`, patient(`${x}-patient`))],
        [own, put(`//${new URL(at().world.url).host}${namedBase(x)}/Patient/${x}-patient`, patient(`${x}-patient`))],
      ];
    };

    it('is rejected as a whole', async () => {
      const before = await at().otherVersions();
      for (const [n] of reaching('bb', 0).entries()) {
        const told = await at().alike((x) => ({ path: FHIR, ...bundle('transaction', reaching(x, n)[n] as Entry[]) }));
        expect([n, told.status >= 400]).toEqual([n, true]);
        expect((await at().ask(`Patient/aa-own-${n}`)).status).toBe(404);
      }
      expect((await at().ask(FHIR, bundle('transaction', [put('Patient/aa-own', patient('aa-own'))]))).status).toBe(200);
      expect(await at().otherVersions()).toBe(before);
    });

    it('in a batch, does nothing to that clinic', async () => {
      const before = await at().otherVersions();
      for (const [n] of reaching('bb', 0).entries()) {
        await at().alike((x) => ({ path: FHIR, ...bundle('batch', (reaching(x, n)[n] as Entry[]).slice(1)) }));
      }
      expect(await at().otherVersions()).toBe(before);
    });

    it('its entries read and change what a request of its own would', async () => {
      const entries = (x: string): Entry[] => [
        { request: { method: 'GET', url: `Patient/${x}-patient` } },
        { request: { method: 'GET', url: `Patient?name=${x}-name` } },
        { request: { method: 'GET', url: `Patient/${x}-patient/_history/1` } },
        { request: { method: 'PATCH', url: `Patient/${x}-patient` }, resource: { resourceType: 'Parameters', parameter: [] } },
        { request: { method: 'DELETE', url: `Patient/${x}-patient` } },
      ];
      const before = await at().otherVersions();
      for (const [n] of entries('').entries()) {
        await at().alike((x) => ({ path: FHIR, ...bundle('batch', [entries(x)[n] as Entry]) }));
        await at().alike((x) => ({ path: FHIR, ...bundle('transaction', [entries(x)[n] as Entry]) }));
      }
      const own = await at().ask(FHIR, bundle('batch', entries('aa').slice(0, 3)));
      expect(own.text.match(/"status":"200 OK"/g)).toHaveLength(3);
      expect(await at().otherVersions()).toBe(before);
    });

    it('forged names of a clinic are passed over', async () => {
      const plain = await at().ask('Patient?name:contains=-name&_sort=_id&_total=accurate', { headers: { 'x-request-id': 'forged' } });
      for (const name of ['x-tenant-id', 'x-tenant', 'x-clinic', 'x-clinic-id', 'x-original-url', 'x-forwarded-prefix', 'x-rewrite-url']) {
        const headers = { 'x-request-id': 'forged', [name]: name.includes('url') ? `${namedBase('bb')}/Patient/bb-patient` : 'second' };
        const told = await at().ask('Patient?name:contains=-name&_sort=_id&_total=accurate', { headers });
        expect([name, told.status, told.text]).toEqual([name, 200, plain.text]);
        expect((await at().ask('Patient/bb-patient', { headers })).status).toBe(404);
      }
      for (const query of ['_clinic=second', 'clinic=second', 'tenant=second']) {
        expect((await at().ask(`Patient?${query}`)).status).toBe(400);
        const lenient = await at().ask(`Patient?${query}&_id=bb-patient`, { headers: { prefer: 'handling=lenient' } });
        expect([query, lenient.status, lenient.text.includes('bb-name')]).toEqual([query, 200, false]);
      }
    });

    it('a resource that says it belongs to another clinic is the writer’s own', async () => {
      const meta = {
        tag: [
          { system: 'https://nadi.example/fhir/CodeSystem/clinic', code: 'second' },
          { system: 'urn:t', code: 'bb-tag' },
        ],
        security: [{ system: 'urn:s', code: 'bb-label' }],
        source: 'urn:bb-source',
      };
      const theirs = () => at().idsOf('Patient?_tag=urn:t|bb-tag&_security=urn:s|bb-label&_source=urn:bb-source', at().tokens.second);
      const before = await theirs();
      expect((await at().ask('Patient/aa-forged', { method: 'PUT', fhir: patient('aa-forged', { meta }) })).status).toBe(201);
      expect(await at().idsOf('Patient?_tag=urn:t|bb-tag')).toEqual(['aa-forged']);
      expect(await theirs()).toEqual(before);
      expect((await at().ask('Patient/aa-forged', { method: 'DELETE' })).status).toBe(204);
    });

    it('PUT on an id that another clinic uses makes one’s own', async () => {
      const before = await at().otherVersions();
      const wanted = (x: Foreign, more: Asked = {}) => ({ path: `Patient/${x}-put`, method: 'PUT', fhir: patient(`${x}-put`), ...more });
      for (const header of ['W/"1"', 'W/"2"']) await at().alike((x) => wanted(x, { headers: { 'if-match': header } }));
      const told = await at().alike((x) => wanted(x, { headers: { 'if-none-match': '*' } }));
      expect([told.status, told.headers.get('etag')]).toEqual([201, 'W/"1"']);
      expect((await at().alike((x) => ({ path: `Patient/${x}-put/_history` }))).status).toBe(200);
      expect(await at().idsOf('Patient/bb-put/_history')).toHaveLength(1);
      expect(await at().otherVersions()).toBe(before);
    });
  });

  conditionTests(at);
  claimTests(at);
}

function conditionTests(at: () => Place): void {
  const criteria = (x: string, n: number): string => `identifier=urn:mrn|${x}-mrn-${n}`;
  const fresh = (x: string): object => ({ resourceType: 'Patient', name: [{ family: `${x}-conditional` }] });
  const CONDITIONAL: readonly ((x: string, n: number) => Asked & { readonly path: string })[] = [
    (x, n) => ({ path: 'Patient', fhir: fresh(x), headers: { 'if-none-exist': criteria(x, n) } }),
    (x, n) => ({ path: `Patient?${criteria(x, n)}`, method: 'PUT', fhir: fresh(x) }),
    (x, n) => ({ path: `Patient?${criteria(x, n)}`, method: 'DELETE' }),
    (x, n) => ({ path: `Patient?${criteria(x, n)}`, method: 'PATCH', fhir: { resourceType: 'Parameters', parameter: [] } }),
    (x, n) => ({
      path: FHIR,
      ...bundle('transaction', [{ request: { method: 'POST', url: 'Patient', ifNoneExist: criteria(x, n) }, resource: fresh(x) }]),
    }),
    (x, n) => ({
      path: FHIR,
      ...bundle('transaction', [
        {
          request: { method: 'POST', url: 'Observation' },
          resource: {
            ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
            subject: { reference: `Patient?${criteria(x, n)}` },
          },
        },
      ]),
    }),
  ];

  describe('T7: conditions that match what another clinic holds', () => {
    it('behave as without a match', async () => {
      expect(CONDITIONAL).toHaveLength(IDENTIFIERS);
      const before = await at().otherVersions();
      const statuses: number[] = [];
      for (const [n, make] of CONDITIONAL.entries()) statuses.push((await at().alike((x) => make(x, n))).status);
      expect(statuses).toEqual([201, 201, 204, 404, 200, 422]);
      expect(await at().otherVersions()).toBe(before);
    });

    it('match one’s own', async () => {
      const told = await Promise.all([0, 5].map((n) => at().ask(...asked(CONDITIONAL[n]?.('aa', n)))));
      expect(told.map(({ status }) => status)).toEqual([200, 200]);
      expect(await at().idsOf('Patient?name=aa-conditional')).toEqual([]);
    });
  });
}

const asked = ({ path, ...rest }: Asked & { readonly path: string } = { path: '' }): [string, Asked] => [path, rest];

function claimTests(at: () => Place): void {
  describe('T9: a patient who claims to be, or to be trusted by, another one', () => {
    it('a forged link and a forged Consent open nothing', async () => {
      const { token, fhirUser } = at().world.person('demo', 'PATIENT');
      const others = ['aa-patient', 'bb-patient', 'shared'];
      const own = (await at().ask(fhirUser, { token })).body;
      expect(own).toMatchObject({ resourceType: 'Patient' });
      const link = others.map((id) => ({ other: { reference: `Patient/${id}` }, type: 'replaces' }));
      expect((await at().ask(fhirUser, { token, method: 'PUT', fhir: { ...own, link } })).status).toBe(200);
      const consent = (subject: string) => ({
        ...{ resourceType: 'Consent', status: 'active', dateTime: '2026-01-01', patient: { reference: subject } },
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
        category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
        policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
        provision: {
          type: 'permit',
          actor: [{ role: { coding: [{ code: 'IRCP' }] }, reference: { reference: fhirUser } }],
          data: others.map((id) => ({ meaning: 'instance', reference: { reference: `Patient/${id}` } })),
        },
      });
      expect((await at().ask('Consent', { token, fhir: consent(fhirUser) })).status).toBe(201);
      for (const id of others) expect((await at().ask('Consent', { token, fhir: consent(`Patient/${id}`) })).status).toBe(403);
      for (const id of others) {
        for (const path of [`Patient/${id}`, `Patient/${id}/$everything`, `Patient/${id}/Observation`]) {
          expect([path, (await at().ask(path, { token })).status]).toEqual([path, 404]);
        }
        expect((await at().ask(`Observation?patient=${id}`, { token })).body['entry'] ?? []).toEqual([]);
      }
      const all = await at().idsOf(`${fhirUser}/$everything`, token);
      expect(all).toContain(fhirUser.split('/')[1]);
      expect(all.filter((id) => others.includes(id))).toEqual([]);
      const included = await at().idsOf(`Patient?_id=${fhirUser.split('/')[1]}&_include=*&_revinclude=*`, token);
      expect(included.filter((id) => others.includes(id))).toEqual([]);
    });

    it('what such a patient writes about another one is refused, and about themselves is kept', async () => {
      const { token, fhirUser } = at().world.person('demo', 'PATIENT');
      const appointment = (subject: string) => ({
        ...{ resourceType: 'Appointment', status: 'proposed' },
        participant: [{ actor: { reference: subject }, status: 'accepted' }],
      });
      expect((await at().ask('Appointment', { token, fhir: appointment(fhirUser) })).status).toBe(201);
      expect((await at().ask('Appointment', { token, fhir: appointment('Patient/aa-patient') })).status).toBe(403);
      const before = await at().otherVersions();
      expect((await at().ask('Appointment', { token, fhir: appointment('Patient/bb-patient') })).status).toBe(403);
      expect(await at().otherVersions()).toBe(before);
    });
  });
}

/** T1 and T10: what is reached by an id. */
import { describe, expect, it } from '@jest/globals';
import { registerApp, tokensFor } from '../app.ts';
import type { Asked } from '../ask.ts';
import { FHIR, namedBase, type Foreign, type Place } from './place.ts';

const patch = [{ op: 'replace', path: '/birthDate', value: '1999-09-09' }];
const PATCH: Asked = { method: 'PATCH', raw: JSON.stringify(patch), headers: { 'content-type': 'application/json-patch+json' } };

/** By the id of a resource, `x` its prefix. */
const ATTEMPTS: readonly (readonly [path: (x: string) => string, asked?: Asked])[] = [
  [(x) => `Patient/${x}-patient`],
  [(x) => `Patient/${x}-patient`, { method: 'HEAD' }],
  [(x) => `Patient/${x}-patient?_summary=true`],
  [(x) => `Patient/${x}-patient`, { headers: { 'if-none-match': 'W/"1"' } }],
  [(x) => `Patient/${x}-patient`, { headers: { 'if-none-match': 'W/"2"' } }],
  [(x) => `Patient/${x}-gone`],
  [(x) => `Patient/${x}-gone/_history`],
  [(x) => `Patient/${x}-patient/_history`],
  [(x) => `Patient/${x}-patient/_history?_count=1`],
  ...[1, 2, 3].map((n) => [(x: string) => `Patient/${x}-patient/_history/${n}`] as const),
  [(x) => `Patient/${x}-patient/Observation`],
  [(x) => `Patient/${x}-patient/*`],
  [(x) => `Patient/${x}-patient`, PATCH],
  ...[1, 2, 3].map(
    (n) => [(x: string) => `Patient/${x}-patient`, { ...PATCH, headers: { ...PATCH.headers, 'if-match': `W/"${n}"` } }] as const,
  ),
  [(x) => `Patient/${x}-patient`, { method: 'DELETE' }],
  [(x) => `Patient/${x}-patient`, { method: 'DELETE', headers: { 'if-match': 'W/"2"' } }],
];

export function readingTests(at: () => Place): void {
  describe('T1: an id of another clinic', () => {
    const tokens = (): string[] => [
      at().tokens.demo,
      ...(['DOCTOR', 'CLINIC_ADMIN', 'SUPER_ADMIN', 'PATIENT'] as const).map((role) => at().world.person('demo', role).token),
    ];

    it('is answered as an id that is nowhere: read, vread, history, compartment, patch, delete, by whoever asks', async () => {
      const before = await at().otherVersions();
      for (const token of tokens()) {
        for (const [path, asked = {}] of ATTEMPTS) await at().alike((x) => ({ path: path(x), token, ...asked }));
      }
      expect(await at().otherVersions()).toBe(before);
    });

    it('under the base that names the clinic, is answered as under a clinic that is nowhere', async () => {
      const before = await at().otherVersions();
      for (const token of tokens().filter((one) => one !== at().world.person('demo', 'SUPER_ADMIN').token)) {
        for (const [path, asked = {}] of ATTEMPTS) {
          const told = await at().alike((x) => ({ path: `${namedBase(x)}/${path(x)}`, token, ...asked }));
          expect(told.status).toBe(404);
        }
      }
      expect(await at().otherVersions()).toBe(before);
    });

    it('is 404 where a read is meant, and one’s own is read under both bases', async () => {
      for (const path of ['Patient/bb-patient', 'Patient/bb-patient/_history', 'Patient/bb-patient/_history/1', 'Binary/bb-file']) {
        expect((await at().ask(path)).status).toBe(404);
        expect((await at().askOther(path)).status).toBe(200);
      }
      for (const base of [FHIR, `/clinics/demo${FHIR}`]) {
        expect((await at().ask(`${base}/Patient/aa-patient`)).text).toContain('aa-name');
        expect(await at().idsOf(`${base}/Patient/aa-patient/_history`)).toHaveLength(1);
      }
      expect(await at().idsOf('Patient/bb-patient/_history', at().tokens.second)).toHaveLength(2);
      expect((await at().ask('Patient/aa-patient', { headers: { 'if-none-match': 'W/"1"' } })).status).toBe(304);
      expect((await at().ask('Patient/aa-put', { ...PATCH, headers: { ...PATCH.headers, 'if-match': 'W/"1"' } })).status).toBe(200);
      expect((await at().ask('Patient/aa-put', { method: 'DELETE' })).status).toBe(204);
    });

    it('who works in all clinics reads it under the name of the clinic, and under no other', async () => {
      const { token } = at().world.person('demo', 'SUPER_ADMIN');
      const there = (id: string) => at().world.ask(`${namedBase('bb')}/Patient/${id}`, { token, headers: { 'x-request-id': 'allowed' } });
      expect((await there('bb-patient')).text).toContain('bb-name');
      expect((await there('aa-patient')).status).toBe(404);
      expect((await at().ask('Patient/bb-patient', { token })).status).toBe(404);
    });

    it('an app of theirs works in the clinic in which it was let in, and in no other', async () => {
      const { world } = at();
      const admin = world.person('demo', 'SUPER_ADMIN');
      const token = String((await tokensFor(world, admin, await registerApp(world), 'user/*.cruds'))['access_token']);
      const told = async (path: string): Promise<[number, number]> => [
        (await world.ask(path, { token })).status,
        (await world.ask(path, { token: admin.token, headers: { 'x-request-id': 'allowed' } })).status,
      ];
      expect(await told('/fhir/R4/Patient/aa-patient')).toEqual([200, 200]);
      expect(await told(`${namedBase('bb')}/Patient/bb-patient`)).toEqual([404, 200]);
      expect(await told('/clinics/demo/staff')).toEqual([200, 200]);
      expect(await told('/clinics/second/staff')).toEqual([404, 200]);
    });

    it('the clinic’s own routes outside FHIR are not there either', async () => {
      const { token } = at().world.person('demo', 'CLINIC_ADMIN');
      const { account } = at().world.person('second', 'DOCTOR');
      const routes = (clinic: string): Asked & { readonly paths: readonly string[] } => ({
        token,
        paths: ['', '/apps', '/locations', '/settings', '/staff'].map((rest) => `/clinics/${clinic}${rest}`),
      });
      for (const path of routes('demo').paths.slice(0, 3)) expect((await at().ask(path, { token })).status).toBe(200);
      for (const [i] of routes('demo').paths.entries()) {
        const told = await at().alike((x) => ({ token, path: routes(x === 'bb' ? 'second' : 'nobody').paths[i] as string }));
        expect(told.status).toBe(404);
      }
      const nowhere = '00000000-0000-7000-8000-000000000000';
      for (const asked of [{ token }, { token, method: 'DELETE' }, { token, method: 'PUT', json: { givenName: 'X' } }]) {
        const told = await at().alike((x) => ({ ...asked, path: `/users/${x === 'bb' ? account : nowhere}` }));
        expect(told.status).toBeGreaterThanOrEqual(400);
      }
    });
  });

  reuseTests(at);
}

function reuseTests(at: () => Place): void {
  describe('T10: an id that two clinics use in turn', () => {
    it('has a history in each, and no more', async () => {
      const put = (x: Foreign | 'aa', n: number): Asked => ({
        method: 'PUT',
        fhir: { resourceType: 'Patient', id: 'reused', name: [{ family: `${x}-reused-${n}` }] },
      });
      const path = 'Patient/reused';
      expect((await at().ask(path, put('aa', 1))).status).toBe(201);
      expect((await at().ask(path, put('aa', 2))).status).toBe(200);
      expect((await at().ask(path, { method: 'DELETE' })).status).toBe(204);
      const before = await at().ask(`${path}/_history`);
      expect(await at().idsOf(`${path}/_history`)).toHaveLength(3);
      const fresh = await at().askOther(path, put('bb', 1));
      expect([fresh.status, fresh.headers.get('etag')]).toEqual([201, 'W/"1"']);
      expect((await at().ask(`${path}/_history`)).text).toBe(before.text);
      expect((await at().ask(path)).status).toBe(410);
      for (const [version, status] of [
        [1, 200],
        [2, 200],
        [3, 410],
        [4, 404],
      ] as const) {
        const told = await at().ask(`${path}/_history/${version}`);
        expect([version, told.status]).toEqual([version, status]);
        expect(told.text).not.toContain('bb-reused');
      }
      expect(await at().idsOf(`${path}/_history`, at().tokens.second)).toHaveLength(1);
      expect((await at().askOther(`${path}/_history`)).text).not.toContain('aa-reused');
      expect((await at().askOther(`${path}/_history/2`)).status).toBe(404);
      const back = await at().ask(path, put('aa', 4));
      expect(back.headers.get('etag')).toBe('W/"4"');
      expect((await at().askOther(path)).text).toContain('bb-reused-1');
      expect((await at().askOther(path, { method: 'DELETE' })).status).toBe(204);
      expect((await at().ask(path)).text).toContain('aa-reused-4');
      expect((await at().ask('Patient?family=bb-reused-1&_summary=count')).body).toMatchObject({ total: 0 });
    });
  });
}

/** T4, T5 and T8: what is handed out by one clinic and brought to another, and operations. */
import { describe, expect, it } from '@jest/globals';
import type { Asked } from '../ask.ts';
import { FHIR, namedBase, type Place } from './place.ts';

const cursorIn = (body: Readonly<Record<string, unknown>>): string => {
  const links = (body['link'] ?? []) as readonly { readonly relation: string; readonly url: string }[];
  const next = links.find(({ relation }) => relation === 'next')?.url ?? '';
  return new URL(next).searchParams.get('_cursor') ?? '';
};

/** Walks that have a next page. */
const WALKS = ['Observation?_count=1', 'Patient/_history?_count=1', '_history?_count=2', 'Patient/shared/$everything?_count=1'];

export function reachingTests(at: () => Place): void {
  describe('T4: what another clinic was handed', () => {
    it.each(WALKS)('a cursor of %s is answered as one that nobody was given', async (walk) => {
      const own = cursorIn((await at().ask(walk)).body);
      const theirs = cursorIn((await at().askOther(walk)).body);
      expect((await at().ask(`${walk}&_cursor=${own}`)).status).toBe(200);
      const forged = theirs.replace(/^.{9}/, 'AAAAAAAAA');
      const told = await at().alike((x) => ({ path: `${walk}&_cursor=${x === 'bb' ? theirs : forged}` }));
      expect(told.status).toBe(400);
      // Nor is it good for another caller of the same clinic.
      const { token } = at().world.person('demo', 'CLINIC_ADMIN');
      const other = await at().alike((x) => ({ token, path: `${walk}&_cursor=${x === 'bb' ? own : forged}` }));
      expect(other.status).toBe(400);
    });

    it('the URL of a Binary', async () => {
      expect((await at().ask('Binary/aa-file')).status).toBe(200);
      expect((await at().alike((x) => ({ path: `Binary/${x}-file` }))).status).toBe(404);
      // Its content alone isn't served yet; once it is, this is 404 as well.
      const told = await at().alike((x) => ({ path: `Binary/${x}-file`, headers: { accept: 'image/png' } }));
      expect(told.status).toBe(406);
    });

    it('what is remembered of a token: it opens its own clinic alone, however often it was seen', async () => {
      for (const token of [at().tokens.demo, at().world.person('demo', 'DOCTOR').token]) {
        for (let round = 0; round < 3; round++) {
          expect((await at().ask(`/clinics/demo${FHIR}/Patient/shared`, { token })).text).toContain('aa-shared');
          expect((await at().ask('Patient/shared', { token })).text).toContain('aa-shared');
          expect((await at().ask(`${namedBase('bb')}/Patient/shared`, { token })).status).toBe(404);
        }
      }
      expect((await at().askOther('Patient/shared')).text).toContain('bb-shared');
    });

    it('a key under which another clinic was answered', async () => {
      const invite = async (clinic: 'demo' | 'second', email: string) => {
        const { token } = at().world.person(clinic, 'CLINIC_ADMIN');
        const json = { givenName: 'Key', email, role: 'NURSE' };
        return at().world.ask('/users', { token, json, headers: { 'idempotency-key': 'the-same-key' } });
      };
      const theirs = await invite('second', 'key@second.test');
      const ours = await invite('demo', 'key@demo.test');
      expect([theirs.status, ours.status]).toEqual([201, 201]);
      expect(ours.body['id']).not.toBe(theirs.body['id']);
      expect((await invite('demo', 'key@demo.test')).body['id']).toBe(ours.body['id']);
    });
  });

  describe('T5: operations across the wall', () => {
    it.each([
      (x: string) => `Patient/${x}-patient/$everything`,
      (x: string) => `Patient/${x}-patient/$everything?_count=1&_type=Observation`,
      (x: string) => `Encounter/${x}-visit/$everything`,
    ])('$everything of another clinic’s', async (path) => {
      for (const token of [at().tokens.demo, at().world.person('demo', 'DOCTOR').token]) {
        expect((await at().idsOf(path('aa'), token)).length).toBeGreaterThan(0);
        expect((await at().alike((x) => ({ path: path(x), token }))).status).toBe(404);
      }
      const parameters = { fhir: { resourceType: 'Parameters', parameter: [{ name: '_count', valueInteger: 5 }] } };
      expect((await at().ask(path('aa').replace(/\?.*/, ''), parameters)).status).toBe(200);
      expect((await at().alike((x) => ({ path: path(x).replace(/\?.*/, ''), ...parameters }))).status).toBe(404);
    });

    it('$everything of all, and of an id that both have, holds one’s own', async () => {
      for (const path of ['Patient/$everything?_count=20', 'Patient/shared/$everything', 'Encounter/shared-visit/$everything']) {
        const ids = await at().idsOf(path);
        expect([path, ids.length > 1, ids.filter((id) => id.startsWith('bb-'))]).toEqual([path, true, []]);
        expect((await at().ask(path)).text).not.toMatch(/bb-(name|note|shared|code)"/);
      }
      expect((await at().askOther('Patient/shared/$everything')).text).toContain('bb-note');
    });
  });

  absentTests(at);
}

/**
 * What T4, T5 and T8 name and this server hasn't: GraphQL, exports and their jobs and files, $graph, $match, $lastn, $diff,
 * ViewDefinition, topics and their sockets, webhooks, CDS hooks. Whoever builds one of them finds this test failing, and
 * adds the twins of its line: another clinic's id, node, job, file, token or event, and an owner who lost access.
 */
const ABSENT: readonly string[] = [
  ...['$graphql', 'Patient/aa-patient/$graphql', '$export', 'Patient/$export', 'Group/aa-group/$export', '$import'],
  ...['Patient/aa-patient/$graph', 'Patient/$match', 'Observation/$lastn', 'Patient/aa-patient/$diff', '$diff', 'Patient/$merge'],
  ...['ViewDefinition', 'ViewDefinition/$run', 'ViewDefinition/aa/$run', 'SubscriptionTopic', 'SubscriptionStatus'],
  ...['Subscription/aa/$status', 'Subscription/$status', 'Subscription/aa/$events', 'Subscription/$get-ws-binding-token'],
  ...['Patient/aa-patient/$summary', 'Composition/aa/$document'],
];
const ABSENT_ELSEWHERE: readonly string[] = [
  ...['/cds-services', '/cds-services/any', '/webhooks', '/clinics/demo/webhooks', '/socket.io/', '/ws', '/graphql'],
  ...['/jobs', '/jobs/1', '/clinics/demo/jobs', '/exports/1', '/files/1', '/clinics/demo/exports'],
];

function absentTests(at: () => Place): void {
  describe('T4, T5, T8: what isn’t served yet', () => {
    const asks: readonly Asked[] = [{}, { fhir: { resourceType: 'Parameters' } }];

    it.each(ABSENT)('%s is as unknown as any other path', async (path) => {
      for (const asked of asks) expect([404, 405]).toContain((await at().ask(path, asked)).status);
    });

    it.each(ABSENT_ELSEWHERE)('%s is as unknown as any other path', async (path) => {
      const { token } = at().world.person('demo', 'SUPER_ADMIN');
      for (const asked of asks) expect((await at().ask(path, { token, ...asked })).status).toBe(404);
    });

    it('T5: every operation that is told of has its tests here', async () => {
      const { body } = await at().ask('metadata');
      const [rest] = body['rest'] as { operation?: unknown; resource: { type: string; operation?: { name: string }[] }[] }[];
      const told = rest?.resource.flatMap(({ type, operation = [] }) => operation.map(({ name }) => `${type} ${name}`));
      expect([rest?.operation ?? [], told?.sort()]).toEqual([[], ['Encounter everything', 'Patient everything']]);
    });

    it('T8: a Subscription is kept and nobody turns it on', async () => {
      const subscription = {
        ...{ resourceType: 'Subscription', id: 'aa-all', status: 'requested', reason: 'all', criteria: 'Patient?' },
        channel: { type: 'rest-hook', endpoint: 'https://aa.example/hook' },
      };
      expect((await at().ask('Subscription/aa-all', { method: 'PUT', fhir: subscription })).status).toBe(201);
      await at().askOther('Patient/bb-put', { method: 'PUT', fhir: { resourceType: 'Patient', id: 'bb-put' } });
      const { body } = await at().ask('Subscription/aa-all');
      expect(body).toMatchObject({ status: 'requested', meta: { versionId: '1' } });
      expect((await at().askOther('Subscription/aa-all')).status).toBe(404);
    });

    it('T8: who has left the clinic is told nothing more', async () => {
      const { world } = at();
      const { token: admin } = world.person('demo', 'CLINIC_ADMIN');
      const { account, token } = world.person('demo', 'THERAPIST');
      expect((await at().ask('Patient/aa-patient', { token })).status).toBe(200);
      expect((await at().ask(`/users/${account}/clinics/demo`, { token: admin, method: 'DELETE' })).status).toBe(204);
      expect((await at().ask('Patient/aa-patient', { token })).status).toBe(401);
      expect((await at().ask('Patient/aa-patient', { token: admin })).status).toBe(200);
    });
  });
}

/** What is written matches the access filter before and after, whatever happens in between. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { and, not, or, type Node } from '../../../src/fhir/search/ast.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { identified, observation } from '../samples.ts';
import { askerOf, filterOf, JSON_PATCH, refersTo, token, type Answered, type Ask, type Rules } from './ask.ts';

const about = (id: string): object => ({ subject: { reference: `Patient/${id}` } });
const labelled = (...codes: string[]): object => ({ meta: { security: codes.map((code) => ({ system: 'urn:label', code })) } });
const RESTRICTED = token('_security', 'urn:label', 'R');

/** Observations of one's own; those of the clinic but for the labelled ones; those of patients that one treats. */
const OWN: Rules = { Observation: refersTo('subject', 'Patient', 'me') };
const UNLABELLED: Rules = { Observation: not(RESTRICTED), Patient: 'all' };
const TREATS: Node = { op: 'has', type: 'Encounter', param: 'subject', where: refersTo('participant', 'Practitioner', 'me') };
const TREATED: Rules = {
  Patient: { read: TREATS, search: TREATS, update: TREATS, create: TREATS },
  Encounter: refersTo('participant', 'Practitioner', 'me'),
  Observation: { op: 'chain', param: 'subject', type: 'Patient', where: TREATS },
};
const encounter = (subject: string, practitioner: string, id?: string): object => ({
  resourceType: 'Encounter',
  ...(id === undefined ? {} : { id }),
  status: 'in-progress',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: subject },
  participant: [{ individual: { reference: `Practitioner/${practitioner}` } }],
});
const replace = (path: string, value: unknown): object => [{ op: 'replace', path, value }];

onEachStore('writing under an access filter', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let as: (rules: Rules) => Ask;
  let count = 0;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    const asker = askerOf(app);
    as = (rules) => asker(filterOf(rules));
    for (const id of ['me', 'other']) await fhir.put(`Patient/${id}`, identified(id, { id })).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const stored = async (more: object): Promise<string> => {
    const id = `o-${count++}`;
    await fhir.put(`Observation/${id}`, observation({ id, ...more })).expect(201);
    return id;
  };
  const versionOf = async (id: string): Promise<string> => (await fhir.get(`Observation/${id}`).expect(200)).body.meta.versionId;
  const total = async (query: string): Promise<number> => (await fhir.get(`${query}&_summary=count`).expect(200)).body.total;

  it('creates within the caller’s own compartment only', async () => {
    const ask = as(OWN);
    expect((await ask('POST', 'Observation', observation(about('me')))).status).toBe(201);
    const before = await total('Observation?subject=Patient/other');
    for (const body of [about('other'), {}, { subject: { reference: 'Group/me' } }, { subject: { identifier: { value: 'me' } } }]) {
      expect((await ask('POST', 'Observation', observation(body))).status).toBe(403);
      expect((await ask('PUT', 'Observation/new', observation({ id: 'new', ...body }))).status).toBe(403);
      expect((await ask('PUT', 'Observation?status=unknown', observation(body))).status).toBe(403);
      expect((await ask('POST', 'Observation', observation(body), { 'if-none-exist': 'status=unknown' })).status).toBe(403);
    }
    expect(await total('Observation?subject=Patient/other')).toBe(before);
    await fhir.get('Observation/new').expect(404);
  });

  it('moves nothing out of the compartment, and nothing foreign into it', async () => {
    const ask = as(OWN);
    const [own, foreign] = [await stored(about('me')), await stored(about('other'))];
    expect((await ask('PATCH', `Observation/${own}`, replace('/subject/reference', 'Patient/other'), JSON_PATCH)).status).toBe(403);
    expect((await ask('PUT', `Observation/${own}`, observation({ id: own, ...about('other') }))).status).toBe(403);
    expect((await ask('PATCH', `Observation/${foreign}`, replace('/subject/reference', 'Patient/me'), JSON_PATCH)).status).toBe(404);
    expect((await ask('PUT', `Observation/${foreign}`, observation({ id: foreign, ...about('me') }))).status).toBe(404);
    expect([await versionOf(own), await versionOf(foreign)]).toEqual(['1', '1']);
    expect((await ask('PATCH', `Observation/${own}`, replace('/status', 'amended'), JSON_PATCH)).status).toBe(200);
  });

  it('neither adds a label that takes away, nor removes one that gives', async () => {
    const ask = as(UNLABELLED);
    const id = await stored(about('me'));
    const add = [{ op: 'add', path: '/meta/security', value: [{ system: 'urn:label', code: 'R' }] }];
    expect((await ask('PATCH', `Observation/${id}`, add, JSON_PATCH)).status).toBe(403);
    expect((await ask('PUT', `Observation/${id}`, observation({ id, ...labelled('R') }))).status).toBe(403);
    expect((await ask('POST', 'Observation', observation(labelled('R')))).status).toBe(403);
    const labelledId = await stored(labelled('R'));
    expect((await ask('PUT', `Observation/${labelledId}`, observation({ id: labelledId }))).status).toBe(404);
    const only = as({ Observation: { read: 'all', search: 'all', update: RESTRICTED } });
    expect((await only('PUT', `Observation/${labelledId}`, observation({ id: labelledId }))).status).toBe(403);
    expect((await only('PUT', `Observation/${labelledId}`, observation({ id: labelledId, ...labelled('R', 'V') }))).status).toBe(200);
    expect(await versionOf(id)).toBe('1');
  });

  it('keeps the five actions apart', async () => {
    const id = await stored(about('me'));
    const body = observation({ id, ...about('me') });
    const statuses = async (rules: Rules): Promise<number[]> => {
      const ask = as(rules);
      const answers: Answered[] = [];
      answers.push(await ask('GET', `Observation/${id}`), await ask('GET', `Observation/${id}/_history/1`));
      answers.push(
        await ask('POST', 'Observation', observation()),
        await ask('PUT', `Observation/fresh-${count++}`, { ...body, id: `fresh-${count - 1}` }),
      );
      answers.push(await ask('PUT', `Observation/${id}`, body), await ask('PATCH', `Observation/${id}`, [], JSON_PATCH));
      return answers.map((a) => a.status);
    };
    expect(await statuses({ Observation: { read: 'all' } })).toEqual([200, 200, 403, 403, 403, 403]);
    expect(await statuses({ Observation: { create: 'all' } })).toEqual([404, 404, 201, 201, 404, 404]);
    expect(await statuses({ Observation: { update: 'all' } })).toEqual([404, 404, 403, 403, 200, 404]);
    expect(await statuses({ Observation: { search: 'all', update: 'all' } })).toEqual([404, 404, 403, 403, 200, 200]);
    expect(await statuses({})).toEqual([404, 404, 403, 403, 403, 404]);
    const searches = await as({ Observation: { read: 'all' } })('GET', 'Observation?_total=accurate');
    expect(searches.json).toMatchObject({ total: 0 });
    expect((await as({ Observation: { search: 'all' } })('GET', 'Observation?_total=accurate')).json.total).toBeGreaterThan(0);
    expect((await as({ Observation: { search: 'all' } })('DELETE', `Observation/${id}`)).status).toBe(403);
    expect((await as({ Observation: { delete: 'all' } })('DELETE', `Observation/${id}`)).status).toBe(204);
  });

  describe('where the filter looks at other resources', () => {
    it('judges by what the new version refers to', async () => {
      await fhir.put('Patient/treated', identified('t', { id: 'treated' })).expect(201);
      await fhir.put('Encounter/e', encounter('Patient/treated', 'me', 'e')).expect(201);
      await fhir.put('Encounter/f', encounter('Patient/other', 'another', 'f')).expect(201);
      const ask = as(TREATED);
      expect((await ask('POST', 'Observation', observation(about('treated')))).status).toBe(201);
      expect((await ask('POST', 'Observation', observation(about('other')))).status).toBe(403);
      expect((await ask('PUT', 'Patient/treated', identified('t', { id: 'treated', active: false }))).status).toBe(200);
      expect((await ask('PUT', 'Patient/other', identified('x', { id: 'other' }))).status).toBe(403);
      const id = await stored(about('treated'));
      expect((await ask('PATCH', `Observation/${id}`, replace('/subject/reference', 'Patient/other'), JSON_PATCH)).status).toBe(403);
    });

    it('counts what a transaction writes along with it', async () => {
      const [p, e] = ['urn:uuid:00000000-0000-4000-8000-00000000000a', 'urn:uuid:00000000-0000-4000-8000-00000000000b'];
      const write = (fullUrl: string, resource: object): object => ({
        fullUrl,
        resource,
        request: { method: 'POST', url: (resource as { resourceType: string }).resourceType },
      });
      const send = (practitioner: string): Promise<Answered> =>
        as(TREATED)('POST', '', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            write(p, identified('new')),
            write(e, encounter(p, practitioner)),
            { resource: observation({ subject: { reference: p } }), request: { method: 'POST', url: 'Observation' } },
          ],
        });
      const refused = await send('another');
      expect([refused.status, refused.json.issue[0]?.expression]).toEqual([403, ['Bundle.entry[0]']]);
      expect(await total('Patient?identifier=urn:mrn|new')).toBe(0);
      expect((await send('me')).status).toBe(200);
      expect(await total('Observation?subject:Patient.identifier=urn:mrn|new')).toBe(1);
    });
  });

  describe('with another writer in between', () => {
    /** Writes as the clinic before the first commit that it sees. */
    const racing = (meanwhile: () => PromiseLike<unknown>): { ask: (rules: Rules) => Ask; writes: () => number } => {
      let writes = 0;
      const store: FhirStore = {
        ...app.deps.store,
        write: async (clinic, set) => {
          if (writes++ === 0) await meanwhile();
          return app.deps.store.write(clinic, set);
        },
      };
      const asker = askerOf({ ...app, deps: { ...app.deps, store } });
      return { ask: (rules) => asker(filterOf(rules)), writes: () => writes };
    };
    const SENDS: readonly (readonly [string, (ask: Ask, id: string) => Promise<Answered>])[] = [
      ['PUT', (ask, id) => ask('PUT', `Observation/${id}`, observation({ id }))],
      ['PATCH', (ask, id) => ask('PATCH', `Observation/${id}`, replace('/status', 'amended'), JSON_PATCH)],
      ['DELETE', (ask, id) => ask('DELETE', `Observation/${id}`)],
    ];

    it.each(SENDS)('%s writes nothing that was hidden meanwhile', async (_name, send) => {
      const id = await stored({});
      const { ask } = racing(() => fhir.put(`Observation/${id}`, observation({ id, ...labelled('R') })).expect(200));
      const answer = await send(ask(UNLABELLED), id);
      expect(answer.status).toBe(_name === 'DELETE' ? 204 : 404);
      expect(await versionOf(id)).toBe('2');
    });

    it.each(SENDS)('%s is tried again on what it may still write', async (_name, send) => {
      const id = await stored({});
      const { ask, writes } = racing(() => fhir.put(`Observation/${id}`, observation({ id, status: 'preliminary' })).expect(200));
      expect((await send(ask(UNLABELLED), id)).status).toBe(_name === 'DELETE' ? 204 : 200);
      expect(writes()).toBe(2);
    });

    it('creates under no id that was taken meanwhile', async () => {
      const id = `o-${count++}`;
      const { ask } = racing(() => fhir.put(`Observation/${id}`, observation({ id, ...labelled('R') })).expect(201));
      expect((await ask(UNLABELLED)('PUT', `Observation/${id}`, observation({ id }))).status).toBe(404);
      expect(await versionOf(id)).toBe('1');
    });

    it('looks at nothing and tries once where all is allowed', async () => {
      const id = await stored({});
      const { ask, writes } = racing(() => fhir.put(`Observation/${id}`, observation({ id, ...labelled('R') })).expect(200));
      expect((await ask({ Observation: 'all' })('PUT', `Observation/${id}`, observation({ id }))).status).toBe(200);
      expect([writes(), await versionOf(id)]).toEqual([1, '3']);
    });
  });

  it('lets nobody write the audit trail', async () => {
    const event = {
      resourceType: 'AuditEvent',
      id: 'a',
      type: { code: 'rest' },
      recorded: '2026-01-01T00:00:00Z',
      agent: [{ requestor: true }],
      source: { observer: { display: 'x' } },
    };
    const entry = (method: string, url: string, resource?: object): object => ({
      request: { method, url },
      ...(resource ? { resource } : {}),
    });
    const writes = [
      ['POST', 'AuditEvent', event],
      ['PUT', 'AuditEvent/a', event],
      ['PUT', 'AuditEvent?entity=x', event],
      ['PATCH', 'AuditEvent/a', { resourceType: 'Parameters' }],
      ['DELETE', 'AuditEvent/a', undefined],
      ['DELETE', 'AuditEvent?entity=x', undefined],
    ] as const;
    for (const [method, path, body] of writes) {
      const ask = as({ '*': 'all' });
      const answer = await ask(method, path, body);
      expect([method, path, answer.status, answer.headers['Allow']]).toEqual([method, path, 405, 'GET, HEAD']);
      const bundle = (type: string): object => ({ resourceType: 'Bundle', type, entry: [entry(method, path, body)] });
      expect((await ask('POST', '', bundle('transaction'))).status).toBe(405);
      expect((await ask('POST', '', bundle('batch'))).json.entry?.[0]?.response.status).toBe('405 Method Not Allowed');
    }
    const ask = as({ '*': 'all' });
    expect((await ask('GET', 'AuditEvent?_total=accurate')).json.total).toBe(0);
    expect((await ask('POST', 'AuditEvent/_search')).status).toBe(200);
    expect((await ask('GET', 'AuditEvent/a')).status).toBe(404);
  });

  it('judges by all parts of a filter', async () => {
    const filter = or(
      and(refersTo('subject', 'Patient', 'me'), not(RESTRICTED)),
      token('status', 'http://hl7.org/fhir/observation-status', 'preliminary'),
    );
    const ask = as({ Observation: filter });
    expect((await ask('POST', 'Observation', observation({ ...about('me'), ...labelled('R') }))).status).toBe(403);
    expect((await ask('POST', 'Observation', observation({ status: 'preliminary', ...labelled('R') }))).status).toBe(201);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

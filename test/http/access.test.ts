/** Interactions under an access filter: what may not be seen isn't there. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createFhir, type Dispatch, type FhirRequest, type FhirResponse } from '../../src/fhir/index.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import type { AccessFilter } from '../../src/fhir/model/principal.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import type { Node } from '../../src/fhir/search/ast.ts';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { identified, observation } from './samples.ts';

/** Patients whose record number is `seen`, all Observations, nothing else. */
const ACCESS: AccessFilter<Node> = {
  restrict: (type) => {
    if (type === 'Patient') return { op: 'token', param: 'identifier', system: 'urn:mrn', code: 'seen' };
    return type === 'Observation' ? 'all' : 'none';
  },
};

onEachStore('access', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let dispatch: Dispatch;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    dispatch = createFhir(app.deps);
    await fhir.put('Patient/mine', identified('seen', { id: 'mine' })).expect(201);
    await fhir.put('Patient/hidden', identified('unseen', { id: 'hidden' })).expect(201);
    await fhir.put('Observation/o', observation({ id: 'o', subject: { reference: 'Patient/hidden' } })).expect(201);
    await fhir.put('Basic/b', { resourceType: 'Basic', id: 'b', code: { text: 'x' } }).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  /** Status and body of an answer, or status and message of the error. */
  const ask = async (
    method: FhirRequest['method'],
    path: string,
    body?: object,
    headers: FhirRequest['headers'] = {},
  ): Promise<[number, string]> => {
    const [segments = '', query = ''] = path.split('?');
    const context = {
      principal: { subject: 'Patient/mine', clinic: asClinicId('demo') },
      access: ACCESS,
      requestId: 'r',
      baseUrl: app.baseUrl,
      deadline: app.deps.clock.now() + 15_000,
    };
    const request = { method, path: segments === '' ? [] : segments.split('/'), query, headers, context };
    try {
      const answer: FhirResponse = await dispatch(body === undefined ? request : { ...request, body: Buffer.from(JSON.stringify(body)) });
      return [answer.status, Buffer.concat(answer.body ?? []).toString()];
    } catch (error) {
      if (error instanceof FhirError) return [error.status, error.message];
      throw error;
    }
  };
  const statusOf = async (...asked: Parameters<typeof ask>): Promise<number> => (await ask(...asked))[0];

  it.each(['Patient/{}', 'Patient/{}/_history', 'Patient/{}/_history/1'])(
    'GET %s tells what is hidden from what is absent by nothing',
    async (path) => {
      const [status] = await ask('GET', path.replace('{}', 'mine'));
      expect(status).toBe(200);
      const hidden = await ask('GET', path.replace('{}', 'hidden'));
      const absent = await ask('GET', path.replace('{}', 'absent'));
      expect(hidden).toEqual([404, absent[1].replace('absent', 'hidden')]);
      expect(await statusOf('GET', path.replace('Patient/{}', 'Basic/b'))).toBe(404);
    },
  );

  it('searches and counts what may be seen', async () => {
    for (const query of ['Patient?_total=accurate', 'Patient?_id=mine,hidden&_total=accurate']) {
      expect(JSON.parse((await ask('GET', query))[1])).toMatchObject({ total: 1, entry: [{ resource: { id: 'mine' } }] });
    }
    expect(JSON.parse((await ask('GET', '?_total=accurate'))[1])).toMatchObject({ total: 2 });
    expect((await ask('GET', 'Observation?_include=Observation:subject'))[1]).not.toContain('R4/Patient/hidden');
    expect(JSON.parse((await ask('GET', 'Observation?subject:Patient.identifier=urn:mrn|unseen&_summary=count'))[1])).toMatchObject({
      total: 0,
    });
  });

  it('lists versions of what may be seen, without a total that would tell of more', async () => {
    for (const path of ['Patient/_history', '_history?_count=50']) {
      const bundle = JSON.parse((await ask('GET', path))[1]) as { total?: number; entry: { fullUrl: string }[] };
      expect(bundle.total).toBeUndefined();
      expect(bundle.entry.map((e) => e.fullUrl).filter((url) => /hidden|Basic/.test(url))).toEqual([]);
      expect(bundle.entry.some((e) => e.fullUrl.endsWith('Patient/mine'))).toBe(true);
    }
  });

  it('writes nothing that is hidden', async () => {
    const changed = identified('unseen', { id: 'hidden', active: false });
    expect(await statusOf('PUT', 'Patient/hidden', changed)).toBe(404);
    expect(await statusOf('DELETE', 'Patient/hidden')).toBe(204);
    for (const id of ['hidden', 'never']) {
      expect(await statusOf('DELETE', `Patient/${id}`, undefined, { 'if-match': '*' })).toBe(412);
      expect(await statusOf('DELETE', `Patient/${id}`, undefined, { 'if-none-match': '*' })).toBe(204);
    }
    expect(await statusOf('PATCH', 'Patient/hidden', [], { 'content-type': 'application/json-patch+json' })).toBe(404);
    expect(await statusOf('DELETE', 'Patient?identifier=urn:mrn|unseen')).toBe(204);
    const { body, headers } = await fhir.get('Patient/hidden').expect(200);
    expect([body.active, headers['etag']]).toEqual([true, 'W/"1"']);
  });

  it('does not match what is hidden', async () => {
    expect(await statusOf('POST', 'Patient', identified('unseen'), { 'if-none-exist': 'identifier=urn:mrn|unseen' })).toBe(201);
    expect(await statusOf('POST', 'Patient', identified('seen'), { 'if-none-exist': 'identifier=urn:mrn|seen' })).toBe(200);
  });
});

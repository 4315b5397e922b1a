/** Reading under an access filter: what may not be seen isn't there. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { identified, observation } from '../samples.ts';
import { askerOf, filterOf, JSON_PATCH, token, type Ask } from './ask.ts';

/** Patients whose record number is `seen`, all Observations, nothing else. */
const ACCESS = filterOf({ Patient: token('identifier', 'urn:mrn', 'seen'), Observation: 'all' });

onEachStore('access', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let asked: Ask;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    asked = askerOf(app)(ACCESS);
    await fhir.put('Patient/mine', identified('seen', { id: 'mine' })).expect(201);
    await fhir.put('Patient/hidden', identified('unseen', { id: 'hidden' })).expect(201);
    await fhir.put('Observation/o', observation({ id: 'o', subject: { reference: 'Patient/hidden' } })).expect(201);
    await fhir.put('Basic/b', { resourceType: 'Basic', id: 'b', code: { text: 'x' } }).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const ask = async (...given: Parameters<Ask>): Promise<[number, string]> => {
    const { status, text } = await asked(...given);
    return [status, text];
  };
  const statusOf = async (...given: Parameters<Ask>): Promise<number> => (await asked(...given)).status;

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
    const changed = identified('seen', { id: 'hidden', active: false });
    expect(await statusOf('PUT', 'Patient/hidden', changed)).toBe(404);
    expect(await statusOf('PUT', 'Patient/hidden', identified('unseen', { id: 'hidden', active: false }))).toBe(403);
    expect(await statusOf('DELETE', 'Patient/hidden')).toBe(204);
    expect(await statusOf('PATCH', 'Patient/hidden', [], JSON_PATCH)).toBe(404);
    expect(await statusOf('DELETE', 'Patient?identifier=urn:mrn|unseen')).toBe(204);
    const { body, headers } = await fhir.get('Patient/hidden').expect(200);
    expect([body.active, headers['etag']]).toEqual([true, 'W/"1"']);
  });

  it('does not match what is hidden', async () => {
    expect(await statusOf('POST', 'Patient', identified('unseen'), { 'if-none-exist': 'identifier=urn:mrn|unseen' })).toBe(403);
    expect(await statusOf('POST', 'Patient', identified('seen'), { 'if-none-exist': 'identifier=urn:mrn|seen' })).toBe(200);
  });
});

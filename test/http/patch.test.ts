/** https://hl7.org/fhir/R4/http.html#patch */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createFhir, type FhirRequest } from '../../src/fhir/index.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { ALL_ACCESS } from '../../src/fhir/model/principal.ts';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { observation, patient } from './samples.ts';

const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

onEachStore('patch', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let path: string;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    path = `Patient/${(await fhir.post('Patient', patient())).body.id}`;
  }, 60_000);
  afterAll(() => app.close(), 60_000);
  const version = async (): Promise<string> => (await fhir.get(path)).headers.etag as string;

  it('takes JSON Patch', async () => {
    const { body } = await fhir.patch(path, [{ op: 'add', path: '/birthDate', value: '1990-01-01' }], JSON_PATCH).expect(200);
    expect(body).toMatchObject({ birthDate: '1990-01-01', active: true, meta: { versionId: '2' } });
  });

  it('takes FHIRPath Patch', async () => {
    const parameter = [
      {
        name: 'operation',
        part: [
          { name: 'type', valueCode: 'replace' },
          { name: 'path', valueString: 'Patient.active' },
          { name: 'value', valueBoolean: false },
        ],
      },
    ];
    const { body } = await fhir.patch(path, { resourceType: 'Parameters', parameter }).expect(200);
    expect(body.active).toBe(false);
  });

  it('keeps number texts', async () => {
    const text = JSON.stringify(observation({ id: 'exact', valueQuantity: { value: 0 } })).replace('"value":0', '"value":1.50');
    await fhir.put('Observation/exact', text).expect(201);
    await fhir.patch('Observation/exact', [{ op: 'replace', path: '/status', value: 'amended' }], JSON_PATCH).expect(200);
    expect((await fhir.get('Observation/exact')).text).toContain('"value":1.50');
  });

  it.each([
    ['no patch', '{}', JSON_PATCH, 400],
    ['a patch that does not apply', '[{"op":"remove","path":"/photo"}]', JSON_PATCH, 422],
    ['a test that fails', '[{"op":"test","path":"/active","value":"x"}]', JSON_PATCH, 422],
    ['a result that is not a Patient', '[{"op":"add","path":"/nonsense","value":1}]', JSON_PATCH, 400],
    ['another id', '[{"op":"replace","path":"/id","value":"x"}]', JSON_PATCH, 422],
    ['__proto__', '[{"op":"add","path":"/__proto__/polluted","value":1}]', JSON_PATCH, 400],
    ['a stale version', '[]', { ...JSON_PATCH, 'If-Match': 'W/"1"' }, 412],
    ['a form', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
    ['nothing', '', JSON_PATCH, 400],
  ])('refuses %s', async (_what, body, headers, status) => {
    const before = await version();
    await fhir.patch(path, body, headers).expect(status);
    expect(await version()).toBe(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('needs a resource', async () => {
    await fhir.patch('Patient/absent', [], JSON_PATCH).expect(404);
    const { body } = await fhir.post('Patient', patient());
    await fhir.delete(`Patient/${body.id}`);
    await fhir.patch(`Patient/${body.id}`, [], JSON_PATCH).expect(410);
  });

  it('applies each of many concurrent patches', async () => {
    const made = await fhir.post('Patient', patient()).expect(201);
    const one = `Patient/${made.body.id}`;
    const add = (i: number): PromiseLike<{ status: number }> =>
      fhir.patch(one, [{ op: 'add', path: '/name/0/given/-', value: `n${i}` }], JSON_PATCH);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => add(i)));
    expect(answers.map((a) => a.status)).toEqual(Array<number>(100).fill(200));
    expect((await fhir.get(one)).body.name[0].given).toHaveLength(101);
  }, 30_000);

  it('applies each of many concurrent patches that several processes make', async () => {
    const made = await fhir.post('Patient', patient()).expect(201);
    const context = {
      principal: { subject: 'Device/system', clinic: asClinicId('demo') },
      access: ALL_ACCESS,
      requestId: 'r',
      baseUrl: app.baseUrl,
      deadline: app.deps.clock.now() + 60_000,
    };
    const add = (i: number): FhirRequest => ({
      method: 'PATCH',
      path: ['Patient', made.body.id],
      query: '',
      headers: { 'content-type': 'application/json-patch+json' },
      body: Buffer.from(JSON.stringify([{ op: 'add', path: '/name/0/given/-', value: `n${i}` }])),
      context,
    });
    // Each has a queue of its own, as processes have.
    const dispatches = Array.from({ length: 8 }, () => createFhir(app.deps));
    const answers = await Promise.all(Array.from({ length: 96 }, (_, i) => dispatches[i % 8]!(add(i))));
    expect(answers.map((a) => a.status)).toEqual(Array<number>(96).fill(200));
    expect((await fhir.get(`Patient/${made.body.id}`)).body.name[0].given).toHaveLength(97);
  }, 60_000);

  it('met no fault', () => expect(app.faults).toEqual([]));
});

/** `_summary` and `_elements`: https://hl7.org/fhir/R4/search.html#summary */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { observation } from './samples.ts';

const div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';

onEachStore('parts of resources', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    const whole = observation({ id: 'w', text: { status: 'generated', div }, note: [{ text: 'n' }], valueQuantity: { value: 0 } });
    await fhir.put('Observation/w', JSON.stringify(whole).replace('"value":0', '"value":1.50')).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const keys = (resource: object): string[] => Object.keys(resource).sort();

  it.each([
    ['_summary=true', ['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']],
    ['_summary=text', ['code', 'id', 'meta', 'resourceType', 'status', 'text']],
    ['_summary=data', ['code', 'id', 'meta', 'note', 'resourceType', 'status', 'valueQuantity']],
    ['_summary=false', ['code', 'id', 'meta', 'note', 'resourceType', 'status', 'text', 'valueQuantity']],
    ['_elements=note', ['code', 'id', 'meta', 'note', 'resourceType', 'status']],
    ['_elements=value', ['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']],
  ])('%s shows %j in reads, searches and histories', async (query, expected) => {
    const read = await fhir.get(`Observation/w?${query}`).expect(200);
    const search = await fhir.get(`Observation?_id=w&${query}`).expect(200);
    const history = await fhir.get(`Observation/w/_history?${query}`).expect(200);
    const version = await fhir.get(`Observation/w/_history/1?${query}`).expect(200);
    for (const resource of [read.body, search.body.entry[0].resource, history.body.entry[0].resource, version.body]) {
      expect(keys(resource)).toEqual(expected);
      const tags = (resource.meta.tag ?? []) as { code: string }[];
      expect(tags.map((t) => t.code)).toEqual(query === '_summary=false' ? [] : ['SUBSETTED']);
    }
    if (expected.includes('valueQuantity')) expect(read.text).toContain('1.50');
    expect(read.headers.etag).toBe('W/"1"');
  });

  it.each(['_summary=count', '_summary=nonsense', '_elements=nonsense', '_elements='])('a read refuses %s', async (query) => {
    await fhir.get(`Observation/w?${query}`).expect(400);
  });

  it('cuts down the statement of capabilities', async () => {
    const { body } = await fhir.get('metadata?_elements=fhirVersion').expect(200);
    expect(body.fhirVersion).toBe('4.0.1');
    expect(body).not.toHaveProperty('rest');
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

/** Resources that are read in the thread for large texts, alone and within bundles, and pages of many bytes. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type Answer, type FhirClient, type TestApp } from './harness.ts';

/** Beyond `LARGE_TEXT`. */
const NAMES = Array.from({ length: 3000 }, (_, n) => ({ family: `Family ${n}`, given: ['Given'] }));
const URN = 'urn:uuid:7c7b8e0a-0000-4000-8000-000000000001';
const large = (id: string): object => ({
  resourceType: 'Patient',
  id,
  name: NAMES,
  generalPractitioner: [{ reference: URN }, { reference: 'Practitioner?identifier=known' }],
});
const practitioner = { resourceType: 'Practitioner', identifier: [{ value: 'new' }] };

onEachStore('large texts', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    await fhir.put('Practitioner/known', { resourceType: 'Practitioner', id: 'known', identifier: [{ value: 'known' }] }).expect(201);
  }, 60_000);
  afterAll(() => app.close());

  interface Links {
    readonly generalPractitioner: readonly { readonly reference: string }[];
    readonly name: readonly unknown[];
    readonly language?: string;
  }
  const linksOf = ({ body }: Answer): Links => body as unknown as Links;

  it('in a transaction have their links replaced', async () => {
    const entry = [
      { resource: large('t'), request: { method: 'PUT', url: 'Patient/t' } },
      { fullUrl: URN, resource: practitioner, request: { method: 'POST', url: 'Practitioner' } },
    ];
    await fhir.post('', { resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
    const { generalPractitioner, name } = linksOf(await fhir.get('Patient/t'));
    expect(name).toHaveLength(NAMES.length);
    expect(generalPractitioner.map((r) => r.reference)).toEqual([
      expect.stringMatching(/^Practitioner\/[0-9a-f-]{36}$/),
      'Practitioner/known',
    ]);
    const found = await fhir.get('Patient?family=family%202999&_include=Patient:general-practitioner&_elements=id');
    expect(found.body.entry).toHaveLength(3);
  });

  it('may have many values that they are searched by, but not any number', async () => {
    const searched = (many: number): object => ({
      resourceType: 'Patient',
      id: `n${many}`,
      identifier: Array.from({ length: many }, (_, n) => ({ value: `v${n}` })),
    });
    await fhir.put('Patient/n12000', searched(12_000)).expect(201);
    expect((await fhir.get('Patient?identifier=v11999&_elements=id')).body.entry).toHaveLength(1);
    const refused = await fhir.put('Patient/n25000', searched(25_000)).expect(413);
    expect(refused.text).toContain('15000 values that it can be searched by');
    const entry = [{ resource: searched(25_000), request: { method: 'PUT', url: 'Patient/n25000' } }];
    await fhir.post('', { resourceType: 'Bundle', type: 'transaction', entry }).expect(413);
    await fhir.get('Patient/n25000').expect(404);
  });

  it('in a bundle are refused with their place', async () => {
    const { generalPractitioner: _links, ...plain } = large('w') as Record<string, unknown>;
    const entry = [{ resource: { ...plain, wrong: 1 }, request: { method: 'PUT', url: 'Patient/w' } }];
    for (const type of ['transaction', 'batch']) {
      const answer = await fhir.post('', { resourceType: 'Bundle', type, entry });
      expect(answer.text).toContain('Bundle.entry[0].resource.wrong');
    }
    await fhir.get('Patient/w').expect(404);
  });

  it('in a batch are written, patched and shown', async () => {
    const { generalPractitioner: _links, ...plain } = large('b') as Record<string, unknown>;
    const data = Buffer.from(JSON.stringify([{ op: 'add', path: '/language', value: 'en' }])).toString('base64');
    const patch = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
    const put = { resource: plain, request: { method: 'PUT', url: 'Patient/b' } };
    const batch = (entry: object): Promise<Answer> =>
      Promise.resolve(fhir.post('', { resourceType: 'Bundle', type: 'batch', entry: [entry] }));
    expect((await batch(put)).text).toContain('201 Created');
    expect((await batch({ resource: patch, request: { method: 'PATCH', url: 'Patient/b' } })).text).toContain('200 OK');
    expect(linksOf(await fhir.get('Patient/b?_elements=language')).language).toBe('en');
    expect((await fhir.get('Patient/b?_format=xml').buffer()).text).toContain('<family value="Family 2999"/>');
    expect((await fhir.get('Patient/b?_pretty=true')).text.split('\n').length).toBeGreaterThan(NAMES.length);
  });

  it('fill pages that end early, and nothing is missed or comes twice', async () => {
    const data = 'QUJD'.repeat(1_900_000);
    for (const n of [1, 2])
      await fhir.put(`Binary/l${n}`, { resourceType: 'Binary', id: `l${n}`, contentType: 'application/pdf', data }).expect(201);
    const entry = Array.from({ length: 60 }, (_, n) => ({
      resource: { resourceType: 'Binary', id: `s${n}`, contentType: 'application/pdf', data: 'QUJD'.repeat(230_000) },
      request: { method: 'PUT', url: `Binary/s${n}` },
    }));
    await fhir.post('', { resourceType: 'Bundle', type: 'batch', entry }).expect(200);
    for (const start of ['Binary?_count=1000', 'Binary/_history?_count=1000']) {
      const pages = await walk(start);
      const ids = pages.flat();
      expect(pages.length).toBeGreaterThan(1);
      expect(ids).toHaveLength(62);
      expect(new Set(ids).size).toBe(62);
    }
  }, 120_000);

  async function walk(start: string): Promise<string[][]> {
    const pages: string[][] = [];
    for (let url: string | undefined = start; url !== undefined;) {
      const { body } = await fhir.get(url);
      pages.push((body.entry ?? []).map((e) => e.resource.id));
      url = (body as unknown as { link: { relation: string; url: string }[] }).link.find((l) => l.relation === 'next')?.url;
    }
    return pages;
  }
});

/** Searches over HTTP: https://hl7.org/fhir/R4/http.html#search. What they find is tested by the cases of `test/contract/search.ts`. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type Answer, type FhirClient, type TestApp } from './harness.ts';
import { identified, observation, patient } from './samples.ts';

interface Bundle {
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl?: string;
    readonly resource: { readonly resourceType: string; readonly id: string };
    readonly search: { readonly mode: string };
  }[];
}

const asBundle = (answer: Answer): Bundle => answer.body as unknown as Bundle;

onEachStore('search', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    for (let i = 0; i < 25; i++) {
      const id = `p${String(i).padStart(2, '0')}`;
      await fhir.put(`Patient/${id}`, identified(id, { id, name: [{ family: `F${i % 5}` }] })).expect(201);
    }
    await fhir.put('Observation/o1', observation({ id: 'o1', subject: { reference: 'Patient/p01' } })).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const bundle = async (path: string): Promise<Bundle> => asBundle(await fhir.get(path).expect(200));
  const ids = (of: Bundle): string[] => (of.entry ?? []).map((e) => e.resource.id);
  const linkOf = (of: Bundle, relation: string): string | undefined => of.link.find((l) => l.relation === relation)?.url;

  it('answers a searchset', async () => {
    const found = await bundle('Patient?identifier=urn:mrn|p03');
    expect(found).toMatchObject({
      resourceType: 'Bundle',
      type: 'searchset',
      link: [
        { relation: 'self', url: `${app.baseUrl}/Patient?identifier=urn:mrn|p03` },
        { relation: 'first', url: `${app.baseUrl}/Patient?identifier=urn:mrn|p03` },
      ],
      entry: [{ fullUrl: `${app.baseUrl}/Patient/p03`, resource: { resourceType: 'Patient', id: 'p03' }, search: { mode: 'match' } }],
    });
    expect(found).not.toHaveProperty('total');
  });

  it('has no entry where nothing matches', async () => {
    const found = await bundle('Patient?identifier=urn:mrn|none&_total=accurate');
    expect([found.total, found.entry]).toEqual([0, undefined]);
  });

  it.each([
    'Patient?_count=4',
    'Patient?_count=4&_sort=-_id',
    'Patient?_count=4&_sort=family,_id&_total=accurate',
    'Patient?_count=4&name=f',
  ])('walks through all pages of %s', async (path) => {
    const walked: string[] = [];
    const firsts = new Set<string | undefined>();
    let url: string | undefined = path;
    for (let pages = 0; url !== undefined && pages < 20; pages++) {
      const page: Bundle = await bundle(url);
      firsts.add(linkOf(page, 'first'));
      if (path.includes('_total')) expect(page.total).toBe(25);
      if (pages > 0) expect(linkOf(page, 'self')).toBe(url);
      walked.push(...ids(page));
      url = linkOf(page, 'next');
    }
    expect(walked).toHaveLength(25);
    expect(new Set(walked).size).toBe(25);
    expect([...firsts]).toEqual([`${app.baseUrl}/${path}`]);
  });

  it('takes a form', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(ids(asBundle(await fhir.post('Patient/_search', 'identifier=urn%3Amrn%7Cp03', form).expect(200)))).toEqual(['p03']);
    const both = await fhir.post('Patient/_search?_sort=_id&_count=2', 'name=f', form).expect(200);
    expect(ids(asBundle(both))).toEqual(['p00', 'p01']);
    expect(ids(await bundle(linkOf(asBundle(both), 'next') as string))).toEqual(['p02', 'p03']);
    expect(ids(asBundle(await fhir.post('_search', '_type=Observation', form).expect(200)))).toEqual(['o1']);
    await fhir.post('Patient/_search', '{}', { 'Content-Type': 'application/json' }).expect(415);
    await fhir.post('Patient/_search', 'name=%E0%A4', form).expect(400);
  });

  it('searches all types', async () => {
    expect((await bundle('?_type=Patient,Observation&_summary=count')).total).toBe(26);
    expect((await bundle('?_id=o1')).entry?.map((e) => e.fullUrl)).toEqual([`${app.baseUrl}/Observation/o1`]);
  });

  it('lets along what the matches refer to', async () => {
    const found = await bundle('Observation?_include=Observation:subject');
    expect(found.entry?.map((e) => [e.resource.id, e.search.mode])).toEqual([
      ['o1', 'match'],
      ['p01', 'include'],
    ]);
    const back = await bundle('Patient?_id=p01&_revinclude=Observation:subject');
    expect(back.entry?.map((e) => e.search.mode)).toEqual(['match', 'include']);
  });

  it('only counts where that is asked for', async () => {
    for (const query of ['_summary=count', '_count=0']) {
      const found = await bundle(`Patient?${query}`);
      expect([found.total, found.entry]).toEqual([25, undefined]);
    }
  });

  it('lowers a count above the maximum', async () => {
    expect((await bundle('Patient?_count=1000000000')).entry).toHaveLength(25);
    await fhir.get('Patient?_count=1e9').expect(400);
  });

  it('refuses unknown parameters, or passes them over and says so', async () => {
    const { body } = await fhir.get('Patient?nonsense=1&name=f').expect(400);
    expect(body.issue[0].details.coding[0].code).toBe('unknown-parameter');
    const lenient = asBundle(await fhir.get('Patient?nonsense=1&identifier=urn:mrn|p03', { Prefer: 'handling=lenient' }).expect(200));
    expect(lenient.entry?.map((e) => [e.resource.resourceType, e.search.mode])).toEqual([
      ['Patient', 'match'],
      ['OperationOutcome', 'outcome'],
    ]);
    expect(linkOf(lenient, 'self')).toBe(`${app.baseUrl}/Patient?identifier=urn:mrn|p03`);
  });

  it.each(['family[$ne]=x', 'name[$regex]=.*', '$where=1', 'identifier[$gt]=', '__proto__=1', 'constructor=1'])(
    'treats the operator in %s as a parameter it does not know (N2)',
    async (query) => {
      const { body } = await fhir.get(`Patient?${query}`).expect(400);
      expect(body.issue[0].details.coding[0].code).toBe('unknown-parameter');
    },
  );

  it('takes pattern characters literally', async () => {
    await fhir.put('Patient/dots', patient({ id: 'dots', name: [{ family: '.*(a+)+$' }] })).expect(201);
    expect(ids(await bundle(`Patient?family:contains=${encodeURIComponent('*(a+)+$')}`))).toEqual(['dots']);
    expect(ids(await bundle('Patient?family:contains=.*'))).toEqual(['dots']);
    await fhir.delete('Patient/dots').expect(204);
  });

  it('escapes what a link takes from the query', async () => {
    const text = (await fhir.get('Patient?name=x%22%5C"\\y').expect(200)).text;
    expect((JSON.parse(text) as Bundle).link[0]?.url).toContain('/Patient?name=');
  });

  it('takes a cursor only where it was made', async () => {
    const next = linkOf(await bundle('Patient?_count=2'), 'next') as string;
    await fhir.get(next).expect(200);
    await fhir.get(next.replace('_count=2', '_count=3')).expect(400);
    await fhir.get(next.replace('/Patient', '/Observation')).expect(400);
    await fhir.get(`${next.slice(0, -4)}AAAA`).expect(400);
    await client(app, '/clinics/other/fhir/R4')
      .get(`Patient${next.slice(next.indexOf('?'))}`)
      .expect(400);
  });

  it('answers HEAD without a body', async () => {
    const answer = await fhir.head('Patient?_count=2').expect(200);
    expect(answer.text).toBeUndefined();
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(100);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

/** https://hl7.org/fhir/R4/http.html#capabilities: generated from what is registered. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { patient } from './samples.ts';

interface Statement {
  readonly fhirVersion: string;
  readonly format: readonly string[];
  readonly patchFormat: readonly string[];
  readonly implementation: { readonly url: string };
  readonly rest: readonly {
    readonly interaction: readonly { readonly code: string }[];
    readonly resource: readonly {
      readonly type: string;
      readonly interaction: readonly { readonly code: string }[];
      readonly conditionalCreate: boolean;
      readonly conditionalDelete: string;
      readonly searchInclude: readonly string[];
      readonly searchRevInclude: readonly string[];
      readonly searchParam: readonly { readonly name: string; readonly type: string; readonly definition: string }[];
    }[];
  }[];
}

onEachStore('capabilities', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let statement: Statement;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    statement = (await fhir.get('metadata').expect(200)).body as unknown as Statement;
  }, 60_000);
  afterAll(() => app.close(), 60_000);
  const of = (type: string): Statement['rest'][0]['resource'][0] => statement.rest[0]!.resource.find((r) => r.type === type)!;

  it('says what there is', () => {
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      status: 'active',
      kind: 'instance',
      fhirVersion: '4.0.1',
      implementation: { url: app.baseUrl },
    });
    expect(statement.rest[0]?.resource).toHaveLength(app.deps.definitions.resourceTypes.size);
    expect(statement.rest[0]?.interaction.map((i) => i.code).sort()).toEqual(['batch', 'history-system', 'search-system', 'transaction']);
    expect(
      of('Patient')
        .interaction.map((i) => i.code)
        .sort(),
    ).toEqual(['create', 'delete', 'history-instance', 'history-type', 'patch', 'read', 'search-type', 'update', 'vread']);
    expect(of('Patient')).toMatchObject({
      versioning: 'versioned-update',
      readHistory: true,
      updateCreate: true,
      conditionalCreate: true,
      conditionalRead: 'full-support',
      conditionalUpdate: true,
      conditionalDelete: 'single',
    });
    expect(of('Location').searchParam.map((p) => p.name)).not.toContain('near');
    expect(of('Patient').searchParam.find((p) => p.name === 'birthdate')).toEqual({
      name: 'birthdate',
      type: 'date',
      definition: 'http://hl7.org/fhir/SearchParameter/individual-birthdate',
    });
    expect(of('Observation').searchInclude).toContain('Observation:subject');
    expect(of('Patient').searchRevInclude).toContain('Observation:subject');
  });

  it('is a valid CapabilityStatement', () => {
    expect(app.deps.validator.check(statement as never).filter((i) => i.severity === 'error')).toEqual([]);
  });

  it('serves each format that it names', async () => {
    for (const format of statement.format) await fhir.get(`Patient/absent?_format=${encodeURIComponent(format)}`).expect(404);
    await fhir.put('Patient/c', patient({ id: 'c' })).expect(201);
    for (const type of statement.patchFormat) {
      const answer = await fhir.patch('Patient/c', 'x', { 'Content-Type': type });
      expect(answer.status).toBe(400);
    }
  });

  it('serves each search parameter that it names', async () => {
    const names = of('Observation').searchParam.map((p) => p.name);
    const query = names.map((n) => `${encodeURIComponent(n)}:missing=true`).filter((q) => !/^_(id|lastUpdated)/.test(q));
    for (const q of query) {
      const answer = await fhir.get(`Observation?${q}&_count=1`);
      expect([q, answer.status]).toEqual([q, 200]);
    }
  }, 60_000);

  it('belongs to the base that it was asked of', async () => {
    const { body } = await client(app, '/clinics/a/fhir/R4').get('metadata').expect(200);
    expect(body.implementation.url).toBe('http://nadi.test/clinics/a/fhir/R4');
    await fhir.get('metadata?mode=terminology').expect(400);
    await fhir.get('metadata?mode=full').expect(200);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

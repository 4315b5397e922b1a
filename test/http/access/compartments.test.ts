/** Compartment searches and `$everything`: as the standard has them, and under access filters. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { not } from '../../../src/fhir/search/ast.ts';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { identified, observation } from '../samples.ts';
import { askerOf, filterOf, keysIn, refersTo, token, type Answered, type Ask } from './ask.ts';

const to = (reference: string): object => ({ reference });
const labelled = { meta: { security: [{ system: 'urn:label', code: 'R' }] } };

const RESOURCES: readonly object[] = [
  { resourceType: 'Organization', id: 'org', name: 'x' },
  { resourceType: 'Practitioner', id: 'dr' },
  { resourceType: 'Practitioner', id: 'hidden-dr', ...labelled },
  { resourceType: 'Medication', id: 'med' },
  { resourceType: 'Device', id: 'dev' },
  identified('p', { id: 'p', generalPractitioner: [to('Practitioner/dr')], managingOrganization: to('Organization/org') }),
  // One of someone else, that claims to be another record of p.
  identified('q', { id: 'q', link: [{ other: to('Patient/p'), type: 'seealso' }] }),
  { resourceType: 'RelatedPerson', id: 'rp', patient: to('Patient/p') },
  {
    resourceType: 'Encounter',
    id: 'e',
    status: 'finished',
    class: { code: 'AMB' },
    subject: to('Patient/p'),
    period: { start: '2024-05-01', end: '2024-05-02' },
    participant: [{ individual: to('Practitioner/dr') }],
  },
  observation({
    id: 'o1',
    subject: to('Patient/p'),
    encounter: to('Encounter/e'),
    effectiveDateTime: '2024-05-01',
    device: to('Device/dev'),
  }),
  observation({ id: 'o2', subject: to('Patient/p'), effectiveDateTime: '2025-01-01', performer: [to('Practitioner/hidden-dr')] }),
  observation({ id: 'o3', subject: to('Patient/q'), derivedFrom: [to('Observation/o1')] }),
  observation({ id: 'o4', subject: to('Patient/p'), derivedFrom: [to('Observation/o3')], ...labelled }),
  observation({ id: 'o5', subject: to('Patient/q'), performer: [to('RelatedPerson/rp')] }),
  {
    resourceType: 'MedicationRequest',
    id: 'mr',
    status: 'active',
    intent: 'order',
    subject: to('Patient/p'),
    medicationReference: to('Medication/med'),
    authoredOn: '2024-06-01',
  },
];

onEachStore('compartments', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let all: Ask;
  let some: Ask;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    for (const resource of RESOURCES) {
      const { resourceType, id } = resource as { resourceType: string; id: string };
      await fhir.put(`${resourceType}/${id}`, resource).expect(201);
    }
    all = askerOf(app)(filterOf({ '*': 'all' }));
    const unlabelled = not(token('_security', 'urn:label', 'R'));
    some = askerOf(app)(filterOf({ '*': unlabelled, Patient: token('identifier', 'urn:mrn', 'p'), Medication: 'none' }));
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const found = (answer: Answered): string[] => keysIn(answer).sort();
  const walk = async (ask: Ask, path: string): Promise<string[]> => {
    const keys: string[] = [];
    let url: string | undefined = path;
    while (url !== undefined) {
      const page: Answered = await ask('GET', url);
      expect(page.status).toBe(200);
      keys.push(...keysIn(page));
      url = page.json.link.find((l) => l.relation === 'next')?.url;
    }
    return keys;
  };

  it.each([
    ['Patient/p/Observation', ['Observation/o1', 'Observation/o2', 'Observation/o4']],
    ['Patient/p/Observation?date=ge2025', ['Observation/o2']],
    ['Patient/p/Observation?subject=Patient/q', []],
    ['Patient/p/Patient', ['Patient/p', 'Patient/q']],
    ['Patient/p/Medication', []],
    ['Encounter/e/Observation', ['Observation/o1']],
    ['Encounter/e/Encounter', ['Encounter/e']],
    ['Practitioner/dr/Patient', ['Patient/p']],
    ['RelatedPerson/rp/Observation', ['Observation/o5']],
    ['Device/dev/Observation', ['Observation/o1']],
    ['Device/dev/*', ['Device/dev', 'Observation/o1']],
    ['Encounter/e/*?_type=Encounter,Observation', ['Encounter/e', 'Observation/o1']],
    ['Patient/p/Observation?date=lt2025&_include=Observation:device', ['Device/dev', 'Observation/o1']],
  ])('%s', async (path, keys) => {
    expect(found(await all('GET', path))).toEqual(keys);
    const [place = '', query = ''] = path.split('?');
    expect(found(await all('POST', `${place}/_search?${query}`))).toEqual(keys);
  });

  it('walks the pages of a compartment, each of its own', async () => {
    const keys = await walk(all, 'Patient/p/*?_count=2&_type=Observation,Encounter,MedicationRequest');
    expect(keys.sort()).toEqual(['Encounter/e', 'MedicationRequest/mr', 'Observation/o1', 'Observation/o2', 'Observation/o4']);
    const page = await all('GET', 'Patient/p/Observation?_count=1');
    const next = page.json.link.find((l) => l.relation === 'next')?.url ?? '';
    expect(next).toContain('/Patient/p/Observation?');
    expect((await all('GET', next.replace('Patient/p', 'Patient/q'))).status).toBe(400);
  });

  it('serves no other places', async () => {
    for (const path of [
      'Organization/org/Patient',
      'Patient/p/Nothing',
      'Patient/p/_nothing',
      'Patient/absent/Observation',
      'Patient/absent/$everything',
    ]) {
      expect([path, (await all('GET', path)).status]).toEqual([path, 404]);
    }
    for (const path of ['Organization/org/$everything', 'Encounter/$everything', 'Practitioner/dr/$everything']) {
      expect([path, (await all('GET', path)).status]).toEqual([path, 404]);
    }
  });

  it('opens the compartment to whom its resource is open', async () => {
    expect(found(await some('GET', 'Patient/p/Observation'))).toEqual(['Observation/o1', 'Observation/o2']);
    expect(found(await some('GET', 'Patient/p/Patient'))).toEqual(['Patient/p']);
    for (const path of ['Patient/{}/Observation', 'Patient/{}/*', 'Patient/{}/$everything', 'Patient/{}/Observation?_total=accurate']) {
      const [hidden, none] = [await some('GET', path.replace('{}', 'q')), await some('GET', path.replace('{}', 'z'))];
      expect([hidden.status, hidden.text.replaceAll('Patient/q', 'Patient/z')]).toEqual([404, none.text]);
    }
  });

  it('gives everything of a patient and what that refers to outside, never another patient', async () => {
    const inside = [
      'Encounter/e',
      'MedicationRequest/mr',
      'Observation/o1',
      'Observation/o2',
      'Observation/o4',
      'Patient/p',
      'RelatedPerson/rp',
    ];
    const outside = ['Device/dev', 'Medication/med', 'Organization/org', 'Practitioner/dr', 'Practitioner/hidden-dr'];
    const answer = await all('GET', 'Patient/p/$everything');
    expect(found(answer)).toEqual([...inside, ...outside].sort());
    expect(answer.json.total).toBe(inside.length);
    expect(keysIn(answer)[0]).toBe('Patient/p');
    for (const count of [1, 2, 3, 7]) {
      const keys = await walk(all, `Patient/p/$everything?_count=${count}`);
      expect(keys.filter((key) => inside.includes(key)).sort()).toEqual(inside);
      expect([...new Set(keys)].sort()).toEqual([...inside, ...outside].sort());
    }
    const seen = await walk(some, 'Patient/p/$everything?_count=2');
    expect([...new Set(seen)].sort()).toEqual(
      [...inside.filter((k) => !k.endsWith('o4')), 'Device/dev', 'Organization/org', 'Practitioner/dr'].sort(),
    );
  });

  // What has no date, such as o4, can't be told to be outside.
  it.each([
    ['start=2024-05-15&end=2024-12-31', ['MedicationRequest/mr', 'Observation/o4', 'Patient/p', 'RelatedPerson/rp']],
    ['end=2024-05-15', ['Encounter/e', 'Observation/o1', 'Observation/o4', 'Patient/p', 'RelatedPerson/rp']],
    ['_type=Observation,Device', ['Device/dev', 'Observation/o1', 'Observation/o2', 'Observation/o4']],
    ['_since=2999-01-01', []],
  ])('narrows everything by %s', async (query, keys) => {
    const answer = await all('GET', `Patient/p/$everything?${query}`);
    const matches = (answer.json.entry ?? []).filter((e) => query.startsWith('_type') || e.search.mode === 'match');
    expect(matches.map((e) => e.fullUrl.split('/').slice(-2).join('/')).sort()).toEqual(keys);
  });

  it('takes the parameters in a body, refuses what it does not know', async () => {
    const parameters = (...parameter: object[]): object => ({ resourceType: 'Parameters', parameter });
    const narrowed = await all(
      'POST',
      'Patient/p/$everything',
      parameters({ name: '_type', valueCode: 'Observation' }, { name: '_type', valueCode: 'Device' }, { name: '_count', valueInteger: 50 }),
    );
    expect(found(narrowed)).toEqual(['Device/dev', 'Observation/o1', 'Observation/o2', 'Observation/o4']);
    for (const bad of [parameters({ name: 'x', valueCode: 'y' }), parameters({ name: '_type' }), { resourceType: 'Patient' }]) {
      expect((await all('POST', 'Patient/p/$everything', bad)).status).toBe(400);
    }
    for (const query of ['x=1', 'start=soon', '_type=Nothing', '_count=-1', '_cursor=forged']) {
      expect([query, (await all('GET', `Patient/p/$everything?${query}`)).status]).toEqual([query, 400]);
    }
    const next = (await all('GET', 'Patient/p/$everything?_count=1')).json.link.find((l) => l.relation === 'next')?.url ?? '';
    for (const other of [next.replace('Patient/p', 'Patient/q'), next.replace('_count=1', '_type=Observation')]) {
      expect((await all('GET', other)).status).toBe(400);
    }
  });

  it('gives everything of an encounter, and of all patients', async () => {
    expect(found(await all('GET', 'Encounter/e/$everything'))).toEqual([
      'Device/dev',
      'Encounter/e',
      'Observation/o1',
      'Patient/p',
      'Practitioner/dr',
    ]);
    const keys = new Set(await walk(some, 'Patient/$everything?_count=3'));
    expect(keys.has('Patient/p') && keys.has('Observation/o3')).toBe(true);
    expect([...keys].filter((key) => /Patient\/q|o4|Medication\/|hidden/.test(key))).toEqual([]);
    const own = askerOf(app)(
      filterOf({ Patient: { read: token('identifier', 'urn:mrn', 'p') }, Observation: refersTo('subject', 'Patient', 'p') }),
    );
    expect(found(await own('GET', 'Patient/p/$everything'))).toEqual(['Observation/o1', 'Observation/o2', 'Observation/o4', 'Patient/p']);
  });

  it('says so in the CapabilityStatement', async () => {
    const statement = (await fhir.get('metadata').expect(200)).body as unknown as {
      rest: { compartment: string[]; resource: { type: string; operation?: { name: string }[]; interaction: { code: string }[] }[] }[];
    };
    const [rest] = statement.rest;
    expect(rest?.compartment.sort()).toEqual(
      ['device', 'encounter', 'patient', 'practitioner', 'relatedperson'].map((c) => `http://hl7.org/fhir/CompartmentDefinition/${c}`),
    );
    const withOperation = rest?.resource.filter((r) => r.operation?.some((o) => o.name === 'everything')).map((r) => r.type);
    expect(withOperation).toEqual(['Encounter', 'Patient']);
    const audit = rest?.resource.find((r) => r.type === 'AuditEvent');
    expect(audit?.interaction.map((i) => i.code).sort()).toEqual(['history-instance', 'history-type', 'read', 'search-type', 'vread']);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

/** Types of which only a part is visible: no way shows more, and no question is answered by the rest. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { identified, observation } from '../samples.ts';
import { askerOf, filterOf, JSON_PATCH, visible, type Ask } from './ask.ts';

const SHOWN = ['birthDate', 'id', 'meta', 'name', 'resourceType'];
const RULES = { Patient: 'all', Observation: 'all', Organization: 'all', Bundle: 'all' } as const;

onEachStore('visible elements', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let ask: Ask;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    const parts = {
      Patient: visible(['name', 'birthDate'], ['name', 'family', 'birthdate']),
      Observation: visible(['value', 'status'], ['status']),
    };
    ask = askerOf(app)(filterOf(RULES, parts));
    await fhir.put('Organization/org', { resourceType: 'Organization', id: 'org', name: 'x' }).expect(201);
    const more = { birthDate: '1980-01-02', gender: 'female', managingOrganization: { reference: 'Organization/org' } };
    await fhir.put('Patient/p', identified('1', { id: 'p', ...more })).expect(201);
    await fhir.put('Observation/o', observation({ id: 'o', subject: { reference: 'Patient/p' }, valueInteger: 5 })).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const patient = (more: object = {}): object => identified('2', { gender: 'male', birthDate: '1990-01-01', ...more });
  const shownIn = (resource: object): string[] => Object.keys(resource).sort();
  const isTagged = (resource: { readonly meta: { readonly tag?: readonly { readonly code: string }[] } }): boolean =>
    resource.meta.tag?.some((t) => t.code === 'SUBSETTED') ?? false;

  it('shows them alone, whatever the interaction', async () => {
    const alone = [await ask('GET', 'Patient/p'), await ask('GET', 'Patient/p/_history/1'), await ask('POST', 'Patient', patient())];
    alone.push(await ask('PUT', 'Patient/created', patient({ id: 'created' })));
    alone.push(await ask('POST', 'Patient', patient(), { 'if-none-exist': 'birthdate=1980-01-02' }));
    for (const { json } of alone) {
      expect(shownIn(json)).toEqual(SHOWN);
      expect(isTagged(json)).toBe(true);
    }
    const bundles = [
      await ask('GET', 'Patient?_id=p'),
      await ask('GET', 'Patient/_history'),
      await ask('GET', '_history'),
      await ask('GET', 'Patient/p/_history'),
    ];
    for (const { json } of bundles) {
      const patients = (json.entry ?? []).map((e) => e.resource).filter((r) => r.resourceType === 'Patient');
      expect(patients.length).toBeGreaterThan(0);
      for (const resource of patients) expect([shownIn(resource), isTagged(resource)]).toEqual([SHOWN, true]);
    }
    expect(shownIn((await ask('GET', 'Observation/o')).json)).toEqual(['id', 'meta', 'resourceType', 'status', 'valueInteger']);
  });

  it('shows them alone in the answers of bundles', async () => {
    const entry = [
      { request: { method: 'GET', url: 'Patient/p' } },
      { request: { method: 'POST', url: 'Patient' }, resource: patient() },
      { request: { method: 'PUT', url: 'Patient/by-bundle' }, resource: patient({ id: 'by-bundle' }) },
    ];
    for (const type of ['batch', 'transaction']) {
      const { json } = await ask(
        'POST',
        '',
        { resourceType: 'Bundle', type, entry: type === 'batch' ? entry.slice(0, 2) : entry },
        { prefer: 'return=representation' },
      );
      const resources = (json.entry ?? []).map((e) => e.resource);
      expect(resources.length).toBe(type === 'batch' ? 2 : 3);
      for (const resource of resources) expect(shownIn(resource)).toEqual(SHOWN);
    }
  });

  it('cuts down further what is asked for', async () => {
    expect(shownIn((await ask('GET', 'Patient/p?_elements=name,gender')).json)).toEqual(['id', 'meta', 'name', 'resourceType']);
    expect(shownIn((await ask('GET', 'Patient/p?_summary=true')).json)).toEqual(SHOWN);
    const page = await ask('GET', 'Patient?_id=p&_elements=gender');
    expect(shownIn(page.json.entry?.[0]?.resource ?? {})).toEqual(['id', 'meta', 'resourceType']);
  });

  it.each([
    ['gender', 'Patient?gender=female'],
    ['gender', 'Patient?gender:missing=true'],
    ['gender', 'Patient?gender:not=male'],
    ['gender', 'Patient?_sort=gender'],
    ['gender', 'Patient?_sort=name,-gender'],
    ['identifier', 'Patient?identifier=urn:mrn|1'],
    ['organization', 'Patient?organization.name=x'],
    ['organization', 'Patient?_include=Patient:organization'],
    ['organization', 'Organization?_revinclude=Patient:organization'],
    ['organization', 'Organization?_has:Patient:organization:name=Rao'],
    ['subject', 'Observation?subject:Patient.name=Rao'],
    ['subject', 'Patient?_has:Observation:subject:status=final'],
    ['code-value-quantity', 'Observation?code-value-quantity=a$5'],
    ['subject', 'Patient/p/Observation'],
  ])('refuses to ask by %s: %s', async (code, path) => {
    const { status, json } = await ask('GET', path);
    expect(status).toBe(403);
    expect(json.issue[0]?.diagnostics).toContain(code);
  });

  it('answers by what is visible, and by what every resource has', async () => {
    for (const query of [
      'name=rao',
      'birthdate=1980-01-02',
      '_sort=birthdate',
      '_id=p',
      '_lastUpdated=gt2000-01-01',
      '_tag=x',
      '_security:missing=true',
    ]) {
      expect([query, (await ask('GET', `Patient?${query}`)).status]).toEqual([query, 200]);
    }
  });

  it('includes nothing by a reference that is not shown', async () => {
    const keysOf = async (path: string): Promise<string> => (await ask('GET', path)).text;
    expect(await keysOf('Patient?_id=p&_include=*')).not.toContain('Organization/org');
    expect(await keysOf('Organization?_revinclude=*')).not.toContain('Patient/p');
    expect(await keysOf('Organization?_revinclude=Patient:*')).not.toContain('Patient/p');
    expect(await keysOf('Patient/p/*')).not.toContain('Observation/o');
    expect(await keysOf('Patient/p/$everything')).not.toMatch(/Observation\/o|Organization\/org/);
  });

  it('refuses conditions on what is not shown, and any change of it', async () => {
    expect((await ask('POST', 'Patient', patient(), { 'if-none-exist': 'identifier=urn:mrn|1' })).status).toBe(403);
    expect((await ask('DELETE', 'Patient?gender=female')).status).toBe(403);
    const linked = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { request: { method: 'POST', url: 'Observation' }, resource: observation({ subject: { reference: 'Patient?gender=female' } }) },
      ],
    };
    expect((await ask('POST', '', linked)).status).toBe(403);
    const probe = [{ op: 'test', path: '/gender', value: 'female' }];
    const wrong = [{ op: 'test', path: '/gender', value: 'male' }];
    const answers = [await ask('PATCH', 'Patient/p', probe, JSON_PATCH), await ask('PATCH', 'Patient/p', wrong, JSON_PATCH)];
    expect(answers.map((a) => a.status)).toEqual([403, 403]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect((await ask('PUT', 'Patient/p', patient({ id: 'p' }))).status).toBe(403);
    expect((await fhir.get('Patient/p').expect(200)).body.meta.versionId).toBe('1');
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

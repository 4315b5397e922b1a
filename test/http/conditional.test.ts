/** Conditional interactions: https://hl7.org/fhir/R4/http.html#ccreate, #cond-update, #cdelete, #patch. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { identified, observation, patient } from './samples.ts';

onEachStore('conditional interactions', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const by = (value: string): string => `identifier=urn:mrn|${value}`;
  const count = async (query: string): Promise<number> => (await fhir.get(`${query}&_summary=count`).expect(200)).body.total;

  it('creates only where nothing matches', async () => {
    const made = await fhir.post('Patient', identified('c1'), { 'If-None-Exist': by('c1') }).expect(201);
    const again = await fhir.post('Patient', identified('c1'), { 'If-None-Exist': by('c1') }).expect(200);
    expect(again.body.id).toBe(made.body.id);
    expect(again.headers).toMatchObject({ etag: 'W/"1"', location: made.headers.location });
    await fhir.post('Patient', identified('c1'), { 'If-None-Exist': `Patient?${by('c1')}`, Prefer: 'return=minimal' }).expect(200, '');
    expect(await count(`Patient?${by('c1')}`)).toBe(1);
  });

  it('makes one resource of 100 concurrent conditional creates (R3)', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => fhir.post('Patient', identified('race'), { 'If-None-Exist': by('race') })),
    );
    expect(answers.map((a) => a.status).sort()).toEqual([...Array<number>(99).fill(200), 201]);
    expect(new Set(answers.map((a) => a.body.id)).size).toBe(1);
    expect(await count(`Patient?${by('race')}`)).toBe(1);
  }, 30_000);

  it('lets concurrent conditional updates make one resource, with a version for each', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => fhir.put(`Patient?${by('upsert')}`, identified('upsert'))));
    expect(answers.map((a) => a.status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    expect(answers.map((a) => Number(a.body.meta.versionId)).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  }, 30_000);

  it('refuses a condition with several matches', async () => {
    for (let i = 0; i < 2; i++) await fhir.post('Patient', identified('twice')).expect(201);
    const answers = [
      await fhir.post('Patient', identified('twice'), { 'If-None-Exist': by('twice') }),
      await fhir.put(`Patient?${by('twice')}`, identified('twice')),
      await fhir.delete(`Patient?${by('twice')}`),
      await fhir.patch(`Patient?${by('twice')}`, '[]', { 'Content-Type': 'application/json-patch+json' }),
    ];
    for (const { status, body } of answers) expect([status, body.issue[0].code]).toEqual([412, 'multiple-matches']);
    expect(await count(`Patient?${by('twice')}`)).toBe(2);
  });

  it('If-Match holds for the match alone', async () => {
    const ifMatch = { 'If-Match': 'W/"7"' };
    await fhir.put(`Patient?${by('nobody')}`, identified('nobody'), ifMatch).expect(412);
    await fhir.delete(`Patient?${by('nobody')}`, ifMatch).expect(412);
    await fhir.post('Patient', identified('held')).expect(201);
    await fhir.delete(`Patient?${by('held')}`, ifMatch).expect(412);
    expect([await count(`Patient?${by('nobody')}`), await count(`Patient?${by('held')}`)]).toEqual([0, 1]);
  });

  it('If-Match: * holds where there is a match, If-None-Match: * where there is none', async () => {
    const [some, none] = [{ 'If-Match': '*' }, { 'If-None-Match': '*' }];
    await fhir.put(`Patient?${by('star')}`, identified('star'), some).expect(412);
    await fhir.delete(`Patient?${by('star')}`, some).expect(412);
    await fhir.put(`Patient?${by('star')}`, identified('star'), none).expect(201);
    await fhir.put(`Patient?${by('star')}`, identified('star'), none).expect(412);
    await fhir.delete(`Patient?${by('star')}`, none).expect(412);
    await fhir.put(`Patient?${by('star')}`, identified('star'), some).expect(200);
    await fhir.delete(`Patient?${by('star')}`, some).expect(204);
    await fhir.delete(`Patient?${by('star')}`, none).expect(204);
  });

  it('concurrent conditional updates may all give the same id', async () => {
    const named = identified('named', { id: 'named' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => fhir.put(`Patient?${by('named')}`, named)));
    expect(answers.map((a) => a.status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    await fhir.put(`Patient?${by('another')}`, identified('another', { id: 'named' })).expect(409);
  }, 30_000);

  it('updates the match, whose id the body may leave out', async () => {
    const { body } = await fhir.post('Patient', identified('u1'));
    const updated = await fhir.put(`Patient?${by('u1')}`, identified('u1', { active: false })).expect(200);
    expect([updated.body.id, updated.headers.etag]).toEqual([body.id, 'W/"2"']);
    await fhir.put(`Patient?${by('u1')}`, identified('u1', { id: body.id })).expect(200);
    await fhir.put(`Patient?${by('u1')}`, identified('u1', { id: 'another' })).expect(400);
    await fhir.put(`Patient?${by('u1')}`, identified('u1'), { 'If-Match': 'W/"1"' }).expect(412);
    await fhir.put(`Patient?${by('u1')}`, identified('u1'), { 'If-Match': 'W/"3"' }).expect(200);
  });

  it('creates by a conditional update without a match, under the client’s id where there is one', async () => {
    const made = await fhir.put(`Patient?${by('u2')}`, identified('u2')).expect(201);
    expect(made.body.id).toMatch(/^[0-9a-f-]{36}$/);
    await fhir.put(`Patient?${by('u3')}`, identified('u3', { id: 'mine-3' })).expect(201);
    await fhir.get('Patient/mine-3').expect(200);
    // The id is taken by a resource that the criteria don't find.
    await fhir.put(`Patient?${by('u4')}`, identified('u4', { id: 'mine-3' })).expect(409);
    await fhir.put(`Patient?${by('u4')}`, identified('u4', { id: 'a_b' })).expect(400);
  });

  it('deletes the one match', async () => {
    await fhir.post('Patient', identified('d1'));
    await fhir.delete(`Patient?${by('d1')}`).expect(204);
    expect(await count(`Patient?${by('d1')}`)).toBe(0);
    await fhir.delete(`Patient?${by('d1')}`).expect(204);
  });

  it('patches the one match', async () => {
    const { body } = await fhir.post('Patient', identified('p1'));
    const patch = '[{"op":"replace","path":"/active","value":false}]';
    const patched = await fhir.patch(`Patient?${by('p1')}`, patch, { 'Content-Type': 'application/json-patch+json' }).expect(200);
    expect(patched.body).toMatchObject({ id: body.id, active: false, meta: { versionId: '2' } });
    await fhir.patch(`Patient?${by('p0')}`, patch, { 'Content-Type': 'application/json-patch+json' }).expect(404);
  });

  it('finds by chains', async () => {
    const { body } = await fhir.post('Patient', identified('chained'));
    const about = observation({ subject: { reference: `Patient/${body.id}` } });
    const criteria = 'subject:Patient.identifier=urn:mrn|chained';
    const made = await fhir.post('Observation', about, { 'If-None-Exist': criteria }).expect(201);
    const again = await fhir.post('Observation', about, { 'If-None-Exist': criteria }).expect(200);
    expect(again.body.id).toBe(made.body.id);
  });

  it('finds nothing of another clinic (T7)', async () => {
    await fhir.post('Patient', identified('walled')).expect(201);
    const other = client(app, '/clinics/other/fhir/R4');
    await other.post('Patient', identified('walled'), { 'If-None-Exist': by('walled') }).expect(201);
    await client(app, '/clinics/third/fhir/R4')
      .delete(`Patient?${by('walled')}`)
      .expect(204);
    expect(await count(`Patient?${by('walled')}`)).toBe(1);
  });

  it.each([
    ['no criteria', ''],
    ['an unknown parameter', 'nonsense=1'],
    ['sorting', 'name=x&_sort=name'],
    ['result parameters alone', '_count=1'],
    ['a bad value', 'birthdate=soon'],
  ])('refuses a condition with %s', async (_what, criteria) => {
    await fhir.post('Patient', patient(), { 'If-None-Exist': criteria }).expect(400);
    await fhir.delete(`Patient?${criteria}`).expect(400);
    await fhir.put(`Patient?${criteria}`, patient()).expect(400);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

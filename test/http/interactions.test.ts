/** https://hl7.org/fhir/R4/http.html: status and headers of the plain interactions. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type Body, type FhirClient, type TestApp } from './harness.ts';
import { patient } from './samples.ts';

onEachStore('interactions', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
  }, 60_000);
  afterAll(() => app.close(), 60_000);
  const kindOf = (body: Body): string => body.issue[0].details.coding[0].code;
  const idOf = (answer: { body: { id: string } }): string => answer.body.id;

  it('creates under an id of its own', async () => {
    const made = await fhir
      .post('Patient', patient({ id: 'mine', meta: { versionId: '7', lastUpdated: '1990-01-01T00:00:00Z' } }))
      .expect(201);
    const id = idOf(made);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(made.headers).toMatchObject({
      location: `${app.baseUrl}/Patient/${id}/_history/1`,
      etag: 'W/"1"',
      'content-type': 'application/fhir+json; charset=utf-8',
      'x-content-type-options': 'nosniff',
    });
    expect(made.headers).not.toHaveProperty('x-powered-by');
    expect(Date.parse(made.headers['last-modified'] as string)).toBe(Math.floor(Date.parse(made.body.meta.lastUpdated) / 1000) * 1000);
    expect(made.body).toMatchObject({ meta: { versionId: '1' }, active: true });
    await fhir.get('Patient/mine').expect(404);
  });

  it('reads the text that was accepted', async () => {
    const text = '{"resourceType":"Patient","id":"text","extension":[{"url":"http://x","valueDecimal":1.50}],"active":true}';
    await fhir.put('Patient/text', text).expect(201);
    const read = await fhir.get('Patient/text').expect(200);
    expect(read.text.replace(/"meta":\{[^}]*\},?/, '')).toBe(text);
    expect(read.headers.etag).toBe('W/"1"');
    expect(read.headers['content-length']).toBe(String(Buffer.byteLength(read.text)));
  });

  it('answers HEAD like GET, without a body', async () => {
    const { body } = await fhir.post('Patient', patient());
    const [head, get] = [await fhir.head(`Patient/${body.id}`).expect(200), await fhir.get(`Patient/${body.id}`)];
    expect(head.text).toBeUndefined();
    for (const name of ['etag', 'last-modified', 'content-length', 'content-type']) expect(head.headers[name]).toBe(get.headers[name]);
  });

  it('updates, and reads each version', async () => {
    const id = idOf(await fhir.post('Patient', patient({ active: true })));
    const updated = await fhir.put(`Patient/${id}`, patient({ id, active: false })).expect(200);
    expect(updated.headers).toMatchObject({ etag: 'W/"2"', location: `${app.baseUrl}/Patient/${id}/_history/2` });
    expect((await fhir.get(`Patient/${id}/_history/1`).expect(200)).body).toMatchObject({ active: true, meta: { versionId: '1' } });
    expect((await fhir.get(`Patient/${id}/_history/2`).expect(200)).body).toMatchObject({ active: false, meta: { versionId: '2' } });
    for (const version of ['3', '0', 'x', '1.0']) await fhir.get(`Patient/${id}/_history/${version}`).expect(404);
  });

  it('creates by an update under the client’s id', async () => {
    const made = await fhir.put('Patient/a.b-C', patient({ id: 'a.b-C' })).expect(201);
    expect(made.headers.location).toBe(`${app.baseUrl}/Patient/a.b-C/_history/1`);
    await fhir.put('Patient/a.b-C', patient({ id: 'a.b-C' })).expect(200);
  });

  it('deletes, and counts on after that', async () => {
    const id = idOf(await fhir.post('Patient', patient()));
    const deleted = await fhir.delete(`Patient/${id}`).expect(204);
    expect(deleted.headers.etag).toBe('W/"2"');
    expect(kindOf((await fhir.get(`Patient/${id}`).expect(410)).body)).toBe('gone');
    await fhir.get(`Patient/${id}/_history/2`).expect(410);
    await fhir.get(`Patient/${id}/_history/1`).expect(200);
    await fhir.delete(`Patient/${id}`).expect(204);
    await fhir.delete('Patient/never').expect(204);
    const back = await fhir.put(`Patient/${id}`, patient({ id })).expect(201);
    expect(back.headers.etag).toBe('W/"3"');
  });

  it.each([
    ['the id is another', { id: 'other' }, 'invalid-structure'],
    ['the id is missing', {}, 'invalid-structure'],
    ['the type is another', { id: 'x', resourceType: 'Observation' }, 'invalid-structure'],
    ['an element is unknown', { id: 'x', nonsense: 1 }, 'invalid-structure'],
    ['a date has no such form', { id: 'x', birthDate: '1.2.1990' }, 'invalid-value'],
  ])('refuses an update where %s', async (_what, more, kind) => {
    const { body } = await fhir.put('Patient/x', { ...patient(), ...more }).expect(400);
    expect(kindOf(body)).toBe(kind);
    await fhir.get('Patient/x').expect(404);
  });

  it('refuses a code outside its required binding with 422', async () => {
    const { body } = await fhir.post('Patient', patient({ gender: 'unclear' })).expect(422);
    expect(body.issue[0]).toMatchObject({ code: 'code-invalid', expression: ['Patient.gender'] });
  });

  it('takes If-Match', async () => {
    const id = idOf(await fhir.post('Patient', patient()));
    await fhir.put(`Patient/${id}`, patient({ id }), { 'If-Match': 'W/"1"' }).expect(200);
    const stale = await fhir.put(`Patient/${id}`, patient({ id }), { 'If-Match': 'W/"1"' }).expect(412);
    expect(kindOf(stale.body)).toBe('precondition-failed');
    await fhir.put(`Patient/${id}`, patient({ id }), { 'If-Match': 'W/"x"' }).expect(412);
    await fhir.put(`Patient/${id}`, patient({ id }), { 'If-Match': '2' }).expect(400);
    await fhir.put('Patient/not-there', patient({ id: 'not-there' }), { 'If-Match': 'W/"1"' }).expect(412);
    await fhir.delete(`Patient/${id}`, { 'If-Match': 'W/"1"' }).expect(412);
    await fhir.delete(`Patient/${id}`, { 'If-Match': 'W/"2"' }).expect(204);
  });

  const PATCH = { 'Content-Type': 'application/json-patch+json' };
  const patchOf = '[{"op":"add","path":"/active","value":true}]';

  it('takes If-Match: * where there is a current version, whichever', async () => {
    const any = { 'If-Match': '*' };
    await fhir.put('Patient/star', patient({ id: 'star' }), any).expect(412);
    await fhir.delete('Patient/star', any).expect(412);
    await fhir.get('Patient/star').expect(404);
    await fhir.put('Patient/star', patient({ id: 'star' })).expect(201);
    await fhir.put('Patient/star', patient({ id: 'star' }), any).expect(200);
    await fhir.patch('Patient/star', patchOf, { ...PATCH, ...any }).expect(200);
    expect((await fhir.delete('Patient/star', any).expect(204)).headers.etag).toBe('W/"4"');
    await fhir.put('Patient/star', patient({ id: 'star' }), any).expect(412);
    await fhir.delete('Patient/star', any).expect(412);
    // Without the condition it would be no success either, and then no condition counts: RFC 9110, 13.2.1.
    await fhir.patch('Patient/star', patchOf, { ...PATCH, ...any }).expect(410);
    await fhir.patch('Patient/never', patchOf, { ...PATCH, ...any }).expect(404);
  });

  it.each([
    ['W/"1", W/"2"', 200],
    ['"2" , W/"1"', 200],
    [',"1",, W/"2",', 200],
    ['"a,b", "2"', 200],
    ['"2", "2"', 200],
    ['W/"1", "3"', 412],
    ['"a,2"', 412],
    ['"1" "2"', 400],
    ['"2", *', 400],
    ['W/"2', 400],
    [',', 400],
  ])('takes If-Match: %s as %d at version 2', async (ifMatch, status) => {
    const { id } = (await fhir.post('Patient', patient())).body;
    await fhir.put(`Patient/${id}`, patient({ id })).expect(200);
    await fhir.put(`Patient/${id}`, patient({ id }), { 'If-Match': ifMatch }).expect(status);
    const other = (await fhir.post('Patient', patient())).body.id;
    await fhir.put(`Patient/${other}`, patient({ id: other })).expect(200);
    await fhir.patch(`Patient/${other}`, patchOf, { ...PATCH, 'If-Match': ifMatch }).expect(status);
    const third = (await fhir.post('Patient', patient())).body.id;
    await fhir.put(`Patient/${third}`, patient({ id: third })).expect(200);
    await fhir.delete(`Patient/${third}`, { 'If-Match': ifMatch }).expect(status === 200 ? 204 : status);
  });

  it('takes If-None-Match: * of any write as: only where nothing is', async () => {
    const none = { 'If-None-Match': '*' };
    await fhir.put('Patient/none', patient({ id: 'none' })).expect(201);
    await fhir.patch('Patient/none', patchOf, { ...PATCH, ...none }).expect(412);
    await fhir.delete('Patient/none', none).expect(412);
    await fhir.put('Patient/none', patient({ id: 'none' }), { ...none, 'If-Match': '*' }).expect(412);
    await fhir.put('Patient/none', patient({ id: 'none' }), { 'If-None-Match': 'W/"7"' }).expect(400);
    expect((await fhir.get('Patient/none').expect(200)).headers.etag).toBe('W/"1"');
    await fhir.delete('Patient/none').expect(204);
    await fhir.delete('Patient/none', none).expect(204);
    await fhir.put('Patient/none', patient({ id: 'none' }), none).expect(201);
  });

  it('takes If-None-Match: * of an update that may only create', async () => {
    await fhir.put('Patient/once', patient({ id: 'once' }), { 'If-None-Match': '*' }).expect(201);
    await fhir.put('Patient/once', patient({ id: 'once' }), { 'If-None-Match': '*' }).expect(412);
  });

  it('lets one of many concurrent updates under one version through', async () => {
    const id = idOf(await fhir.post('Patient', patient()));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fhir.put(`Patient/${id}`, patient({ id }), { 'If-Match': 'W/"1"' })),
    );
    expect(answers.map((a) => a.status).sort()).toEqual([200, ...Array<number>(19).fill(412)]);
  });

  it.each([
    ['return=minimal', ''],
    ['return=OperationOutcome', 'OperationOutcome'],
    ['return=representation', 'Patient'],
    ['respond-async; x, return="minimal"', ''],
    ['return=nonsense', 'Patient'],
  ])('answers writes as Prefer: %s asks', async (prefer, type) => {
    const made = await fhir.post('Patient', patient(), { Prefer: prefer }).expect(201);
    expect(made.text === '' ? '' : made.body.resourceType).toBe(type);
    expect(made.headers.etag).toBe('W/"1"');
    expect(made.headers.location).toBeDefined();
  });

  it.each([
    ['GET', 'Nothing/1', 404, 'not-found'],
    ['GET', 'patient/1', 404, 'not-found'],
    ['POST', 'Nothing', 404, 'not-found'],
    ['GET', 'Patient/absent', 404, 'not-found'],
    ['GET', 'Patient/a$b', 400, 'invalid-value'],
    ['GET', `Patient/${'x'.repeat(65)}`, 400, 'invalid-value'],
    ['GET', 'Patient/%E0%A4%A', 400, 'invalid-value'],
    ['GET', 'Patient/1/2/3/4/5', 404, 'not-found'],
    ['GET', 'Patient/1/$nothing', 404, 'not-found'],
    ['GET', 'Patient/absent?nonsense=1', 400, 'unknown-parameter'],
    ['GET', 'Patient/text?_format=json&_format=json', 400, 'invalid-parameter'],
    ['DELETE', 'Patient/1/_history', 405, 'not-supported'],
    ['PUT', 'metadata', 405, 'not-supported'],
    ['POST', 'Patient/1', 405, 'not-supported'],
  ])('%s %s is %d', async (method, path, status, kind) => {
    const send =
      method === 'GET'
        ? fhir.get(path)
        : method === 'DELETE'
          ? fhir.delete(path)
          : fhir[method.toLowerCase() as 'post' | 'put'](path, patient());
    const { body, headers } = await send.expect(status);
    expect(body.resourceType).toBe('OperationOutcome');
    expect(kindOf(body)).toBe(kind);
    expect(body.id).toBe(headers['x-request-id']);
    if (status === 405) expect(headers.allow).toMatch(/GET|PUT/);
  });

  it('names the methods that a path has', async () => {
    const { headers } = await fhir.post('Patient/1', patient()).expect(405);
    expect(headers.allow).toBe('GET, HEAD, PUT, PATCH, DELETE');
  });

  it('reads again only what has changed', async () => {
    const { body, headers } = await fhir.post('Patient', patient());
    const path = `Patient/${body.id}`;
    const unchanged = await fhir.get(path, { 'If-None-Match': 'W/"1"' }).expect(304);
    expect([unchanged.text, unchanged.headers.etag]).toEqual(['', 'W/"1"']);
    await fhir.get(path, { 'If-None-Match': '"x", W/"1"' }).expect(304);
    await fhir.get(path, { 'If-None-Match': '*' }).expect(304);
    await fhir.head(path, { 'If-None-Match': '*' }).expect(304);
    await fhir.get('Patient/nowhere', { 'If-None-Match': '*' }).expect(404);
    await fhir.get(path, { 'If-None-Match': '"x,1"' }).expect(200);
    await fhir.get(path, { 'If-None-Match': 'W/"2"' }).expect(200);
    await fhir.get(path, { 'If-Modified-Since': headers['last-modified'] as string }).expect(304);
    await fhir
      .get(path, { 'If-Modified-Since': new Date(Date.parse(headers['last-modified'] as string) - 1000).toUTCString() })
      .expect(200);
    await fhir.get(path, { 'If-Modified-Since': 'yesterday' }).expect(200);
    // The tag counts where both are given.
    await fhir.get(path, { 'If-None-Match': 'W/"2"', 'If-Modified-Since': headers['last-modified'] as string }).expect(200);
  });

  it('keeps clinics apart', async () => {
    const [a, b] = [client(app, '/clinics/a/fhir/R4'), client(app, '/clinics/b/fhir/R4')];
    const made = await a.put('Patient/wall', patient({ id: 'wall' })).expect(201);
    expect(made.headers.location).toBe('http://nadi.test/clinics/a/fhir/R4/Patient/wall/_history/1');
    await b.get('Patient/wall').expect(404);
    await fhir.get('Patient/wall').expect(404);
    await b.delete('Patient/wall').expect(204);
    await a.get('Patient/wall').expect(200);
    await b.put('Patient/wall', patient({ id: 'wall' })).expect(201);
    expect((await b.get('Patient').expect(200)).body.entry).toHaveLength(1);
  });

  it('takes over a correlation id, or makes one', async () => {
    const given = await fhir.get('Patient/absent', { 'X-Request-Id': 'trace-1' }).expect(404);
    expect([given.headers['x-request-id'], given.body.id]).toEqual(['trace-1', 'trace-1']);
    const made = await fhir.get('Patient/absent', { 'X-Request-Id': 'bad id' });
    expect(made.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers other paths with a problem', async () => {
    const { body, headers } = await client(app, '').get('nothing').expect(404);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({ status: 404, type: expect.stringContaining('not-found'), requestId: headers['x-request-id'] });
    await client(app, '')
      .get('fhir/R44/Patient')
      .expect(404)
      .expect('content-type', /problem/);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

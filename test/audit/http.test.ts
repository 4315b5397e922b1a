import { createAddressOf } from '../../src/platform/peer.ts';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { decodeBlock, type LoggedRecord } from '../../src/audit/log/record.ts';
import { BODY_BUDGET, createBodyBudget } from '../../src/fhir/http/body-budget.ts';
import { createFhirHandler } from '../../src/fhir/http/fhir-handler.ts';
import { systemIdentity, type Identify } from '../../src/fhir/http/principal.ts';
import { createFhir } from '../../src/fhir/index.ts';
import type { AuditLog } from '../../src/fhir/model/audit.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import { createPathLocator } from '../../src/fhir/patch/path-locator.ts';
import { createWork } from '../../src/fhir/work/work.ts';
import { createSealer } from '../../src/platform/seal.ts';
import { clinic, onEachStore, SECRET, type World } from './world.ts';

onEachStore('the audit of FHIR over HTTP', (open) => {
  let world: World;
  const servers: Server[] = [];
  beforeEach(async () => {
    world = await open();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await world.close();
  });

  async function listen(audit: AuditLog = world.audit.log, identify: Identify = systemIdentity(clinic)): Promise<Server> {
    const work = createWork({ ...world.tools, locator: createPathLocator() });
    const deps = { ...world.tools, store: world.store, work, sealer: createSealer([SECRET], 'cursor') };
    const log = { error: (): void => undefined };
    const fhir = createFhirHandler({
      addressOf: createAddressOf([]),
      deps,
      dispatch: createFhir(deps),
      identify,
      publicUrl: 'http://nadi.test',
      budget: createBodyBudget(BODY_BUDGET),
      log,
      audit,
    });
    const server = createServer(createApp({ fhir, handlers: [], isSecure: false, observe: () => undefined, newId: deps.newId, log }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return server;
  }
  const records = async (of = clinic): Promise<LoggedRecord[]> => (await world.audit.journal.blocks(of, 1, -1, 1000)).flatMap(decodeBlock);
  const said = (all: readonly LoggedRecord[]): string[] =>
    all.map((r) => `${r.what} ${r.target ?? ''} ${r.patient ?? ''} ${r.outcome} ${r.status}`);
  const put = (server: Server, resource: { resourceType: string; id: string }) =>
    request(server)
      .put(`/fhir/R4/${resource.resourceType}/${resource.id}`)
      .set('Content-Type', 'application/fhir+json')
      .send(JSON.stringify(resource));
  const post = (server: Server, path: string, body: unknown) =>
    request(server).post(`/fhir/R4${path}`).set('Content-Type', 'application/fhir+json').send(JSON.stringify(body));

  it('has a record of every read, and of every write that left no version', async () => {
    const server = await listen();
    await put(server, { resourceType: 'Patient', id: '9' }).expect(201);
    expect(await records()).toEqual([]);
    await request(server).get('/fhir/R4/Patient/9').set('X-Request-Id', 'mine').expect(200);
    await request(server).get('/fhir/R4/Observation?patient=Patient%2F9').expect(200);
    await request(server).get('/fhir/R4/Patient/9/_history/1').expect(200);
    await request(server).delete('/fhir/R4/Patient/none').expect(204);
    await put(server, { resourceType: 'Patient', id: 'bad', gender: 'x' } as never).expect(422);
    await post(server, '/Patient', 'no').expect(400);
    expect(said(await records())).toEqual([
      'read Patient/9 Patient/9 success 200',
      'search-type Observation Patient/9 success 200',
      'vread Patient/9/_history/1 Patient/9 success 200',
      'delete Patient/none Patient/none success 204',
      'update Patient/bad Patient/bad failed 422',
      'create Patient  failed 400',
    ]);
    expect((await records())[0]).toMatchObject({ requestId: 'mine', subject: 'Device/system', address: '127.0.0.1' });
    expect((await records())[1]?.query).toBe('patient=Patient%2F9');
  });

  it('corrects the record of a read that failed', async () => {
    const server = await listen();
    await request(server).get('/fhir/R4/Patient/none').expect(404);
    const [first, second] = await records();
    expect(second).toMatchObject({ corrects: first?.id, outcome: 'failed', status: 404 });
  });

  it('has records of the entries of a bundle that read or failed', async () => {
    const server = await listen();
    const entry = (method: string, url: string, resource?: unknown) => ({ request: { method, url }, ...(resource ? { resource } : {}) });
    await put(server, { resourceType: 'Patient', id: '9' });
    const entries = [entry('GET', 'Patient/9'), entry('GET', 'Patient/8'), entry('POST', 'Patient', { resourceType: 'Patient' })];
    await post(server, '', { resourceType: 'Bundle', type: 'batch', entry: entries }).expect(200);
    expect(said(await records()).sort()).toEqual([
      'batch   success 200',
      'read Patient/8 Patient/8 failed 404',
      'read Patient/9 Patient/9 success 200',
    ]);
    await post(server, '', { resourceType: 'Bundle', type: 'transaction', entry: [entries[0]] }).expect(200);
    expect(said((await records()).slice(3)).sort()).toEqual(['read Patient/9 Patient/9 success 200', 'transaction   success 200']);
    await post(server, '', { resourceType: 'Bundle', type: 'transaction', entry: [entries[1]] }).expect(404);
    expect(said((await records()).slice(5))).toEqual(['batch   failed 404']);
  });

  it('has a record of what was refused before anyone was known', async () => {
    const refuse: Identify = () => Promise.reject(fhirError('unauthenticated', 'no token', 'Sign in.'));
    const server = await listen(world.audit.log, refuse);
    await request(server).get('/clinics/demo/fhir/R4/Patient/9').expect(401);
    await request(server).get('/fhir/R4/Patient?name=x').expect(401);
    expect(said(await records())).toEqual(['read Patient/9  refused 401']);
    expect(said(await records(asClinicId('_platform')))).toEqual(['search-type Patient  refused 401']);
  });

  it('L2: shows nothing where the trail cannot be written', async () => {
    await put(await listen(), { resourceType: 'Patient', id: '9' });
    const away = { append: () => Promise.reject(fhirError('unavailable', 'the trail is away', 'Try again.')) };
    const server = await listen(away);
    const refused = await listen(away, () => Promise.reject(fhirError('unauthenticated', 'no token', 'Sign in.')));
    const bundle = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient/9' } }] };
    const answers = [
      await request(server).get('/fhir/R4/Patient/9'),
      await request(server).get('/fhir/R4/Patient/none'),
      await request(server).get('/fhir/R4/Patient?_id=9'),
      await post(server, '', bundle),
      await post(server, '/Patient', 'no'),
      await request(refused).get('/fhir/R4/Patient/9'),
    ];
    for (const { status, text } of answers) {
      expect(status).toBe(503);
      expect(text).not.toContain('"id":"9"');
    }
    // The version is the record.
    await put(server, { resourceType: 'Patient', id: '9' }).expect(200);
  });
});

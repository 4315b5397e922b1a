import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { Type } from 'typebox';
import { docsRoutes } from '../../src/api/docs.ts';
import { openApiOf } from '../../src/api/openapi.ts';
import { route, type Route } from '../../src/api/route.ts';
import { createRouteTable } from '../../src/api/table.ts';
import type { ApiOptions } from '../../src/api/handler.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { ALL_ACCESS, ROLES } from '../../src/fhir/model/principal.ts';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import { onEachRecordStore, serveRoutes, type TestApi, type TestRecords } from './set-up.ts';

const counted = { orders: 0 };

const ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/clinics/:clinicId/rooms',
    summary: 'Lists rooms',
    tag: 'Rooms',
    rule: { group: 'rooms', action: 'search' },
    query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) }, { additionalProperties: false }),
    answers: { 200: Type.Object({ limit: Type.Integer() }) },
    audit: 'rest',
    handle: async ({ query, params }) => ({ status: 200, body: { limit: query.limit, clinic: params['clinicId'] } }),
  }),
  route({
    method: 'POST',
    path: '/orders',
    summary: 'Orders',
    tag: 'Orders',
    rule: { own: 'an order is the caller’s own' },
    body: Type.Object({ item: Type.String({ minLength: 1 }), count: Type.Optional(Type.Integer()) }, { additionalProperties: false }),
    answers: { 201: Type.Object({ number: Type.Integer(), by: Type.String() }) },
    audit: 'rest',
    handle: async ({ body, identity }) => {
      if (body.item === 'nothing') throw fhirError('business-rule', 'nothing is not for sale', 'Order something.', '/item');
      if (body.item === 'fault') throw new Error('canary Meera Rao');
      counted.orders += 1;
      return { status: 201, body: { number: counted.orders, by: identity.principal.subject }, audit: { target: 'Basic/1' } };
    },
  }),
  route({
    method: 'GET',
    path: '/orders/latest',
    summary: 'The latest',
    tag: 'Orders',
    rule: { open: 'a test' },
    answers: { 200: 'text/plain' },
    audit: null,
    handle: async () => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'latest' }),
  }),
  route({
    method: 'GET',
    path: '/orders/:id',
    summary: 'One',
    tag: 'Orders',
    rule: { own: 'an order is the caller’s own' },
    answers: { 200: Type.Object({ id: Type.String() }) },
    audit: 'rest',
    handle: async ({ params }) => ({ status: 200, body: { id: params['id'] } }),
  }),
];

const ADMIN = { Authorization: 'Bearer CLINIC_ADMIN@demo' };
const NURSE = { Authorization: 'Bearer NURSE@demo' };

onEachRecordStore('routes', (open) => {
  let kept: TestRecords;
  let api: TestApi;
  beforeAll(async () => {
    kept = await open();
    api = await serveRoutes(
      [...ROUTES, ...docsRoutes(() => ({ routes: ROUTES, description: { title: 'x', version: '1', server: 'http://nadi.test' } }))],
      kept.records,
    );
  });
  beforeEach(() => void (api.trail.length = 0));
  afterAll(async () => {
    await api.close();
    await kept.dispose();
  });

  it('reads the query by its schema, defaults included, and names what is wrong', async () => {
    await request(api.server).get('/clinics/demo/rooms').set(ADMIN).expect(200, { limit: 100, clinic: 'demo' });
    await request(api.server).get('/clinics/demo/rooms?limit=7').set(ADMIN).expect(200, { limit: 7, clinic: 'demo' });
    for (const query of ['limit=0', 'limit=x', 'limit=1&limit=2', 'other=1']) {
      const answer = await request(api.server).get(`/clinics/demo/rooms?${query}`).set(ADMIN);
      expect({ query, status: answer.status, rules: (answer.body as { errors: unknown[] }).errors.length }).toEqual({
        query,
        status: 400,
        rules: 1,
      });
    }
  });

  it('lets in only who may, and shows no other clinic', async () => {
    await request(api.server).get('/clinics/demo/rooms').expect(401).expect('Content-Type', 'application/problem+json');
    await request(api.server).get('/clinics/demo/rooms').set(NURSE).expect(403);
    await request(api.server).get('/clinics/other/rooms').set(ADMIN).expect(404);
    await request(api.server).get('/clinics/other/rooms').set({ Authorization: 'Bearer SUPER_ADMIN@demo' }).expect(200);
    expect(api.trail.map((r) => [r.outcome, r.status, r.role])).toEqual([
      ['refused', 401, undefined],
      ['refused', 403, 'NURSE'],
      ['refused', 404, 'CLINIC_ADMIN'],
      ['success', 200, 'SUPER_ADMIN'],
    ]);
  });

  it('a route without a rule is nobody’s', async () => {
    const ruleless = [undefined, {}, { public: 'yes' }].map((rule, i) =>
      route({
        method: 'GET',
        path: `/planted/${i}`,
        summary: 'Planted',
        tag: 'Planted',
        rule: rule as unknown as { own: string },
        answers: { 200: null },
        audit: 'rest',
        handle: async () => ({ status: 200 }),
      }),
    );
    const planted = await serveRoutes(ruleless, kept.records);
    for (const i of ruleless.keys()) {
      await request(planted.server).get(`/planted/${i}`).expect(401);
      for (const role of ROLES) await request(planted.server).get(`/planted/${i}`).set('Authorization', `Bearer ${role}@demo`).expect(403);
    }
    await planted.close();
  });

  it('tells each problem of a body with pointer, rule and hint', async () => {
    const answer = await request(api.server).post('/orders').set(NURSE).send({ count: 1.5, 'a/b': 1 }).expect(400);
    expect((answer.body as { errors: { pointer: string }[] }).errors.map((e) => e.pointer).sort()).toEqual(['/a~1b', '/count', '/item']);
    await request(api.server)
      .post('/orders')
      .set(NURSE)
      .set('Content-Type', 'application/json')
      .send('{"item":"a","item":"b"}')
      .expect(400);
    await request(api.server).post('/orders').set(NURSE).set('Content-Type', 'application/json').send('{"__proto__":{"x":1}}').expect(400);
    await request(api.server).post('/orders').set(NURSE).set('Content-Type', 'text/plain').send('x').expect(415);
    await request(api.server).post('/orders').set(NURSE).send({ item: 'nothing' }).expect(422);
  });

  it('answers a fault without what it was about, and logs it', async () => {
    const { text } = await request(api.server).post('/orders').set(NURSE).send({ item: 'fault' }).expect(500);
    expect(text).not.toContain('Meera');
    expect(api.faults).toHaveLength(1);
    expect(api.trail.at(-1)).toMatchObject({ outcome: 'failed', status: 500 });
  });

  it('takes the most literal path, and tells the methods of a place', async () => {
    await request(api.server).get('/orders/latest').expect(200, 'latest');
    await request(api.server).get('/orders/7%2F8').set(NURSE).expect(200, { id: '7/8' });
    await request(api.server).delete('/orders/7').set(NURSE).expect(405).expect('Allow', 'GET, HEAD');
    const head = await request(api.server).head('/orders/latest').expect(200);
    expect(head.headers['content-length']).toBe('6');
    await request(api.server).get('/nowhere').expect(404);
  });

  it('answers the same key and body once, another body not at all', async () => {
    const key = { ...NURSE, 'Idempotency-Key': 'k-1' };
    const first = await request(api.server).post('/orders').set(key).send({ item: 'oil' }).expect(201);
    const again = await request(api.server).post('/orders').set(key).send({ item: 'oil' }).expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    await request(api.server).post('/orders').set(key).send({ item: 'ghee' }).expect(409);
    const other = await request(api.server)
      .post('/orders')
      .set({ ...ADMIN, 'Idempotency-Key': 'k-1' })
      .send({ item: 'oil' })
      .expect(201);
    expect((other.body as { by: string }).by).toBe('Practitioner/CLINIC_ADMIN');
    await request(api.server)
      .post('/orders')
      .set({ ...NURSE, 'Idempotency-Key': 'x'.repeat(256) })
      .send({ item: 'oil' })
      .expect(400);
  });

  it('does the work of a key once, however many come at the same time', async () => {
    const before = counted.orders;
    const key = { ...NURSE, 'Idempotency-Key': 'crowd' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => request(api.server).post('/orders').set(key).send({ item: 'oil' })));
    expect(counted.orders).toBe(before + 1);
    expect(answers.every((a) => a.status === 201 || a.status === 409)).toBe(true);
  });

  it('may be tried again under the same key after a refusal', async () => {
    const key = { ...NURSE, 'Idempotency-Key': 'again' };
    await request(api.server).post('/orders').set(key).send({ item: 'nothing' }).expect(422);
    await request(api.server).post('/orders').set(key).send({ item: 'nothing' }).expect(422);
  });

  it('shows the page under a policy that runs only its own files', async () => {
    const page = await request(api.server).get('/docs').expect(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    await request(api.server).get('/docs/swagger-ui-bundle.js').expect(200);
    await request(api.server).get('/openapi.json').expect(200);
  });
});

describe('what is reached by break-glass', () => {
  it('is filed as that, with the reason where there is one', async () => {
    const emergency = {
      identify: async (headers: { authorization?: string | undefined }) => {
        const principal = { subject: 'Practitioner/1', clinic: asClinicId('demo'), role: 'DOCTOR', emergency: 'no pulse' } as const;
        const calm = { subject: 'Practitioner/1', clinic: asClinicId('demo'), role: 'SUPER_ADMIN' } as const;
        return { principal: headers.authorization === 'calm' ? calm : principal, access: ALL_ACCESS, session: 's', scope: '' };
      },
    };
    const permits = (): boolean => true;
    const isBreakGlass: ApiOptions['isBreakGlass'] = (_identity, { group }) => group === 'rooms';
    const api = await serveRoutes(ROUTES, undefined as never, { ...emergency, permits, isBreakGlass });
    await request(api.server).get('/clinics/demo/rooms').expect(200);
    await request(api.server).get('/clinics/demo/rooms').set('Authorization', 'calm').expect(200);
    await request(api.server).get('/orders/7').expect(200);
    expect(api.trail.map(({ category, reason }) => [category, reason])).toEqual([
      ['break-glass', 'no pulse'],
      ['break-glass', undefined],
      ['rest', undefined],
    ]);
    await api.close();
  });
});

describe('a trail that is down', () => {
  it('lets no answer out', async () => {
    const failing = { append: () => Promise.reject(fhirError('unavailable', 'the audit trail is away', 'Try again.')) };
    const api = await serveRoutes(ROUTES, undefined as never, { audit: failing });
    const { status, text } = await request(api.server).get('/orders/7').set(NURSE);
    await api.close();
    expect(status).toBe(503);
    expect(text).not.toContain('"id"');
  });
});

describe('the description', () => {
  it('has each route with its parameters, bodies, answers and who may use it', () => {
    const document = openApiOf(ROUTES, { title: 'Nadi', version: '1', server: 'http://nadi.test' }) as {
      paths: Record<string, Record<string, { description: string; requestBody?: unknown; parameters: { name: string }[] }>>;
    };
    expect(Object.keys(document.paths)).toEqual(['/clinics/{clinicId}/rooms', '/orders', '/orders/latest', '/orders/{id}']);
    expect(document.paths['/orders']?.['post']?.requestBody).toMatchObject({
      content: { 'application/json': { schema: { type: 'object', required: ['item'] } } },
    });
    expect(document.paths['/clinics/{clinicId}/rooms']?.['get']?.parameters.map((p) => p.name)).toEqual(['clinicId', 'limit']);
    expect(document.paths['/clinics/{clinicId}/rooms']?.['get']?.description).toBe('Needs the right to search rooms.');
  });
});

describe('the table', () => {
  it('refuses two routes for the same request', () => {
    const [first] = ROUTES as [Route];
    expect(() => createRouteTable([first, { ...first, path: '/clinics/:id/rooms' }])).toThrow('same method and path');
  });
});

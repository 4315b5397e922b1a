import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { createCors } from '../../src/api/cors.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { OAUTH_CLIENT } from '../../src/smart-auth/clients/records.ts';
import { createOriginLookup } from '../../src/smart-auth/clients/origins.ts';
import { movableClock, type MovableClock } from '../smart-auth/clock.ts';
import { onEachRecordStore, type TestRecords } from './set-up.ts';

const APP = 'https://app.example';
const CLIENT = {
  clientId: 'c1',
  clinic: asClinicId('demo'),
  name: 'App',
  authMethod: 'none' as const,
  secrets: [],
  redirectUris: [`${APP}/cb`],
  grantTypes: [],
  scope: '',
  origins: [APP, 'http://localhost:4000'],
  active: true,
  registeredBy: 'test',
  createdAt: 0,
};

onEachRecordStore('CORS', (open) => {
  let opened: TestRecords;
  let server: Server;
  let clock: MovableClock;

  beforeAll(async () => {
    clock = movableClock();
    opened = await open(clock);
    await opened.records.insert(OAUTH_CLIENT, PLATFORM, 'c1', CLIENT);
    const cors = createCors({ origins: ['https://portal.example/'], isOriginOfApp: createOriginLookup(opened.records), clock });
    const app = createApp({
      fhir: () => false,
      handlers: [
        (_request, response) => {
          response.writeHead(200).end('served');
          return true;
        },
      ],
      cors,
      isSecure: false,
      observe: () => undefined,
      newId: () => 'r-1',
      log: { error: () => undefined },
    });
    server = createServer(app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    await opened.dispose();
  });

  const ask = (origin: string, path = '/fhir/R4/Patient') => request(server).get(path).set('Origin', origin);

  it.each([APP, 'http://localhost:4000', 'https://portal.example'])(
    '%s may read answers and what it needs of their headers',
    async (origin) => {
      const { headers } = await ask(origin).expect(200, 'served');
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-expose-headers']).toMatch(/ETag, Location, Content-Location, X-Request-Id/);
      expect(headers['vary']).toBe('Origin');
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    },
  );

  it.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null', 'https://app.example/', '*'])(
    '%s may not',
    async (origin) => {
      const { headers } = await ask(origin).expect(200);
      expect(headers['access-control-allow-origin']).toBeUndefined();
      const preflight = await request(server).options('/fhir/R4/Patient').set('Origin', origin).set('Access-Control-Request-Method', 'PUT');
      expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it('a preflight is answered, with what may be sent', async () => {
    const preflight = await request(server)
      .options('/oauth2/token')
      .set('Origin', APP)
      .set('Access-Control-Request-Method', 'POST')
      .set('Access-Control-Request-Headers', 'authorization,if-match')
      .expect(204);
    expect(preflight.headers['access-control-allow-methods']).toMatch(/PATCH/);
    expect(preflight.headers['access-control-allow-headers']).toMatch(/Authorization.*If-Match/);
  });

  it('any origin may read discovery; none the pages that people look at', async () => {
    const found = await ask('https://anyone.example', '/fhir/R4/.well-known/smart-configuration');
    expect(found.headers['access-control-allow-origin']).toBe('*');
    for (const path of ['/oauth2/authorize?x', '/oauth2/login', '/oauth2/consent?tx=1', '/password?token=x', '/password/forgot']) {
      expect((await ask(APP, path)).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('the origin of an app that was ended is forgotten', async () => {
    await opened.records.replace(OAUTH_CLIENT, PLATFORM, 'c1', 1, { ...CLIENT, active: false });
    clock.advance(10_000);
    expect((await ask(APP)).headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('CORS without a store', () => {
  it('lets no origin in', async () => {
    const cors = createCors({ origins: [], isOriginOfApp: () => Promise.reject(new Error('away')), clock: movableClock() });
    const set: string[] = [];
    const response = { setHeader: (name: string) => void set.push(name) };
    expect(await cors({ headers: { origin: APP }, url: '/x', method: 'GET' } as never, response as never)).toBe(false);
    expect(set).toEqual(['Vary']);
  });
});

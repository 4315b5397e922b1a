/** The server as its first users meet it: what the first start makes signs in, and nobody else is let in. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { loadConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/start.ts';
import { freshEnvironment, availableStores } from '../../tools/running-server.ts';

const CLIENT = { id: 'ehr', secret: 'a secret between two servers' };
const FHIR_JSON = 'application/fhir+json';

interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

describe.each(availableStores())('a first start on %s', (store) => {
  const environment: Record<string, string> = {
    ...freshEnvironment(store),
    ...{ AUTH: 'required', LOG_LEVEL: 'fatal', BOOTSTRAP_CLIENT_ID: CLIENT.id, BOOTSTRAP_CLIENT_SECRET: CLIENT.secret },
  };
  const start = (): Promise<RunningServer> => startServer(loadConfig(environment));
  let server: RunningServer;
  beforeAll(async () => void (server = await start()), 60_000);
  afterAll(async () => {
    await server.drain();
    rmSync(environment['DATA_DIR'] as string, { recursive: true, force: true });
  });

  const ask = async (path: string, init: RequestInit = {}): Promise<Told> => {
    const response = await fetch(server.address + path, init);
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
  };
  const as = (token: unknown): { authorization: string } => ({ authorization: `Bearer ${String(token)}` });
  const tokenOf = async ({ id, secret }: typeof CLIENT): Promise<Told> =>
    ask('/oauth2/token', {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'system/*.cruds' }),
    });
  const signIn = (password: string): Promise<Told> =>
    ask('/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'admin@nadi.local', password }),
    });

  it('lets nobody in without a token', async () => {
    for (const path of ['/fhir/R4/Patient', '/clinics/demo/fhir/R4/Patient', '/fhir/R4', '/users', '/clinics', '/auth/me'])
      expect([path, (await ask(path)).status]).toEqual([path, 401]);
    expect((await ask('/fhir/R4/metadata')).status).toBe(200);
    expect((await ask('/fhir/R4/.well-known/smart-configuration')).body['issuer']).toBe(server.address);
  });

  it('lets the client in that it was told of, by its secret alone', async () => {
    expect((await tokenOf({ ...CLIENT, secret: 'another' })).status).toBe(401);
    const { body } = await tokenOf(CLIENT);
    const headers = { ...as(body['access_token']), 'content-type': FHIR_JSON };
    const made = await ask('/fhir/R4/Patient', { method: 'POST', headers, body: JSON.stringify({ resourceType: 'Patient' }) });
    expect(made.status).toBe(201);
    expect((await ask('/clinics/other/fhir/R4/Patient', { headers })).status).toBe(404);
  });

  it('lets its administrator in by the password that it shows once', async () => {
    const password = String(server.password);
    expect(password).toMatch(/^\S{20}$/);
    expect((await signIn(`${password}x`)).status).toBe(401);
    const { body } = await signIn(password);
    const headers = as(body['accessToken']);
    expect((await ask('/auth/me', { headers })).body).toMatchObject({ clinic: 'demo', role: 'SUPER_ADMIN' });
    expect((await ask('/fhir/R4/Patient?_summary=count', { headers })).body).toMatchObject({ total: 1 });
    expect((await ask('/users', { headers })).status).toBe(200);
    const trail = await ask('/fhir/R4/AuditEvent?_summary=count', { headers });
    expect(trail.body['total']).toBeGreaterThan(0);
  });

  it('describes every route of the clinic API', async () => {
    const { paths } = (await ask('/openapi.json')).body as { paths: Record<string, Record<string, { summary?: string }>> };
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThan(60);
    expect(operations.filter(({ summary }) => !summary)).toEqual([]);
  });

  it('shows no password at the next start, and keeps the old one', async () => {
    const password = String(server.password);
    await server.drain();
    server = await start();
    expect(server.password).toBeUndefined();
    expect((await signIn(password)).status).toBe(200);
  });
});

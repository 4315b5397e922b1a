/** S5: TLS as the server serves it itself: no old versions, cookies that no other host and no plain connection sees, HSTS. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { request as plainRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, type ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/start.ts';
import { freshEnvironment } from '../../tools/running-server.ts';

/** For localhost, of nobody else's trust. */
const fileOf = (name: string): string => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const ca = readFileSync(fileOf('certificate'));
const PASSWORD = 'seven quiet elephants at dawn';

interface Told {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

describe('TLS', () => {
  let server: RunningServer;
  let dataDir: string;
  let port: number;
  beforeAll(async () => {
    const environment: Record<string, string> = {
      ...freshEnvironment('sqlite'),
      ...{ AUTH: 'required', LOG_LEVEL: 'fatal', BOOTSTRAP_ADMIN_PASSWORD: PASSWORD },
      ...{ TLS_CERT: fileOf('certificate'), TLS_KEY: fileOf('key') },
    };
    dataDir = environment['DATA_DIR'] ?? '';
    server = await startServer(loadConfig(environment));
    port = Number(new URL(server.address).port);
  }, 60_000);
  afterAll(async () => {
    await server.drain();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function ask(path: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<Told> {
    const type = form ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const sent = request({ host: 'localhost', port, path, ca, method: form ? 'POST' : 'GET', headers: { ...type, ...headers } });
    sent.end(form ? new URLSearchParams(form).toString() : undefined);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() };
  }

  /** The version that was agreed on, or what went wrong. */
  function versionWith(options: ConnectionOptions): Promise<string | null> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    // A client that would take anything: if the connection fails, it is the server that refuses.
    const socket = connect({ host: 'localhost', port, ca, ciphers: 'DEFAULT@SECLEVEL=0', ...options });
    socket.once('secureConnect', () => resolve(socket.getProtocol()));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    return promise.finally(() => socket.destroy());
  }

  it.each(['TLSv1.3', 'TLSv1.2'] as const)('%s is spoken', async (version) => {
    expect(await versionWith({ minVersion: version, maxVersion: version })).toBe(version);
  });

  it.each(['TLSv1.1', 'TLSv1'] as const)('%s is refused by the server', async (version) => {
    expect(await versionWith({ minVersion: version, maxVersion: version })).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  });

  it('who speaks without it gets nothing', async () => {
    const sent = plainRequest({ host: 'localhost', port, path: '/healthz' });
    sent.end();
    await expect(once(sent, 'response')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('browsers are told to come no other way, on every surface', async () => {
    for (const path of ['/healthz', '/fhir/R4/metadata', '/fhir/R4/Patient', '/auth/me', '/oauth2/login', '/nowhere'])
      expect([path, (await ask(path)).headers['strict-transport-security']]).toEqual([path, 'max-age=31536000']);
  });

  it('what discovery names is reached over it', async () => {
    const { text } = await ask('/fhir/R4/.well-known/smart-configuration');
    const urls = text.match(/"https?:\/\/[^"]+"/g) ?? [];
    expect(urls.length).toBeGreaterThan(5);
    expect(urls.filter((url) => !url.startsWith('"https:'))).toEqual([]);
  });

  it('cookies of the pages are of this host alone, never sent in the clear, out of reach of scripts and other sites', async () => {
    const page = await ask('/oauth2/login?lang=hi');
    const given = page.headers['set-cookie'] ?? [];
    const cookie = given.map((set) => set.split(';', 1)[0]).join('; ');
    const token = /name="token" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const fields = { token, email: 'admin@nadi.local', password: PASSWORD };
    const signedIn = await ask('/oauth2/login', fields, { cookie, origin: server.address, 'sec-fetch-site': 'same-origin' });
    expect([signedIn.status, signedIn.text.slice(0, 300)]).toEqual([303, '']);
    const all = [...given, ...(signedIn.headers['set-cookie'] ?? [])];
    expect(all.map((set) => set.split('=', 1)[0]).toSorted()).toEqual([
      '__Host-nadi',
      '__Host-nadi-device',
      '__Host-nadi-form',
      '__Host-nadi-language',
    ]);
    for (const set of all) {
      expect(set).toMatch(/; Secure(;|$)/);
      expect(set).toMatch(/; HttpOnly(;|$)/);
      expect(set).toMatch(/; SameSite=(Lax|Strict)(;|$)/);
      expect(set).toMatch(/; Path=\/(;|$)/);
      expect(set).not.toMatch(/domain=/i);
    }
  });
});

/** MongoDB goes away and comes back: 503 meanwhile, nothing half done, recovery without a restart (R5). */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '../../src/config.ts';
import { startServer, type RunningServer } from '../../src/start.ts';
import { dropDatabase, freshDatabase } from '../store/mongo/database.ts';

const url = process.env['TEST_MONGODB_URL'];

/** Stands between the server and MongoDB, and can be cut. */
interface Wire {
  readonly port: number;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

async function openWire(target: URL): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((socket) => {
    if (isCut) {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        sockets.delete(from);
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

if (url === undefined) {
  it('is run where TEST_MONGODB_URL names a replica set', () => {
    expect(url).toBeUndefined();
  });
} else {
  describe('a server whose MongoDB is away', () => {
    const database = freshDatabase();
    let folder: string;
    let wire: Wire;
    let server: RunningServer;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'nadi-outage-'));
      wire = await openWire(new URL(url));
      const environment = {
        PORT: '0',
        DATA_DIR: folder,
        AUTH: 'none',
        LOG_LEVEL: 'fatal',
        DATABASE_URL: `mongodb://127.0.0.1:${wire.port}/${database}?directConnection=true`,
        REDIS_URL: process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:1',
        SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      };
      server = await startServer(loadConfig(environment));
    }, 60_000);
    afterAll(async () => {
      wire.mend();
      await server.drain();
      await wire.close();
      await dropDatabase(url, database);
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    const put = (id: string): Promise<Response> =>
      fetch(`${server.address}/fhir/R4/Patient/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ resourceType: 'Patient', id }),
      });
    const get = (path: string): Promise<Response> => fetch(`${server.address}${path}`);

    it('answers 503 with Retry-After, says which dependency is down, and recovers by itself', async () => {
      expect((await put('before')).status).toBe(201);
      wire.cut();
      const answers = await Promise.all([
        put('during'),
        get('/fhir/R4/Patient/before'),
        get('/fhir/R4/Patient?name=x'),
        get('/fhir/R4/_history'),
      ]);
      for (const answer of answers) {
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
        expect(await answer.json()).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'transient' }] });
      }
      const readiness = await get('/readyz');
      expect([readiness.status, await readiness.json()]).toEqual([
        503,
        expect.objectContaining({ dependencies: expect.objectContaining({ database: 'down' }) }),
      ]);
      expect((await get('/healthz')).status).toBe(200);

      wire.mend();
      for (let i = 0; i < 100 && (await get('/fhir/R4/Patient/before')).status !== 200; i++) await pause(100);
      expect((await get('/fhir/R4/Patient/before')).status).toBe(200);
      expect((await get('/fhir/R4/Patient/during')).status).toBe(404);
      expect((await put('after')).status).toBe(201);
    }, 60_000);
  });
}

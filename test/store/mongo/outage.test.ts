import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { ALL } from '../../../src/fhir/search/ast.ts';
import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { openMongoRecords } from '../../../src/records/mongo/index.ts';
import type { RecordStore } from '../../../src/records/port.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { feed, key, names, put, query, setOf } from '../../contract/store/context.ts';
import { dropDatabase, freshDatabase, withMongo } from './database.ts';

/** A server between client and database that can go away. */
async function createLine(host: string, port: number) {
  const sockets = new Set<Socket>();
  const pass = (socket: Socket): void => {
    const onward = connect(port, host);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  };
  let server: Server = createServer(pass).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    async cut() {
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
    async restore() {
      server = createServer(pass).listen(own, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}

const clinic = asClinicId('clinic');
const PLAIN = { name: 'plain' };

withMongo((url) => {
  describe('MongoDB away', () => {
    const database = freshDatabase();
    const place = new URL(url.replace(/^mongodb:/, 'http:'));
    let line: Awaited<ReturnType<typeof createLine>>;
    let store: FhirStore;
    let records: RecordStore;

    beforeAll(async () => {
      line = await createLine(place.hostname, Number(place.port || 27017));
      const through = `mongodb://127.0.0.1:${line.port}/?directConnection=true`;
      store = await openMongoStore({ url: through, database, clock: systemClock });
      records = await openMongoRecords({ url: through, database, clock: systemClock });
    }, 60_000);
    afterAll(async () => {
      await store.close();
      await records.close();
      await line.cut();
      await dropDatabase(url, database);
    }, 60_000);

    it('is unavailable, for every call, and serves again by itself', async () => {
      await store.write(clinic, setOf([put('Patient', 'before')]));
      await records.insert(PLAIN, clinic, 'a', 1);
      await line.cut();
      const calls = [
        store.check(),
        store.read(clinic, key('Patient', 'before')),
        store.search(clinic, query('Patient', ALL)),
        store.write(clinic, setOf([put('Patient', 'meanwhile')])),
        store.lastSeq(clinic),
        records.check(),
        records.get(PLAIN, clinic, 'a'),
        records.insert(PLAIN, clinic, 'b', 1),
      ];
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ status: 'rejected', reason: { kind: 'unavailable', retryAfter: 5 } });
      }
      await line.restore();
      await served(() => store.check());
      expect(await store.write(clinic, setOf([put('Patient', 'after')]))).toMatchObject({ ok: true });
      expect(names(await feed(store, clinic))).toEqual(['Patient/before/1', 'Patient/after/1']);
      await served(() => records.check());
      expect(await records.get(PLAIN, clinic, 'a')).toMatchObject({ value: 1 });
      expect(await records.get(PLAIN, clinic, 'b')).toBeUndefined();
    }, 60_000);

    it('in the middle of writes leaves each whole or not at all', async () => {
      const sets = Array.from({ length: 40 }, (_, i) => setOf([put('Observation', `a${i}`), put('Observation', `b${i}`)]));
      const writing = Promise.allSettled(sets.map((set) => store.write(clinic, set)));
      await line.cut();
      const outcomes = await writing;
      await line.restore();
      await served(() => store.check());
      for (const [i, outcome] of outcomes.entries()) {
        const kept = (await store.readMany(clinic, [key('Observation', `a${i}`), key('Observation', `b${i}`)])).length;
        if (outcome.status === 'fulfilled') expect(kept).toBe(2);
        else expect([0, 2]).toContain(kept);
      }
    }, 60_000);

    it('from the start: opening fails as unavailable', async () => {
      await expect(openMongoStore({ url: 'mongodb://127.0.0.1:1/?directConnection=true', clock: systemClock })).rejects.toMatchObject({
        kind: 'unavailable',
      });
    }, 60_000);
  });
});

/** Waits until a call succeeds. */
async function served(call: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await call();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

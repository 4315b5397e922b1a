import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { feed, key, put, results, setOf } from '../../contract/store/context.ts';
import { dropDatabase, freshDatabase, withMongo } from './database.ts';

const clinic = asClinicId('clinic');

withMongo((url) => {
  describe('several processes', () => {
    const databases: string[] = [];
    const fresh = (): string => {
      const database = freshDatabase();
      databases.push(database);
      return database;
    };
    const open = (database: string): Promise<FhirStore> => openMongoStore({ url, database, clock: systemClock });
    afterAll(async () => {
      for (const database of databases) await dropDatabase(url, database);
    });

    it('make the schema at once', async () => {
      const database = fresh();
      const stores = await Promise.all(Array.from({ length: 6 }, () => open(database)));
      const outcomes = await Promise.all(stores.map((store, i) => store.write(clinic, setOf([put('Patient', `p${i}`)]))));
      expect(outcomes.flatMap((outcome) => results(outcome).map((r) => r.seq)).sort()).toEqual([1, 2, 3, 4, 5, 6]);
      await Promise.all(stores.map((store) => store.close()));
    }, 60_000);

    it('write to one clinic: numbers without gaps, one winner a version', async () => {
      const database = fresh();
      const stores = await Promise.all(Array.from({ length: 3 }, () => open(database)));
      const [first] = stores as [FhirStore, ...FhirStore[]];
      await first.write(clinic, setOf([put('Patient', 'shared')]));
      const writes = stores.flatMap((store, s) =>
        Array.from({ length: 30 }, (_, i) => [
          store.write(clinic, setOf([put('Observation', `o${s}-${i}`, { expected: 'absent' })])),
          store.write(clinic, setOf([put('Patient', 'shared', { expected: 1 })])),
        ]).flat(),
      );
      const outcomes = await Promise.all(writes);
      expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(91);
      expect((await feed(first, clinic)).map((v) => v.seq)).toEqual(Array.from({ length: 92 }, (_, i) => i + 1));
      await Promise.all(stores.map((store) => store.close()));
    }, 60_000);

    it('are not held up by one that was killed in the middle of a commit', async () => {
      const database = fresh();
      const store = await open(database);
      await store.write(clinic, setOf([put('Patient', 'p1')]));
      const script = fileURLToPath(new URL('./stuck-writer.ts', import.meta.url));
      const child = spawn(process.execPath, [script, url, database, clinic, 'p1'], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      expect(said.toString()).toBe('stuck\n');
      child.kill('SIGKILL');
      await once(child, 'exit');
      // The server alone would keep what the dead process holds for a minute: longer than a write waits.
      expect(await store.write(clinic, setOf([put('Patient', 'p1', { expected: 1 })]))).toMatchObject({ ok: true });
      expect(await store.read(clinic, key('Patient', 'p1'))).toMatchObject({ versionId: 2, seq: 2 });
      await store.close();
    }, 60_000);

    it('of an older version refuse a database of a newer one', async () => {
      const database = fresh();
      await (await open(database)).close();
      const client = await new MongoClient(url).connect();
      await client
        .db(database)
        .collection<{ _id: string; version: number }>('meta')
        .updateOne({ _id: 'schema' }, { $inc: { version: 1 } });
      await client.close();
      await expect(open(database)).rejects.toMatchObject({ kind: 'unavailable' });
    });
  });
});

/** Resources in MongoDB: a replica set or a cluster, one collection of current resources, one of superseded versions. */
import { MongoClient } from 'mongodb';
import type { Clock } from '../../../platform/clock.ts';
import { MONGO_CLIENT_OPTIONS, mongoDatabase } from '../../../platform/mongo.ts';
import type { FhirStore } from '../port.ts';
import { createErasure } from './erase.ts';
import { calling, unavailable } from './errors.ts';
import { createFinder } from './find.ts';
import { createHistory } from './history.ts';
import { createReads } from './reads.ts';
import { createReindex } from './reindex.ts';
import { prepareSchema } from './schema.ts';
import { createSearch } from './search.ts';
import { createSessionPool } from './sessions.ts';
import { createTransactions } from './transaction.ts';
import { createWriter } from './write.ts';

export interface MongoStoreOptions {
  /** A connection string of a replica set or a mongos. */
  readonly url: string;
  /** Instead of the one that the connection string names. */
  readonly database?: string;
  readonly clock: Clock;
}

/** Opens the store, and makes or upgrades its schema. Throws `unavailable` if the server is away. */
export async function openMongoStore({ url, database, clock }: MongoStoreOptions): Promise<FhirStore> {
  const client = new MongoClient(url, MONGO_CLIENT_OPTIONS);
  try {
    return await calling(() => open(client, database ?? mongoDatabase(url), clock));
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function open(client: MongoClient, database: string, clock: Clock): Promise<FhirStore> {
  await client.connect();
  const collections = await prepareSchema(client.db(database));
  const sessions = await createSessionPool(client, collections);
  const finder = createFinder(collections);
  const transactions = createTransactions(sessions);
  const writer = createWriter({ collections, finder, transactions, clock });
  const parts = {
    ...createReads(collections),
    ...createSearch(collections, finder),
    ...createHistory(collections),
    ...createReindex(collections),
    ...createErasure(collections, transactions),
  };
  const check = async (): Promise<void> => {
    await collections.db.command({ ping: 1 });
  };
  const state = { open: true };
  return {
    ...guarded({ ...parts, write: writer.write, check }, state),
    async close() {
      if (!state.open) return;
      state.open = false;
      await writer.idle();
      await sessions.close().catch(() => undefined);
      await client.close();
    },
  };
}

type Calls = Omit<FhirStore, 'close'>;

/** Every call fails as `unavailable` once the store is closed, and with errors that callers know. */
function guarded(calls: Calls, state: { readonly open: boolean }): Calls {
  const wrap =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    (...args: Args): Promise<T> =>
      state.open ? calling(() => call(...args)) : Promise.reject(unavailable());
  return {
    read: wrap(calls.read),
    readVersion: wrap(calls.readVersion),
    readMany: wrap(calls.readMany),
    write: wrap(calls.write),
    search: wrap(calls.search),
    count: wrap(calls.count),
    searchTargets: wrap(calls.searchTargets),
    history: wrap(calls.history),
    changes: wrap(calls.changes),
    lastSeq: wrap(calls.lastSeq),
    staleEntries: wrap(calls.staleEntries),
    replaceEntries: wrap(calls.replaceEntries),
    erase: wrap(calls.erase),
    scrub: wrap(calls.scrub),
    clinics: wrap(calls.clinics),
    check: wrap(calls.check),
  };
}

/** Two servers on the same data, but that one of them has nothing of the other clinic: what the first clinic is told must not differ. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { decodeBlock } from '../../../src/audit/log/record.ts';
import { openMongoJournal } from '../../../src/audit/mongo/index.ts';
import type { AuditJournal } from '../../../src/audit/port.ts';
import { openSqliteJournal } from '../../../src/audit/sqlite/index.ts';
import { loadConfig } from '../../../src/config.ts';
import { asClinicId, asSeq, type ClinicId, type ResourceKey } from '../../../src/fhir/model/ids.ts';
import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import { NOT_IN_FEED, type FhirStore, type StoredVersion } from '../../../src/fhir/store/port.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/index.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import type { RecordKind, RecordStore } from '../../../src/records/port.ts';
import { MEMBERSHIP } from '../../../src/smart-auth/accounts/records.ts';
import { OAUTH_CLIENT } from '../../../src/smart-auth/clients/records.ts';
import { startServer } from '../../../src/start.ts';
import { askAt, type Ask } from '../ask.ts';
import { openServedRecords, type Clinic, type ServedWorld } from '../world.ts';

const OTHER = asClinicId('second');
const clock = systemClock;
const AT_ONCE = 1000;
const WITHIN_MS = 60_000;
const MANY = 1_000_000;

export interface Twins {
  /** Both clinics are there. */
  readonly both: Ask;
  /** The first clinic is alone. */
  readonly alone: Ask;
  /** How many resources the other clinic had before it was taken out of the one world. */
  readonly erased: number;
  /** Ends both servers: what the first clinic's trail says of the questions whose ids begin with `fuzz-`, a line each. */
  trails(): Promise<Readonly<Record<'both' | 'alone', readonly string[]>>>;
  close(): Promise<void>;
}

const isOfFuzz = (line: string): boolean => line.includes('"fuzz-');

type Environment = ServedWorld['environment'];

/** Ends the world's server. Answers and tokens go on naming its address. */
export async function openTwins(world: ServedWorld): Promise<Twins> {
  await world.drain();
  const copied = await copyOf(world.environment);
  const erased = await emptied(copied);
  const [one, other] = await Promise.all([start(world.environment, world.url), start(copied, world.url)]);
  let drained: Promise<unknown> | undefined;
  const drain = async (): Promise<void> => {
    await (drained ??= Promise.all([one.drain(), other.drain()]));
  };
  return {
    ...{ both: askAt(one.address), alone: askAt(other.address), erased },
    async trails() {
      await drain();
      const [both = [], alone = []] = await Promise.all([world.environment, copied].map((one) => trailIn(one, 'demo')));
      return { both: both.filter(isOfFuzz), alone: alone.filter(isOfFuzz) };
    },
    async close() {
      await drain();
      const url = copied['DATABASE_URL'];
      if (url !== undefined) await withMongo(url, (client) => client.db().dropDatabase());
      rmSync(dataDirOf(copied), { recursive: true });
    },
  };
}

const start = (environment: Environment, url: string) => startServer(loadConfig({ ...environment, BASE_URL: url }));
const fileOf = (environment: Environment): string => join(dataDirOf(environment), 'nadi.db');
const dataDirOf = (environment: Environment): string => environment['DATA_DIR'] as string;

/** Of data that no server has open. */
async function copyOf(environment: Environment): Promise<Environment> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nadi-'));
  cpSync(dataDirOf(environment), dataDir, { recursive: true, filter: (path) => !/nadi\.(lock|sock)/.test(path) });
  const url = environment['DATABASE_URL'];
  if (url === undefined) return { ...environment, DATA_DIR: dataDir };
  const copy = new URL(url);
  copy.pathname += '_alone';
  await withMongo(url, async (client) => {
    const collections = await client.db().listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
    await Promise.all(collections.map(({ name }) => copyCollection(client, name, copy.pathname.slice(1))));
  });
  return { ...environment, DATA_DIR: dataDir, DATABASE_URL: copy.toString() };
}

async function copyCollection(client: MongoClient, coll: string, db: string): Promise<void> {
  const from = client.db().collection(coll);
  await from.aggregate([{ $out: { db, coll } }]).toArray();
  const indexes = (await from.indexes()).filter(({ name }) => name !== '_id_');
  if (indexes.length > 0) await client.db(db).collection(coll).createIndexes(indexes);
}

async function withMongo(url: string, work: (client: MongoClient) => Promise<unknown>): Promise<void> {
  await closing(await new MongoClient(url).connect(), work);
}

/** Takes out all that the other clinic holds, with its apps and who works there; that there is a clinic of that name stays. */
async function emptied(environment: Environment): Promise<number> {
  await closing(await openServedRecords({ environment, dataDir: dataDirOf(environment) }), (records) =>
    Promise.all([removeAll(records, MEMBERSHIP), removeAll(records, OAUTH_CLIENT)]),
  );
  const erased = await closing(await openStore(environment), async (store) => store.erase(OTHER, await keysOf(store)));
  return erased.length;
}

async function removeAll<T>(records: RecordStore, kind: RecordKind<T>): Promise<void> {
  for (const { id } of await records.list(kind, OTHER, { limit: AT_ONCE })) await records.remove(kind, OTHER, id);
}

async function keysOf(store: FhirStore): Promise<ResourceKey[]> {
  const keys = new Map<string, ResourceKey>();
  for await (const { type, id } of changesOf(store, OTHER)) keys.set(`${type}/${id}`, { type, id });
  const query = {
    types: [NOT_IN_FEED],
    where: { op: 'all' },
    order: 'natural',
    limit: AT_ONCE,
    deadline: clock.now() + WITHIN_MS,
  } as const;
  let page = await store.search(OTHER, query);
  for (;;) {
    for (const { type, id } of page.items) keys.set(`${type}/${id}`, { type, id });
    if (page.next === undefined) return [...keys.values()];
    page = await store.search(OTHER, { ...query, after: page.next });
  }
}

/** A clinic's trail in data that no server has open, a line each: what was recorded, and what was written. AuditEvents are made of these. */
export async function trailIn(environment: Environment, name: Clinic): Promise<string[]> {
  const clinic = asClinicId(name);
  const recorded = await closing(await openJournal(environment), async (journal) => {
    const chains = await journal.chains(clinic, 0);
    const blocks = await Promise.all(chains.map(({ number }) => journal.blocks(clinic, number, -1, MANY)));
    return blocks.flat().flatMap(decodeBlock);
  });
  const written = await closing(await openStore(environment), async (store) => {
    const versions: StoredVersion[] = [];
    for await (const version of changesOf(store, clinic)) versions.push(version);
    return versions;
  });
  return [
    // Which record another corrects, and when, is of chance; whether it does is not.
    ...recorded.map((record) => JSON.stringify({ ...record, id: '', at: 0, corrects: typeof record.corrects })),
    ...written.map(({ type, versionId, trace }) => JSON.stringify({ type, versionId, ...trace })),
  ];
}

function openStore(environment: Environment): Promise<FhirStore> {
  const url = environment['DATABASE_URL'];
  return url === undefined ? openSqliteStore({ file: fileOf(environment), clock }) : openMongoStore({ url, clock });
}

function openJournal(environment: Environment): Promise<AuditJournal> {
  const url = environment['DATABASE_URL'];
  return url === undefined ? openSqliteJournal({ file: fileOf(environment), clock }) : openMongoJournal({ url });
}

async function closing<S extends { close(): Promise<void> }, T>(store: S, work: (store: S) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function* changesOf(store: FhirStore, clinic: ClinicId): AsyncGenerator<StoredVersion> {
  for (let after = asSeq(0); ;) {
    const changes = await store.changes(clinic, after, AT_ONCE);
    yield* changes;
    const last = changes.at(-1);
    if (last === undefined) return;
    after = last.seq;
  }
}

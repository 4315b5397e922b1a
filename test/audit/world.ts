/** Store, records and journal on each store that there is, with a way to tamper with the journal behind its back. */
import { describe } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import type { EraseDeps } from '../../src/audit/erase/index.ts';
import { createAudit, type Audit } from '../../src/audit/index.ts';
import { openMongoJournal } from '../../src/audit/mongo/index.ts';
import { openSqliteJournal } from '../../src/audit/sqlite/index.ts';
import { createTools } from '../../src/compose.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { openMongoStore } from '../../src/fhir/store/mongo/index.ts';
import type { PersonRecords } from '../../src/fhir/model/person-records.ts';
import type { FhirStore } from '../../src/fhir/store/port.ts';
import { createSqliteWriter, openSqliteStore } from '../../src/fhir/store/sqlite/index.ts';
import { openMongoRecords } from '../../src/records/mongo/index.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { createPersonRecords } from '../../src/smart-auth/erase/index.ts';
import { dropDatabase, freshDatabase } from '../store/mongo/database.ts';

export const clinic = asClinicId('demo');
export const SECRET = Buffer.alloc(32, 5);

/** What an erasure needs. */
export const erasingDeps = (world: Pick<World, 'tools' | 'store' | 'records' | 'people' | 'audit'>): EraseDeps => ({
  ...world.tools,
  ...{ store: world.store, records: world.records, people: world.people, audit: world.audit, homeClinic: clinic },
});

export interface World {
  readonly audit: Audit;
  readonly store: FhirStore;
  readonly records: RecordStore;
  readonly people: PersonRecords;
  readonly clock: Clock & { now: () => number; set(at: number): void };
  readonly tools: ReturnType<typeof createTools>;
  /** Another process on the same data. */
  another(): Audit;
  readonly raw: Raw;
  /** Everything that is stored, as bytes. */
  dump(): Promise<Buffer>;
  close(): Promise<void>;
}

/** What someone who has the database can do. */
export interface Raw {
  change(chain: number, n: number, field: 'text' | 'personal', edit: (old: string) => string): Promise<void>;
  remove(chain: number, n: number): Promise<void>;
  swap(chain: number, a: number, b: number): Promise<void>;
  /** Puts a copy of block `of` behind the last one. */
  insert(chain: number, of: number, at: number): Promise<void>;
  moveHead(chain: number, n: number): Promise<void>;
  removeChain(chain: number): Promise<void>;
  moveRegistry(chains: number): Promise<void>;
}

export function onEachStore(name: string, tests: (open: () => Promise<World>, kind: 'sqlite' | 'mongo') => void): void {
  const kinds = process.env['TEST_MONGODB_URL'] ? (['sqlite', 'mongo'] as const) : (['sqlite'] as const);
  describe.each(kinds)(`${name} on %s`, (kind) => tests(() => (kind === 'sqlite' ? openSqlite() : openMongo()), kind));
}

function testClock(): World['clock'] {
  let fixed: number | undefined;
  return { now: () => fixed ?? Date.now(), set: (at) => void (fixed = at) };
}

/** Takes a second to make, and is the same for all. */
let loaded: World['tools'] | undefined;

type Parts = Pick<World, 'store' | 'records' | 'raw' | 'dump'> & {
  outbox: string;
  journal: Audit['journal'];
  dispose: () => Promise<void>;
};

function worldOf({ store, records, raw, dump, outbox, journal, dispose }: Parts, clock: World['clock']): World {
  const tools = (loaded ??= createTools(() => 'UTC'));
  const another = (): Audit => createAudit({ ...tools, clock, store, records, journal, secret: SECRET, observer: 'nadi' });
  const people = createPersonRecords({ records, clock, newId: tools.newId, outbox });
  return { audit: another(), another, store, records, people, clock, tools, raw, dump, close: dispose };
}

async function openSqlite(): Promise<World> {
  const clock = testClock();
  const folder = await mkdtemp(join(tmpdir(), 'nadi-audit-'));
  const file = join(folder, 'nadi.db');
  const writer = createSqliteWriter(file);
  const store = await openSqliteStore({ file, clock, writer });
  const records = await openSqliteRecords({ file, clock, writer });
  const journal = await openSqliteJournal({ file, clock, writer });
  const dispose = async (): Promise<void> => {
    for (const part of [store, records, journal, writer]) await part.close();
    await rm(folder, { recursive: true });
  };
  const { readFile } = await import('node:fs/promises');
  const dump = async (): Promise<Buffer> => Buffer.concat(await Promise.all([readFile(file), readFile(`${file}-wal`)]));
  return worldOf({ store, records, journal, raw: sqliteRaw(file), dump, outbox: join(folder, 'outbox'), dispose }, clock);
}

function sqliteRaw(file: string): Raw {
  const run = async (sql: string, ...values: (string | number)[]): Promise<void> => {
    const database = new DatabaseSync(file, { timeout: 10_000 });
    database.prepare(sql).run(...values);
    database.close();
  };
  const renumber = (chain: number, from: number, to: number) =>
    run('UPDATE audit_block SET n = ? WHERE chain = ? AND n = ?', to, chain, from);
  return {
    async change(chain, n, field, edit) {
      const database = new DatabaseSync(file, { timeout: 10_000 });
      const { old } = database.prepare(`SELECT ${field} AS old FROM audit_block WHERE chain = ? AND n = ?`).get(chain, n) as {
        old: string;
      };
      database.close();
      await run(`UPDATE audit_block SET ${field} = ? WHERE chain = ? AND n = ?`, edit(old), chain, n);
    },
    remove: (chain, n) => run('DELETE FROM audit_block WHERE chain = ? AND n = ?', chain, n),
    async swap(chain, a, b) {
      await renumber(chain, a, 999);
      await renumber(chain, b, a);
      await renumber(chain, 999, b);
    },
    insert: (chain, of, at) =>
      run(
        'INSERT INTO audit_block (clinic, chain, n, mac, text, personal) SELECT clinic, chain, ?, mac, text, personal FROM audit_block WHERE chain = ? AND n = ?',
        at,
        chain,
        of,
      ),
    moveHead: (chain, n) => run('UPDATE audit_chain SET head = ? WHERE number = ?', n, chain),
    async removeChain(chain) {
      await run('DELETE FROM audit_block WHERE chain = ?', chain);
      await run('DELETE FROM audit_chain WHERE number = ?', chain);
    },
    moveRegistry: (chains) => run('UPDATE audit_registry SET chains = ?', chains),
  };
}

async function openMongo(): Promise<World> {
  const clock = testClock();
  const url = process.env['TEST_MONGODB_URL'] ?? '';
  const database = freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'nadi-audit-'));
  const client = new MongoClient(url);
  const [store, records, journal] = await Promise.all([
    openMongoStore({ url, database, clock }),
    openMongoRecords({ url, database, clock }),
    openMongoJournal({ url, database }),
  ]);
  const dispose = async (): Promise<void> => {
    for (const part of [store, records, journal]) await part.close();
    await client.close();
    await dropDatabase(url, database);
    await rm(folder, { recursive: true });
  };
  const dump = async (): Promise<Buffer> => {
    const { BSON } = await import('mongodb');
    const found: Uint8Array[] = [];
    for (const { name } of await client.db(database).listCollections().toArray())
      for (const document of await client.db(database).collection(name).find().toArray()) found.push(BSON.serialize(document));
    return Buffer.concat(found);
  };
  return worldOf({ store, records, journal, raw: mongoRaw(client, database), dump, outbox: join(folder, 'outbox'), dispose }, clock);
}

interface Kept {
  _id: string;
  [field: string]: unknown;
}

function mongoRaw(client: MongoClient, database: string): Raw {
  const audit = client.db(database).collection<Kept>('audit');
  const digits = (n: number): string => String(n).padStart(10, '0');
  const blockId = (chain: number, n: number): string => `${clinic}/${digits(chain)}/${digits(n)}`;
  const chainId = (chain: number): string => `!${clinic}/${digits(chain)}`;
  const take = async (id: string): Promise<Kept> => {
    const found = await audit.findOne({ _id: id });
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  };
  return {
    async change(chain, n, field, edit) {
      const old = await take(blockId(chain, n));
      await audit.updateOne({ _id: old._id }, { $set: { [field]: edit(String(old[field])) } });
    },
    remove: async (chain, n) => {
      await audit.deleteOne({ _id: blockId(chain, n) });
    },
    async swap(chain, a, b) {
      const [one, other] = [await take(blockId(chain, a)), await take(blockId(chain, b))];
      await audit.replaceOne({ _id: one._id }, { ...other, _id: one._id });
      await audit.replaceOne({ _id: other._id }, { ...one, _id: other._id });
    },
    insert: async (chain, of, at) => {
      await audit.insertOne({ ...(await take(blockId(chain, of))), _id: blockId(chain, at) });
    },
    moveHead: async (chain, n) => {
      await audit.updateOne({ _id: chainId(chain) }, { $set: { 'head.n': n } });
    },
    async removeChain(chain) {
      await audit.deleteMany({ _id: { $gte: `${clinic}/${digits(chain)}/`, $lt: `${clinic}/${digits(chain)}0` } });
      await audit.deleteOne({ _id: chainId(chain) });
    },
    moveRegistry: async (chains) => {
      await audit.updateOne({ _id: `#${clinic}` }, { $set: { chains } });
    },
  };
}

/** What whoever has the database can read of a running server's data, and do to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BSON, MongoClient, type Db } from 'mongodb';
import type { ServedWorld } from './world.ts';

type Place = Pick<ServedWorld, 'environment' | 'dataDir'>;

/** All bytes that are kept: the files of the data directory, SQLite's log and free pages with them; every document of MongoDB. */
export async function everythingKept(place: Place): Promise<Buffer> {
  const names = readdirSync(place.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = names.map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  const documents = await inMongo(place, async (db) => {
    const found: Uint8Array[] = [];
    for (const { name } of await db.listCollections().toArray())
      for (const document of await db.collection(name).find().toArray()) found.push(BSON.serialize(document));
    return found;
  });
  return Buffer.concat([...files, ...(documents ?? [])]);
}

/** From then on no record of the audit trail can be written. */
export async function refuseTrail(place: Place): Promise<void> {
  inSqlite(place, (db) => db.exec("CREATE TRIGGER refuse BEFORE INSERT ON audit_block BEGIN SELECT RAISE(ABORT, 'no'); END"));
  await inMongo(place, (db) => db.command({ collMod: 'audit', validator: { $expr: false } }));
}

export async function acceptTrail(place: Place): Promise<void> {
  inSqlite(place, (db) => db.exec('DROP TRIGGER refuse'));
  await inMongo(place, (db) => db.command({ collMod: 'audit', validator: {} }));
}

/** Where the first block of a clinic says success, it says refused from then on. */
export async function tamper(place: Place, clinic: string): Promise<void> {
  const change = (text: string): string => text.replace('"success"', '"refused"');
  inSqlite(place, (db) => {
    const row = db.prepare('SELECT bid, text FROM audit_block WHERE clinic = ? ORDER BY chain, n LIMIT 1').get(clinic);
    const { bid, text } = row as { bid: number; text: string };
    db.prepare('UPDATE audit_block SET text = ? WHERE bid = ?').run(change(text), bid);
  });
  await inMongo(place, async (db) => {
    const audit = db.collection<{ _id: string; text: string }>('audit');
    const [first] = await audit
      .find({ _id: { $gt: `${clinic}/`, $lt: `${clinic}0` } })
      .sort({ _id: 1 })
      .limit(1)
      .toArray();
    if (first) await audit.updateOne({ _id: first._id }, { $set: { text: change(first.text) } });
  });
}

function inSqlite({ environment, dataDir }: Place, work: (db: DatabaseSync) => void): void {
  if (environment['DATABASE_URL'] !== undefined) return;
  const db = new DatabaseSync(join(dataDir, 'nadi.db'), { timeout: 10_000 });
  work(db);
  db.close();
}

async function inMongo<T>({ environment }: Place, work: (db: Db) => Promise<T>): Promise<T | undefined> {
  const url = environment['DATABASE_URL'];
  if (url === undefined) return undefined;
  const client = new MongoClient(url);
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

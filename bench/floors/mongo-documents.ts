/** Bare inserts into a collection like the server's own. */
import { Binary, type Collection, type Document, type MongoClient } from 'mongodb';
import { completeFields, prepareFields } from '../../src/fhir/store/mongo/entries.ts';
import { prepareSchema } from '../../src/fhir/store/mongo/schema.ts';
import type { Sample } from './samples.ts';

export type Scratch = Collection<Document & { _id: string }>;

/** A new database with the same indexes and durability. */
export async function scratchCollection(client: MongoClient, name: string): Promise<Scratch> {
  const db = client.db(name, { writeConcern: { w: 'majority', journal: true } });
  await prepareSchema(db);
  return db.collection('resources');
}

/** A sample as the server would keep it. */
export function documentOf({ type, id, body, entries }: Sample, seq: number): Document & { _id: string } {
  const typed = `demo/${type}`;
  const fields = completeFields(typed, prepareFields(typed, 'v', entries), seq);
  return { _id: `${typed}/${id}`, c: 'demo', t: typed, v: 1, seq, at: 0, o: seq, by: {}, ...fields, body: new Binary(body) };
}

/**
 * Many documents in one transaction: by commands that are small enough for one message and for the event loop, each
 * built while the one before is on its way.
 */
import { MongoServerError, type ClientSession, type Db, type Document } from 'mongodb';
import { VERSION_FIELDS, type CurrentDocument } from './documents.ts';
import { ask } from './ask.ts';
import { CURRENT, INDEXES, type Collections } from './schema.ts';

const BATCH_DOCUMENTS = 100;
const BATCH_BYTES = 1_000_000;
/** What a document has beside its body, roughly. */
const OVERHEAD = 2_000;
const READ_IDS = 250;

/** Of the resources those that are stored, deleted ones too. */
export async function readStored(
  { db }: Collections,
  ids: readonly string[],
  session: ClientSession,
): Promise<Map<string, CurrentDocument>> {
  const stored = new Map<string, CurrentDocument>();
  for (let i = 0; i < ids.length; i += READ_IDS) {
    const filter = { _id: { $in: ids.slice(i, i + READ_IDS) } };
    const question = { collection: CURRENT, filter, projection: STORED_FIELDS, limit: READ_IDS, index: INDEXES.ids, session };
    for (const document of await ask<CurrentDocument>(db, question)) stored.set(document._id, document);
  }
  return stored;
}

const STORED_FIELDS = { ...VERSION_FIELDS, c: 1, t: 1, o: 1 };

export function insertAll<T>(
  db: Db,
  collection: string,
  items: readonly T[],
  build: (item: T) => Document,
  session: ClientSession,
): Promise<void> {
  return inBatches(items, build, (documents) => run(db, { insert: collection, documents, ordered: true }, session));
}

export function replaceAll<T>(
  db: Db,
  collection: string,
  items: readonly T[],
  build: (item: T) => Document,
  session: ClientSession,
): Promise<void> {
  return inBatches(items, build, (documents) => {
    const updates = documents.map((document) => ({ q: { _id: document['_id'] as string }, u: document }));
    return run(db, { update: collection, updates, ordered: true }, session);
  });
}

async function inBatches<T>(
  items: readonly T[],
  build: (item: T) => Document,
  send: (documents: Document[]) => Promise<void>,
): Promise<void> {
  let sent: Promise<void> = Promise.resolve();
  for (let i = 0; i < items.length;) {
    const documents: Document[] = [];
    for (let bytes = 0; i < items.length && documents.length < BATCH_DOCUMENTS && bytes < BATCH_BYTES; i++) {
      const document = build(items[i] as T);
      documents.push(document);
      bytes += OVERHEAD + bodyLength(document);
    }
    await sent;
    sent = send(documents);
    // A failure is thrown by the next await; until then it has a handler.
    sent.catch(() => undefined);
  }
  await sent;
}

const bodyLength = (document: Document): number => (document['body'] as { length(): number } | undefined)?.length() ?? 0;

async function run(db: Db, command: Document, session: ClientSession): Promise<void> {
  const { writeErrors } = (await db.command(command, { session })) as { writeErrors?: Document[] };
  const [error] = writeErrors ?? [];
  if (error) throw new MongoServerError(error);
}

/** Records in MongoDB, through Mongoose: one document a record, what must be unique guarded by an index. */
import { createConnection } from 'mongoose';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import { DUPLICATE_KEY, isMongoAway, MONGO_CLIENT_OPTIONS, mongoDatabase } from '../../platform/mongo.ts';
import type { RecordKind, RecordStore, RecordWrite, StoredRecord } from '../port.ts';
import { createFinds } from './finds.ts';
import { createModel, type RecordDocument, type RecordModel } from './model.ts';

export interface MongoRecordsOptions {
  /** A connection string of a replica set or a mongos. */
  readonly url: string;
  /** Instead of the one that the connection string names. */
  readonly database?: string;
  readonly clock: Clock;
}

/** Opens the records, making collection and indexes where they are missing. Throws `unavailable` if the server is away. */
export async function openMongoRecords({ url, database, clock }: MongoRecordsOptions): Promise<RecordStore> {
  const options = { ...MONGO_CLIENT_OPTIONS, dbName: database ?? mongoDatabase(url), bufferCommands: false, autoIndex: false };
  const connection = createConnection(url, options);
  return await calling(async () => {
    await connection.asPromise();
    const model = createModel(connection);
    await model.createIndexes();
    return createStore(model, clock, {
      check: async () => {
        await connection.db?.command({ ping: 1 });
      },
      sweep: async () => {
        await model.deleteMany({ expiresAt: { $lte: new Date(clock.now()) } });
      },
      close: () => connection.close(),
    });
  });
}

function createStore(model: RecordModel, clock: Clock, life: Pick<RecordStore, 'check' | 'sweep' | 'close'>): RecordStore {
  const live = (): object => ({ expiresAt: { $not: { $lte: new Date(clock.now()) } } });
  const { byId, byUnique } = createFinds(model, live);
  return {
    get: (kind, clinic, id) => found(calling(() => byId(idOf(kind, clinic, id)))),
    findUnique: (kind, clinic, name, value) => found(calling(() => byUnique(valueKey(kind, clinic, name, value)))),
    async list<T>(kind: RecordKind<T>, clinic: ClinicId, query: Parameters<RecordStore['list']>[2]) {
      const by = query.by ? { index: valueKey(kind, clinic, query.by.name, query.by.value) } : { kind: `${clinic}/${kind.name}` };
      const after = query.after === undefined ? {} : { key: { $gt: query.after } };
      const filter = { ...by, ...after, ...live() };
      const all = await calling(() => model.find(filter).sort({ key: 1 }).limit(query.limit).lean<RecordDocument[]>());
      return all.map((document) => toRecord<T>(document));
    },
    insert<T>(kind: RecordKind<T>, clinic: ClinicId, id: string, value: T, options?: { expiresAt?: number }) {
      const document = toDocument(kind, clinic, { id, value, revision: 1, ...options });
      return written<T>(model, clock, async () => {
        await model.insertOne(document);
        return { ok: true, record: toRecord<T>(document) };
      });
    },
    replace<T>(kind: RecordKind<T>, clinic: ClinicId, id: string, revision: number, value: T, options?: { expiresAt?: number }) {
      const document = toDocument(kind, clinic, { id, value, revision: revision + 1, ...options });
      return written<T>(model, clock, async () => {
        const replaced = await model.replaceOne({ _id: document._id, revision, ...live() }, document);
        return replaced.matchedCount === 1 ? { ok: true, record: toRecord<T>(document) } : { ok: false, reason: 'revision' };
      });
    },
    async remove(kind, clinic, id, revision) {
      const filter = { _id: idOf(kind, clinic, id), ...(revision === undefined ? {} : { revision }), ...live() };
      return (await calling(() => model.deleteOne(filter))).deletedCount === 1;
    },
    sweep: () => calling(() => life.sweep()),
    check: () => calling(() => life.check()),
    close: () => life.close(),
  };
}

async function found<T>(document: Promise<RecordDocument | undefined>): Promise<StoredRecord<T> | undefined> {
  const there = await document;
  return there ? toRecord<T>(there) : undefined;
}

const idOf = (kind: { readonly name: string }, clinic: ClinicId, id: string): string => `${clinic}/${kind.name}/${id}`;
const valueKey = (kind: { readonly name: string }, clinic: ClinicId, name: string, value: string): string =>
  `${idOf(kind, clinic, name)}=${value}`;

function toDocument<T>(kind: RecordKind<T>, clinic: ClinicId, record: StoredRecord<T>): RecordDocument {
  const keys = (values: Readonly<Record<string, string>> | undefined): string[] =>
    Object.entries(values ?? {}).map(([name, value]) => valueKey(kind, clinic, name, value));
  const [unique, index] = [keys(kind.unique?.(record.value)), keys(kind.index?.(record.value))];
  return {
    _id: idOf(kind, clinic, record.id),
    kind: `${clinic}/${kind.name}`,
    key: record.id,
    value: JSON.stringify(record.value),
    revision: record.revision,
    ...(record.expiresAt === undefined ? {} : { expiresAt: new Date(record.expiresAt) }),
    ...(unique.length === 0 ? {} : { unique }),
    ...(index.length === 0 ? {} : { index }),
  };
}

function toRecord<T>(document: RecordDocument): StoredRecord<T> {
  const { key, value, revision, expiresAt } = document;
  return { id: key, value: JSON.parse(value) as T, revision, ...(expiresAt ? { expiresAt: expiresAt.getTime() } : {}) };
}

/** A write that meets an expired record in its way removes it and is tried again. */
async function written<T>(model: RecordModel, clock: Clock, write: () => Promise<RecordWrite<T>>): Promise<RecordWrite<T>> {
  for (;;) {
    try {
      return await calling(write);
    } catch (error) {
      const taken = takenKey(error);
      if (!taken) throw error;
      const expired = await calling(() => model.deleteMany({ ...taken, expiresAt: { $lte: new Date(clock.now()) } }));
      if (expired.deletedCount > 0) continue;
      return typeof taken.unique === 'string'
        ? { ok: false, reason: 'unique', key: nameOf(taken.unique) }
        : { ok: false, reason: 'exists' };
    }
  }
}

/** `clinic/kind/name=value` → `name` */
const nameOf = (key: string): string => key.slice(key.indexOf('/', key.indexOf('/') + 1) + 1, key.indexOf('='));

/** The field and value that a unique index refused. */
function takenKey(error: unknown): Readonly<Record<string, unknown>> | undefined {
  const { code, keyValue } = error as { code?: unknown; keyValue?: Record<string, unknown> };
  return code === DUPLICATE_KEY ? keyValue : undefined;
}

/** Says `unavailable` where the server is away. */
async function calling<T>(call: () => PromiseLike<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!isMongoAway(error)) throw error;
    const away = fhirError('unavailable', 'the record store cannot be reached', 'Try again in a few seconds.');
    away.cause = error;
    throw away;
  }
}

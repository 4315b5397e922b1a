/**
 * Collections, indexes and their migrations. Every step can be repeated and run by several processes at once, so a
 * start needs no lock; a database of a newer version is refused.
 *
 * In a cluster, shard `resources` and `versions` by `{ _id: 1 }`: ids begin with the clinic.
 */
import type { Collection, Db, IndexDescription } from 'mongodb';
import { fhirError } from '../../outcome/error.ts';
import type { CurrentDocument, VersionDocument } from './documents.ts';

export interface CounterDocument {
  /** The clinic. */
  readonly _id: string;
  readonly seq: number;
  /** Time of the last commit. */
  readonly at: number;
}

export interface LeaseDocument {
  /** The process. */
  readonly _id: string;
  readonly sessions: readonly unknown[];
  readonly until: Date;
}

interface MetaDocument {
  readonly _id: string;
  readonly version: number;
}

export interface Collections {
  readonly db: Db;
  readonly current: Collection<CurrentDocument>;
  readonly versions: Collection<VersionDocument>;
  readonly counters: Collection<CounterDocument>;
  readonly leases: Collection<LeaseDocument>;
}

export const CURRENT = 'resources';
export const VERSIONS = 'versions';

/** Indexes of the current resources, named so that searches can say which they go by. */
export const INDEXES = {
  ids: '_id_',
  /** Driving keys, in natural order. */
  keys: 'keys',
  /** Sort keys and ends of ranges. */
  sorts: 'sorts',
  feed: 'feed',
  /** By type and time: history of a type, and `_lastUpdated`. */
  times: 'times',
} as const;
export type IndexName = (typeof INDEXES)[keyof typeof INDEXES];

const CURRENT_INDEXES: IndexDescription[] = [
  { name: INDEXES.keys, key: { k: 1, o: 1 } },
  { name: INDEXES.sorts, key: { 's.$**': 1 } },
  { name: INDEXES.feed, key: { c: 1, seq: 1, at: 1 } },
  { name: INDEXES.times, key: { t: 1, at: 1, seq: 1 } },
];
const VERSION_INDEXES: IndexDescription[] = [
  { name: INDEXES.feed, key: { c: 1, seq: 1, at: 1, until: 1 } },
  { name: INDEXES.times, key: { t: 1, at: 1, seq: 1, until: 1 } },
];

/** Step `n` brings a database from version `n` to `n + 1`. */
const MIGRATIONS: readonly ((db: Db) => Promise<void>)[] = [
  async (db) => {
    await Promise.all(['counters', 'leases', CURRENT, VERSIONS].map((name) => createCollection(db, name)));
    await db.collection(CURRENT).createIndexes(CURRENT_INDEXES);
    await db.collection(VERSIONS).createIndexes(VERSION_INDEXES);
  },
];

/** Brings the database to this program's version. Throws `unavailable` if it is of a newer one. */
export async function prepareSchema(db: Db): Promise<Collections> {
  const meta = db.collection<MetaDocument>('meta');
  const version = (await meta.findOne({ _id: 'schema' }))?.version ?? 0;
  if (version > MIGRATIONS.length) {
    throw fhirError(
      'unavailable',
      'the database was written by a newer version of this program',
      'Start that version, or restore a backup.',
    );
  }
  for (const migrate of MIGRATIONS.slice(version)) await migrate(db);
  if (version < MIGRATIONS.length) await meta.updateOne({ _id: 'schema' }, { $max: { version: MIGRATIONS.length } }, { upsert: true });
  return {
    db,
    current: db.collection<CurrentDocument>(CURRENT),
    versions: db.collection<VersionDocument>(VERSIONS),
    counters: db.collection<CounterDocument>('counters'),
    leases: db.collection<LeaseDocument>('leases'),
  };
}

const NAMESPACE_EXISTS = 48;

async function createCollection(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
  }
}

/** Reads and searches of the main thread: what is short is answered here, what may be long in a reader thread. */
import { LRUCache } from 'lru-cache';
import { rowOf, rowsOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import { asClinicId, asSeq, type ClinicId, type ResourceKey, type Seq } from '../../model/ids.ts';
import { createSlice } from '../../model/slices.ts';
import type { FhirStore, HistoryPage, StoredVersion, StorePage } from '../port.ts';
import { createCatalog } from './catalog.ts';
import { createCutoff, type Cutoff } from './cutoff.ts';
import { tooCostly } from './errors.ts';
import { createHistories } from './history.ts';
import type { ReaderPool } from './pool.ts';
import { createQueries, type Admission, type Targets } from './queries.ts';
import { RESOURCE_COLUMNS, toVersion, VERSION_COLUMNS } from './rows.ts';
import type { StalePage } from './stale.ts';

export type Reads = Omit<FhirStore, 'write' | 'replaceEntries' | 'close'>;

const READ = `SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.tid = ? AND r.id = ?`;
const READ_VERSION = `SELECT ${VERSION_COLUMNS} FROM version v WHERE v.tid = ? AND v.id = ? AND v.version = ?`;

export function createReads(connection: SqliteConnection, pool: ReaderPool): Reads {
  const catalog = createCatalog(connection);
  const histories = createHistories(connection, catalog);
  const admission = shortOnly(createCutoff(connection));
  const queries = createQueries(connection, catalog, admission);

  const current = (clinic: ClinicId, { type, id }: ResourceKey): StoredVersion | undefined => {
    const tid = catalog.scope(clinic, type)?.tid;
    const row = tid === undefined ? undefined : rowOf(connection.prepare(READ), [tid, id]);
    return row && toVersion(type, row);
  };
  const superseded = (clinic: ClinicId, { type, id }: ResourceKey, versionId: number): StoredVersion | undefined => {
    const tid = catalog.scope(clinic, type)?.tid;
    const row = tid === undefined ? undefined : rowOf(connection.prepare(READ_VERSION), [tid, id, versionId]);
    return row && toVersion(type, row);
  };
  /** Answers here if that is short, otherwise in a reader thread. */
  const shortOrNot = async <T>(short: () => T, long: () => Promise<unknown>): Promise<T> => {
    try {
      return short();
    } catch (error) {
      if (error !== admission.long) throw error;
      return (await long()) as T;
    }
  };
  const pageOf = async (method: string, args: unknown): Promise<unknown> => ((await pool.call(method, args)) as { page: unknown }).page;

  return {
    read: async (clinic, key) => current(clinic, key),
    readVersion: async (clinic, key, versionId) =>
      connection.snapshot(() => {
        const newest = current(clinic, key);
        return newest?.versionId === versionId ? newest : superseded(clinic, key, versionId);
      }),
    async readMany(clinic, keys) {
      const slice = createSlice();
      const found: StoredVersion[] = [];
      for (const key of keys) {
        const version = current(clinic, key);
        if (version && !version.deleted) found.push(version);
        await slice.breathe();
      }
      return found;
    },
    search: (clinic, query) =>
      shortOrNot<StorePage>(
        () => queries.search(clinic, query),
        () => pageOf('search', { clinic, query }),
      ),
    count: (clinic, query) =>
      shortOrNot<number>(
        () => queries.count(clinic, query),
        () => pool.call('count', { clinic, query }),
      ),
    searchTargets: (clinic, query, param, limit) =>
      shortOrNot<Targets>(
        () => queries.searchTargets(clinic, query, param, limit),
        () => pool.call('searchTargets', { clinic, query, param, limit }),
      ),
    async history(clinic, query) {
      const counts = query.since !== undefined || query.currentWithin !== undefined;
      return counts ? ((await pageOf('history', { clinic, query })) as HistoryPage) : histories.history(clinic, query);
    },
    changes: async (clinic, after, limit) => histories.changes(clinic, after, limit),
    async lastSeq(clinic) {
      const row = rowOf(connection.prepare('SELECT seq FROM clinic WHERE name = ?'), [clinic]);
      return asSeq((row?.[0] as number | undefined) ?? 0) satisfies Seq;
    },
    staleEntries: async (clinic, indexVersion, after, limit) =>
      (await pageOf('stale', { clinic, query: { indexVersion, after, limit } })) as StalePage,
    async clinics() {
      const rows = rowsOf(connection.prepare('SELECT name FROM clinic WHERE seq > 0 ORDER BY cid'), []);
      return rows.map((row) => asClinicId(row[0] as string));
    },
    async check() {
      connection.prepare('SELECT count(*) FROM migration').get();
    },
  };
}

/** Rows that may be tested on the main thread, and how long a statement may take there. */
const SHORT_COST = 4000;
const SHORT_MS = 10;
/** How long a statement that turned out to be long is known as such. */
const LONG_KNOWN_MS = 60_000;

/** Refuses, by throwing `long`, what looks or turns out to be long. */
function shortOnly(cutoff: Cutoff): Admission & { readonly long: Error } {
  const long = new Error('not on this thread');
  const known = new LRUCache<string, true>({ max: 1000, ttl: LONG_KNOWN_MS });
  return {
    long,
    admit({ text }, cost) {
      if (cost > SHORT_COST && (known.has(text) || cost !== Infinity)) throw long;
    },
    run({ text }, deadline, work) {
      const left = deadline - Date.now();
      const late = (): Error => {
        if (left <= SHORT_MS) return tooCostly();
        known.set(text, true);
        return long;
      };
      return cutoff.within(performance.now() + Math.min(left, SHORT_MS), late, work);
    },
  };
}

/** Reads and searches of the main thread: what is short is answered here, what may be long in a reader thread. */
import { rowOf, rowsOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import { asClinicId, asSeq } from '../../model/ids.ts';
import type { FhirStore, HistoryPage, StorePage } from '../port.ts';
import { createCatalog, type Catalog } from './catalog.ts';
import { createHistories } from './history.ts';
import { createPoints } from './points.ts';
import type { ReaderPool } from './pool.ts';
import { createQueries, type Targets } from './queries.ts';
import { createShortOnly } from './short.ts';
import type { StalePage } from './stale.ts';

export type Reads = Omit<FhirStore, 'write' | 'replaceEntries' | 'close'>;

export function createReads(connection: SqliteConnection, pool: ReaderPool): Reads {
  const catalog = createCatalog(connection);
  return {
    ...createPoints(connection, catalog),
    ...createSearches(connection, catalog, pool),
    ...createLogs(connection, catalog, pool),
    async clinics() {
      const rows = rowsOf(connection.prepare('SELECT name FROM clinic WHERE seq > 0 ORDER BY cid'), []);
      return rows.map((row) => asClinicId(row[0] as string));
    },
    async check() {
      rowOf(connection.prepare('SELECT count(*) FROM migration'), []);
    },
  };
}

function createSearches(
  connection: SqliteConnection,
  catalog: Catalog,
  pool: ReaderPool,
): Pick<Reads, 'search' | 'count' | 'searchTargets'> {
  const short = createShortOnly(connection);
  const queries = createQueries(connection, catalog, short);
  return {
    search: (clinic, query) =>
      short.tryHere(
        () => queries.search(clinic, query),
        () => pool.page<StorePage>('search', { clinic, query }),
      ),
    count: (clinic, query) =>
      short.tryHere(
        () => queries.count(clinic, query),
        () => pool.call<number>('count', { clinic, query }),
      ),
    searchTargets: (clinic, query, param, limit) =>
      short.tryHere(
        () => queries.searchTargets(clinic, query, param, limit),
        () => pool.call<Targets>('searchTargets', { clinic, query, param, limit }),
      ),
  };
}

type Logs = Pick<Reads, 'history' | 'changes' | 'lastSeq' | 'staleEntries'>;

function createLogs(connection: SqliteConnection, catalog: Catalog, pool: ReaderPool): Logs {
  const histories = createHistories(connection, catalog);
  return {
    /** Where a time is given, versions must be counted, and may be many. */
    async history(clinic, query) {
      const counts = query.since !== undefined || query.currentWithin !== undefined;
      return counts ? pool.page<HistoryPage>('history', { clinic, query }) : histories.history(clinic, query);
    },
    changes: async (clinic, after, limit) => histories.changes(clinic, after, limit),
    async lastSeq(clinic) {
      const row = rowOf(connection.prepare('SELECT seq FROM clinic WHERE name = ?'), [clinic]);
      return asSeq((row?.[0] as number | undefined) ?? 0);
    },
    staleEntries: (clinic, indexVersion, after, limit) => pool.page<StalePage>('stale', { clinic, query: { indexVersion, after, limit } }),
  };
}

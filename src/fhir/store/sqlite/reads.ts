/** Reads and searches of the main thread: what is short is answered here, what may be long in a reader thread. */
import { rowOf, rowsOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import { asClinicId, asSeq } from '../../model/ids.ts';
import type { Node } from '../../search/ast.ts';
import type { FhirStore, HistoryPage, MatchQuery, StorePage } from '../port.ts';
import { createRecent } from '../recent.ts';
import { createReadCatalog, type Catalog } from './catalog.ts';
import { createHistories } from './history.ts';
import { createPoints } from './points.ts';
import type { ReaderPool } from './pool.ts';
import { createQueries, type Targets } from './queries.ts';
import { createShortOnly } from './short.ts';
import type { StalePage } from './stale.ts';

export type Reads = Omit<FhirStore, 'write' | 'replaceEntries' | 'erase' | 'scrub' | 'close'>;

export function createReads(connection: SqliteConnection, pool: ReaderPool): Reads {
  const catalog = createReadCatalog(connection);
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

/** Each type is searched for itself: what ranges over more is not tried here. */
const MAX_TYPES_HERE = 20;
/** Larger trees take long to compile. */
const MAX_NODES_HERE = 500;

function nodeCount(node: Node): number {
  if (node.op === 'and' || node.op === 'or') return node.of.reduce((sum, n) => sum + nodeCount(n), 1);
  return node.op === 'not' ? 1 + nodeCount(node.of) : 1;
}

function createSearches(
  connection: SqliteConnection,
  catalog: Catalog,
  pool: ReaderPool,
): Pick<Reads, 'search' | 'count' | 'searchTargets'> {
  const short = createShortOnly(connection);
  const queries = createQueries(connection, catalog, short);
  const route = <T>({ types, where }: MatchQuery, here: () => T, long: () => Promise<T>): Promise<T> =>
    types.length > MAX_TYPES_HERE || nodeCount(where) > MAX_NODES_HERE ? long() : short.tryHere(here, long);
  return {
    search: (clinic, query) =>
      route(
        query,
        () => queries.search(clinic, query),
        () => pool.page<StorePage>('search', { clinic, query }),
      ),
    count: (clinic, query) =>
      route(
        query,
        () => queries.count(clinic, query),
        () => pool.call<number>('count', { clinic, query }),
      ),
    searchTargets: (clinic, query, param, limit) =>
      route(
        query,
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
    lastSeq: createRecent(async (clinic) => {
      const row = rowOf(connection.prepare('SELECT seq FROM clinic WHERE name = ?'), [clinic]);
      return asSeq((row?.[0] as number | undefined) ?? 0);
    }),
    staleEntries: (clinic, indexVersion, after, limit) => pool.page<StalePage>('stale', { clinic, query: { indexVersion, after, limit } }),
  };
}

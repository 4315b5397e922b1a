/** What runs in a reader thread: searches that may be long, and whatever else looks at many rows. */
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { ThreadMethods } from '../../../platform/sqlite/host.ts';
import type { ClinicId } from '../../model/ids.ts';
import type { HistoryQuery, MatchQuery, StoredVersion, StoreQuery } from '../port.ts';
import { createCatalog } from './catalog.ts';
import { createCutoff } from './cutoff.ts';
import { createHistories } from './history.ts';
import { admitAll, createQueries } from './queries.ts';
import { createStale, type StaleQuery } from './stale.ts';

interface Of<Query> {
  readonly clinic: ClinicId;
  readonly query: Query;
}

export function open(connection: SqliteConnection): ThreadMethods {
  const catalog = createCatalog(connection);
  const queries = createQueries(connection, catalog, admitAll(createCutoff(connection)));
  const histories = createHistories(connection, catalog);
  const stale = createStale(connection, catalog);
  return {
    search: ({ clinic, query }: Of<StoreQuery>) => withBuffers(queries.search(clinic, query)),
    count: ({ clinic, query }: Of<MatchQuery>) => queries.count(clinic, query),
    searchTargets: ({ clinic, query, param, limit }: Of<MatchQuery> & { param: string; limit: number }) =>
      queries.searchTargets(clinic, query, param, limit),
    history: ({ clinic, query }: Of<HistoryQuery>) => withBuffers(histories.history(clinic, query)),
    stale: ({ clinic, query }: Of<StaleQuery>) => withBuffers(stale(clinic, query)),
  };
}

/** Names the memory of the bodies, so that it is moved to the caller. */
function withBuffers<Page extends { readonly items: readonly StoredVersion[] }>(page: Page): { page: Page; buffers: ArrayBuffer[] } {
  return { page, buffers: page.items.map((item) => item.body.buffer as ArrayBuffer) };
}

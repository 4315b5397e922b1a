/** What runs in a reader thread: searches that may be long, and whatever else looks at many rows. */
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { ThreadMethods } from '../../../platform/sqlite/host.ts';
import type { ClinicId } from '../../model/ids.ts';
import type { HistoryQuery, MatchQuery, FoundVersion, StoreQuery } from '../port.ts';
import { createReadCatalog } from './catalog.ts';
import { createCutoff } from './cutoff.ts';
import { createHistories } from './history.ts';
import { admitAll, createQueries } from './queries.ts';
import { createStale, type StaleQuery } from './stale.ts';

interface Of<Query> {
  readonly clinic: ClinicId;
  readonly query: Query;
}

export function open(connection: SqliteConnection): ThreadMethods {
  const catalog = createReadCatalog(connection);
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

/** The bodies lie in one memory, which is moved to the caller: buffers of the pool can't be. */
function withBuffers<Page extends { readonly items: readonly FoundVersion[] }>(page: Page): { page: Page; buffers: ArrayBuffer[] } {
  const memory = new Uint8Array(page.items.reduce((length, item) => length + item.body.length, 0));
  let end = 0;
  const items = page.items.map((item) => {
    const body = memory.subarray(end, end + item.body.length);
    body.set(item.body);
    end += body.length;
    return { ...item, body };
  });
  return { page: { ...page, items }, buffers: [memory.buffer] };
}

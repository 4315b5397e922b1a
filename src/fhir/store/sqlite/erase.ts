/** Takes resources out of the file, so that nothing of them can be found in its bytes. */
import { rowOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { ErasedResource, ErasureTarget } from '../port.ts';
import type { Catalog } from './catalog.ts';
import type { EntryRows } from './entry-rows.ts';
import type { Tally } from './tally.ts';

export interface EraseRequest {
  readonly clinic: string;
  readonly targets: readonly ErasureTarget[];
}

export interface EraseDeps {
  readonly connection: SqliteConnection;
  readonly catalog: Catalog;
  readonly entries: EntryRows;
  readonly tally: Tally;
}

/** Within a transaction; its tally must be finished at the end. What isn't there is left out of the answer. */
export function eraseAll(deps: EraseDeps, { clinic, targets }: EraseRequest): ErasedResource[] {
  const cid = deps.catalog.clinic(clinic);
  if (cid === undefined) return [];
  return targets.flatMap((target) => {
    const tid = deps.catalog.type(cid, target.type);
    const versions = tid === undefined ? 0 : eraseOne(deps, tid, target);
    return versions === 0 ? [] : [{ type: target.type, id: target.id, versions }];
  });
}

function eraseOne({ connection, entries, tally }: EraseDeps, tid: number, { id, keep }: ErasureTarget): number {
  const superseded = Number(connection.prepare('DELETE FROM version WHERE tid = ? AND id = ?').run(tid, id).changes);
  const row = keep ? undefined : rowOf(connection.prepare('SELECT rid, deleted FROM resource WHERE tid = ? AND id = ?'), [tid, id]);
  const versions = superseded + (row ? 1 : 0);
  const isLive = row?.[1] === 0;
  const unmade = row && isLive ? entries.remove(row[0] as number) : undefined;
  if (row) connection.prepare('DELETE FROM resource WHERE rid = ?').run(row[0] as number);
  tally.erased(tid, { live: isLive ? -1 : 0, versions, unmade });
  return versions;
}

/** How often the log is tried to be emptied while others read. */
const TRIES = 50;

/**
 * Writes the file anew: what was deleted, or moved from page to page, stays in free space otherwise. Takes time and space
 * as the whole file does; readers go on, writers wait. Throws an error that says BUSY while someone reads without end.
 */
export function scrub({ database }: SqliteConnection): void {
  // In memory, as other sorts are done, the copy could be larger than that.
  database.exec('PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY;');
  for (let i = 0; i < TRIES; i++) {
    const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
    if (busy === 0) return;
  }
  throw Object.assign(new Error('The log could not be emptied: a reader holds it.'), { errcode: 5 });
}

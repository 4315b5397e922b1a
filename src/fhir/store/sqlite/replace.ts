/** Replaces the index entries of versions that are still current: no new version, no change in the feed. */
import { rowOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { Catalog } from './catalog.ts';
import type { EntryRows } from './entry-rows.ts';
import type { Numbering } from './numbering.ts';
import type { Packed } from '../../search/packed.ts';
import type { Tally } from './tally.ts';

export interface ReplaceRequest {
  readonly clinic: string;
  readonly items: readonly WireReplacement[];
}

interface WireReplacement {
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  readonly indexVersion: string;
  /** JSON of `Packed`. */
  readonly entries: string;
}

export interface ReplaceDeps {
  readonly connection: SqliteConnection;
  readonly catalog: Catalog;
  readonly numbering: Numbering;
  readonly entries: EntryRows;
  readonly tally: Tally;
}

const CURRENT = 'SELECT rid FROM resource WHERE tid = ? AND id = ? AND version = ? AND deleted = 0';

/** Within a transaction; its tally must be finished at the end. */
export function replaceEntries({ connection, catalog, numbering, entries, tally }: ReplaceDeps, { clinic, items }: ReplaceRequest): void {
  const cid = catalog.clinic(clinic);
  if (cid === undefined) return;
  for (const item of items) {
    const tid = catalog.type(cid, item.type);
    const row = tid === undefined ? undefined : rowOf(connection.prepare(CURRENT), [tid, item.id, item.versionId]);
    if (!row || tid === undefined) continue;
    const xid = numbering.indexVersion(cid, item.indexVersion);
    tally.entries(xid, entries.replace(row[0] as number, { cid, tid, xid }, JSON.parse(item.entries) as Packed));
  }
}

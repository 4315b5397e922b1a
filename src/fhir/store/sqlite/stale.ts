/** Live resources whose entries another index version made. */
import { LIMIT, rowOf, rowsOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import { asResourceType, type ClinicId } from '../../model/ids.ts';
import type { StoredVersion } from '../port.ts';
import type { Catalog } from './catalog.ts';
import { parsePosition, printPosition } from './position.ts';
import { COLUMN_COUNT, RESOURCE_COLUMNS, toVersion } from './rows.ts';

export interface StaleQuery {
  readonly indexVersion: string;
  readonly after: string | undefined;
  readonly limit: number;
}
export interface StalePage {
  readonly items: StoredVersion[];
  readonly next?: string;
}

const COUNT = 'SELECT sum(live) FROM index_version WHERE cid = ? AND name <> ?';
const PAGE = `SELECT ${RESOURCE_COLUMNS}, t.name, s.rid
  FROM entry_set s CROSS JOIN resource r ON r.rid = s.rid CROSS JOIN type t ON t.tid = r.tid
  WHERE s.rid > ? AND s.cid = ? AND s.xid <> ? ORDER BY s.rid ${LIMIT}`;

/** Kept counts tell at once when there are none. */
export function createStale(connection: SqliteConnection, catalog: Catalog): (clinic: ClinicId, query: StaleQuery) => StalePage {
  return (clinic, { indexVersion, after, limit }) => {
    const from = parsePosition(after, 'natural')?.rid ?? 0;
    const cid = catalog.clinic(clinic);
    if (cid === undefined || !rowOf(connection.prepare(COUNT), [cid, indexVersion])?.[0]) return { items: [] };
    const known = rowOf(connection.prepare('SELECT xid FROM index_version WHERE cid = ? AND name = ?'), [cid, indexVersion]);
    const rows = rowsOf(connection.prepare(PAGE), [from, cid, known?.[0] ?? -1, limit + 1]);
    const items = rows.slice(0, limit).map((row) => toVersion(asResourceType(row[COLUMN_COUNT] as string), row));
    const last = rows[limit - 1];
    return rows.length > limit && last ? { items, next: printPosition({ keys: [], rid: last[COLUMN_COUNT + 1] as number }) } : { items };
  };
}

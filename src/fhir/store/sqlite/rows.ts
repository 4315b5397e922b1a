/** Rows of the tables of texts as versions. */
import type { SqlRow } from '../../../platform/sqlite/connection.ts';
import { asResourceId, asSeq, type ResourceType } from '../../model/ids.ts';
import type { StoredVersion, Trace } from '../port.ts';

const columns = (table: string, body: string): string =>
  `${table}.id, ${table}.version, ${table}.seq, ${table}.at, ${table}.deleted, ${table}.trace, ${body}`;

/** What `toVersion` reads, of `resource r`. */
export const RESOURCE_COLUMNS = columns('r', 'r.body');
/** The same of `version v`. */
export const VERSION_COLUMNS = columns('v', 'v.body');
/** The same without the body. */
export const BARE_COLUMNS = columns('r', "x''");

/** How many columns these are; what follows them in a row is the caller's. */
export const COLUMN_COUNT = 7;

export function toVersion(type: ResourceType, row: SqlRow): StoredVersion {
  return {
    type,
    id: asResourceId(row[0] as string),
    versionId: row[1] as number,
    seq: asSeq(row[2] as number),
    at: row[3] as number,
    deleted: row[4] === 1,
    /** Read where it is asked for: most rows are sent without a look at it. */
    get trace(): Trace {
      return JSON.parse(row[5] as string) as Trace;
    },
    body: row[6] as Uint8Array,
  };
}

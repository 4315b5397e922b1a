/** Rows of the tables of texts as versions. */
import type { SqlRow } from '../../../platform/sqlite/connection.ts';
import { asResourceId, asSeq, type ResourceType } from '../../model/ids.ts';
import type { StoredVersion, Trace } from '../port.ts';

/**
 * Bodies come as text and are made bytes again from the pool of buffers: a blob would come in memory of its own, which costs
 * twice as much.
 */
const columns = (table: string, body: string): string =>
  [...['id', 'version', 'seq', 'at', 'deleted', 'trace'].map((name) => `${table}.${name}`), body].join(', ');

/** What `toVersion` reads, of `resource r`. */
export const RESOURCE_COLUMNS = columns('r', 'CAST(r.body AS TEXT)');
/** The same of `version v`. */
export const VERSION_COLUMNS = columns('v', 'CAST(v.body AS TEXT)');
/** The same without the body. */
export const BARE_COLUMNS = columns('r', "''");

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
    body: Buffer.from(row[6] as string),
  };
}

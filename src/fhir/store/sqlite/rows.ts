/** Rows of the tables of texts as versions. */
import type { SqlRow } from '../../../platform/sqlite/connection.ts';
import { asResourceId, asSeq, type ResourceType } from '../../model/ids.ts';
import type { FoundVersion, StoredVersion, Trace } from '../port.ts';

/**
 * Bodies come as text and are made bytes again from the pool of buffers: a blob would come in memory of its own, which costs
 * twice as much.
 */
const columns = (table: string, names: readonly string[], body = `CAST(${table}.body AS TEXT)`): string =>
  [...names.map((name) => `${table}.${name}`), body].join(', ');

const VERSION = ['id', 'version', 'seq', 'at', 'deleted', 'trace'];
const FOUND = ['id', 'version', 'seq', 'at'];

/** What `toVersion` reads, of `resource r`. */
export const RESOURCE_COLUMNS = columns('r', VERSION);
/** The same of `version v`. */
export const VERSION_COLUMNS = columns('v', VERSION);
/** What `toFound` reads, of `resource r`: each column that isn't asked for is some microseconds a page. */
export const FOUND_COLUMNS = columns('r', FOUND);
/** The same without the body. */
export const BARE_COLUMNS = columns('r', FOUND, "''");

/** How many columns these are; what follows them in a row is the caller's. */
export const COLUMN_COUNT = VERSION.length + 1;
export const FOUND_COUNT = FOUND.length + 1;

/** Of a resource that isn't deleted. */
export const toFound = (type: ResourceType, row: SqlRow): FoundVersion => ({
  type,
  id: asResourceId(row[0] as string),
  versionId: row[1] as number,
  seq: asSeq(row[2] as number),
  at: row[3] as number,
  deleted: false,
  body: Buffer.from(row[4] as string),
});

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

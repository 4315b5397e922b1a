/** Rows of the tables of texts as versions. */
import type { SqlRow } from '../../../platform/sqlite/connection.ts';
import { asResourceId, asSeq, type ResourceType } from '../../model/ids.ts';
import type { StoredVersion, Trace } from '../port.ts';

/**
 * What is small goes in one text: a column costs more to hand over than to write into it. Bodies come as text as well, and
 * are made bytes again from the pool of buffers: a blob would come in memory of its own, which costs twice as much.
 */
const columns = (table: string, body: string): string =>
  `${table}.id, ${['version', 'seq', 'at', 'deleted', 'trace'].map((name) => `${table}.${name}`).join(" || ' ' || ")}, ${body}`;

/** What `toVersion` reads, of `resource r`. */
export const RESOURCE_COLUMNS = columns('r', 'CAST(r.body AS TEXT)');
/** The same of `version v`. */
export const VERSION_COLUMNS = columns('v', 'CAST(v.body AS TEXT)');
/** The same without the body. */
export const BARE_COLUMNS = columns('r', "''");

/** How many columns these are; what follows them in a row is the caller's. */
export const COLUMN_COUNT = 3;

export function toVersion(type: ResourceType, row: SqlRow): StoredVersion {
  const stamp = row[1] as string;
  const [version, seq, at, deleted] = stamp.split(' ', NUMBERS) as [string, string, string, string];
  return {
    type,
    id: asResourceId(row[0] as string),
    versionId: Number(version),
    seq: asSeq(Number(seq)),
    at: Number(at),
    deleted: deleted === '1',
    /** Read where it is asked for: most rows are sent without a look at it. */
    get trace(): Trace {
      return JSON.parse(stamp.slice(version.length + seq.length + at.length + deleted.length + NUMBERS)) as Trace;
    },
    body: Buffer.from(row[2] as string),
  };
}

/** What stands before the trace. */
const NUMBERS = 4;

/**
 * The store in one SQLite file. Writes go through one writer thread; short reads are answered where they are asked,
 * on a read-only connection; what may look at many rows goes to reader threads.
 */
import type { Clock } from '../../../platform/clock.ts';
import { openConnection } from '../../../platform/sqlite/connection.ts';
import { createSqliteThread, type SqliteThread } from '../../../platform/sqlite/thread.ts';
import type { FhirStore } from '../port.ts';
import { openCommits, type Commits } from './commits.ts';
import { toPortError, unavailable } from './errors.ts';
import { createReaderPool } from './pool.ts';
import { createReads, type Reads } from './reads.ts';

export interface SqliteStoreOptions {
  /** Path of the database; made if it isn't there. */
  readonly file: string;
  readonly clock: Clock;
  /** The thread that writes, if it is shared with the records of the same file; closed by who made it. */
  readonly writer?: SqliteThread;
}

const WRITER_CACHE_KIB = 64 << 10;
const READER_CACHE_KIB = 32 << 10;

/** The thread that all writes to a file go through. */
export const createSqliteWriter = (file: string): SqliteThread => createSqliteThread({ file, readOnly: false, cacheKiB: WRITER_CACHE_KIB });

/** Opens the store, making or upgrading its schema. Throws `unavailable` if the file can't serve. */
export async function openSqliteStore({ file, clock, writer }: SqliteStoreOptions): Promise<FhirStore> {
  const thread = writer ?? createSqliteWriter(file);
  try {
    const commits = await openCommits(thread, clock);
    const connection = openConnection(file, { readOnly: true, cacheKiB: READER_CACHE_KIB });
    const pool = createReaderPool({ file, readOnly: true, cacheKiB: READER_CACHE_KIB });
    const reads = createReads(connection, pool);
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await commits.idle();
      await Promise.all([writer ? undefined : thread.close(), pool.close()]);
      connection.close();
    };
    const calling = async <T>(call: () => T | Promise<T>): Promise<T> => {
      if (closing) throw unavailable();
      try {
        return await call();
      } catch (error) {
        throw toPortError(error);
      }
    };
    return facade(reads, commits, calling, () => (closing ??= close()));
  } catch (error) {
    if (!writer) await thread.close();
    throw toPortError(error);
  }
}

type Calling = <T>(call: () => T | Promise<T>) => Promise<T>;

function facade(reads: Reads, commits: Commits, calling: Calling, close: () => Promise<void>): FhirStore {
  return {
    read: (clinic, key) => calling(() => reads.read(clinic, key)),
    readVersion: (clinic, key, versionId) => calling(() => reads.readVersion(clinic, key, versionId)),
    readMany: (clinic, keys) => calling(() => reads.readMany(clinic, keys)),
    write: (clinic, set) => calling(() => commits.write(clinic, set)),
    search: (clinic, query) => calling(() => reads.search(clinic, query)),
    count: (clinic, query) => calling(() => reads.count(clinic, query)),
    searchTargets: (clinic, query, param, limit) => calling(() => reads.searchTargets(clinic, query, param, limit)),
    history: (clinic, query) => calling(() => reads.history(clinic, query)),
    changes: (clinic, after, limit) => calling(() => reads.changes(clinic, after, limit)),
    lastSeq: (clinic, maxAgeMs) => calling(() => reads.lastSeq(clinic, maxAgeMs)),
    staleEntries: (clinic, indexVersion, after, limit) => calling(() => reads.staleEntries(clinic, indexVersion, after, limit)),
    replaceEntries: (clinic, items) => calling(() => commits.replaceEntries(clinic, items)),
    erase: (clinic, targets) => calling(() => commits.erase(clinic, targets)),
    scrub: () => calling(() => commits.scrub()),
    clinics: () => calling(() => reads.clinics()),
    check: () => calling(() => reads.check()),
    close,
  };
}

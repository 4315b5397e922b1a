/** One connection to a database file, with its statements prepared once. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** What a column holds, or a parameter is bound to. */
export type SqlValue = SQLInputValue;
/**
 * How a statement is limited. A bare `LIMIT ?` costs more than most statements: SQLite looks at the parameter's value when it
 * compiles, and so compiles anew at each run.
 */
export const LIMIT = 'LIMIT ? + 0';
/** A row as an array, in the order of the columns. */
export type SqlRow = readonly SqlValue[];

export interface SqliteConnection {
  readonly database: DatabaseSync;
  /** A statement of this text, prepared at its first use; rows come as arrays. */
  prepare(sql: string): StatementSync;
  /** What `work` reads is of one moment; within a transaction, that is the transaction's own. */
  snapshot<T>(work: () => T): T;
  /** All that `work` writes, or nothing; waits for other writers. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface ConnectionOptions {
  readonly readOnly: boolean;
  /** Memory for pages, KiB. */
  readonly cacheKiB: number;
}

const BUSY_TIMEOUT_MS = 10_000;
/** Pages of the log (4 KiB each) that are gathered before they go to the file: many commits touch the same ones. */
const CHECKPOINT_PAGES = 8000;
/** Texts of statements that are kept; the one used longest ago goes first. */
const MAX_STATEMENTS = 400;

/** Opens a file that exists, or makes it unless `readOnly`. Throws what SQLite says. */
export function openConnection(file: string, { readOnly, cacheKiB }: ConnectionOptions): SqliteConnection {
  const database = new DatabaseSync(file, { readOnly, timeout: BUSY_TIMEOUT_MS });
  if (!readOnly) database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
  database.exec(`PRAGMA cache_size = -${cacheKiB}; PRAGMA temp_store = MEMORY;`);
  const prepare = statementCache(database);
  return {
    database,
    prepare,
    snapshot: (work) => (database.isTransaction ? work() : within(database, prepare, 'BEGIN', work)),
    transaction: (work) => within(database, prepare, 'BEGIN IMMEDIATE', work),
    close: () => database.close(),
  };
}

function statementCache(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    const known = statements.get(sql);
    if (known) {
      if (statements.size < MAX_STATEMENTS) return known;
      statements.delete(sql);
      statements.set(sql, known);
      return known;
    }
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    statements.set(sql, statement);
    if (statements.size > MAX_STATEMENTS) statements.delete(statements.keys().next().value ?? '');
    return statement;
  };
}

function within<T>(database: DatabaseSync, prepare: SqliteConnection['prepare'], begin: string, work: () => T): T {
  prepare(begin).run();
  try {
    const result = work();
    prepare('COMMIT').run();
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Rows of a statement that returns arrays. */
export const rowsOf = (statement: StatementSync, params: readonly SqlValue[]): SqlRow[] => statement.all(...params) as unknown as SqlRow[];
/** The first row, if there is one. */
export const rowOf = (statement: StatementSync, params: readonly SqlValue[]): SqlRow | undefined =>
  statement.get(...params) as unknown as SqlRow | undefined;

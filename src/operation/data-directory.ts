/**
 * One process at a time works in a data directory. The lock is an exclusive transaction on `nadi.lock`, held open: the
 * operating system ends it with the process, however that ends, and two that start at once can't both get it.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface DataDirectory {
  readonly path: string;
  /** Where the command line finds the server that works here. */
  readonly socket: string;
  release(): void;
}

/** The longest path of a Unix socket that every supported system takes. */
const MAX_SOCKET_PATH = 103;

export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

/** Makes the directory, for its owner only, and locks it. Throws DataDirectoryError if another process has it. */
export function lockDataDirectory(path: string): DataDirectory {
  const socket = socketOf(path);
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    throw new DataDirectoryError(`DATA_DIR was ${JSON.stringify(path)}; it may be a path of at most ${MAX_SOCKET_PATH - 10} bytes`);
  }
  const lock = openLock(path);
  return { path, socket, release: () => lock.close() };
}

/** The path of the socket in a data directory. */
export const socketOf = (path: string): string => join(path, 'nadi.sock');

function openLock(path: string): DatabaseSync {
  const file = join(path, 'nadi.lock');
  // Whatever is made from here on is its owner's alone.
  process.umask(0o077);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    throw new DataDirectoryError(refusal(path, error), { cause: error });
  }
}

const SQLITE_BUSY = 5;

function refusal(path: string, error: unknown): string {
  const { errcode, code } = error as { errcode?: number; code?: string };
  if (errcode === SQLITE_BUSY) return `another nadi is using the data directory ${path}: stop it, or set DATA_DIR to another`;
  return `the data directory ${path} can't be used (${code ?? 'unknown'}): make it writable, or set DATA_DIR to another`;
}

/** Reader threads, started when the first long search comes; the one with the least to do is given the next. */
import { createSqliteThread, type SqliteThread } from '../../../platform/sqlite/thread.ts';
import type { ThreadData } from '../../../platform/sqlite/protocol.ts';

export interface ReaderPool {
  call(method: string, args: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const READERS = 2;
const READER = new URL(`./reader${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export function createReaderPool(data: ThreadData): ReaderPool {
  const readers = Array.from({ length: READERS }, () => ({ thread: createSqliteThread(data), busy: 0 }));
  const run = async (reader: { readonly thread: SqliteThread; busy: number }, method: string, args: unknown): Promise<unknown> => {
    reader.busy += 1;
    try {
      return await reader.thread.call(READER, method, args);
    } finally {
      reader.busy -= 1;
    }
  };
  return {
    call(method, args) {
      const idlest = readers.reduce((best, reader) => (reader.busy < best.busy ? reader : best));
      return run(idlest, method, args);
    },
    async close() {
      await Promise.all(readers.map((reader) => reader.thread.close()));
    },
  };
}

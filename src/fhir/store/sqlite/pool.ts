/** Reader threads, started when the first long search comes; the one with the least to do is given the next. */
import type { ThreadData } from '../../../platform/sqlite/protocol.ts';
import { createSqliteThread } from '../../../platform/sqlite/thread.ts';

export interface ReaderPool {
  /** Runs a method of `reader.ts`. */
  call<T>(method: string, args: unknown): Promise<T>;
  /** The same for methods that answer a page with bodies. */
  page<T>(method: string, args: unknown): Promise<T>;
  close(): Promise<void>;
}

const READERS = 2;
const READER = new URL(`./reader${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export function createReaderPool(data: ThreadData): ReaderPool {
  const readers = Array.from({ length: READERS }, () => ({ thread: createSqliteThread(data), busy: 0 }));
  const run = async (method: string, args: unknown): Promise<unknown> => {
    const reader = readers.reduce((best, other) => (other.busy < best.busy ? other : best));
    reader.busy += 1;
    try {
      return await reader.thread.call(READER, method, args);
    } finally {
      reader.busy -= 1;
    }
  };
  return {
    call: async <T>(method: string, args: unknown) => (await run(method, args)) as T,
    page: async <T>(method: string, args: unknown) => ((await run(method, args)) as { page: T }).page,
    async close() {
      await Promise.all(readers.map((reader) => reader.thread.close()));
    },
  };
}

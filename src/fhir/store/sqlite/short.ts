/** Tells searches that are answered on the main thread from those for a reader thread. */
import { LRUCache } from 'lru-cache';
import { createCutoff } from './cutoff.ts';
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';
import { tooCostly } from './errors.ts';
import type { Admission } from './queries.ts';

/** Rows that a statement may test on the main thread, and how long all of a search may take there. */
const SHORT_COST = 4000;
const SHORT_MS = 10;
/** How long a statement that turned out to be long is known as such. */
const LONG_KNOWN_MS = 60_000;

export interface ShortOnly extends Admission {
  /** Answers here if that is short, otherwise by `long`. */
  tryHere<T>(here: () => T, long: () => Promise<T>): Promise<T>;
}

/** What looks long is refused; what looks short, or depends on the data, is tried, and given up when it isn't. */
export function createShortOnly(connection: SqliteConnection): ShortOnly {
  const cutoff = createCutoff(connection);
  const tooLong = new Error('not on this thread');
  const known = new LRUCache<string, true>({ max: 1000, ttl: LONG_KNOWN_MS });
  let end = 0;
  return {
    admit({ text }, cost) {
      const isLong = cost === Infinity ? known.has(text) : cost > SHORT_COST;
      if (isLong || performance.now() > end) throw tooLong;
    },
    run({ text }, deadline, work) {
      const last = performance.now() + deadline - Date.now();
      const late = (): Error => {
        if (last <= end) return tooCostly();
        known.set(text, true);
        return tooLong;
      };
      return cutoff.within(Math.min(last, end), late, work);
    },
    async tryHere(here, long) {
      end = performance.now() + SHORT_MS;
      try {
        return here();
      } catch (error) {
        if (error !== tooLong) throw error;
      }
      return await long();
    },
  };
}

/** Gives up a statement at a time: `tick(x)`, called for each row that is looked at, throws once it has passed. */
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';

export interface Cutoff {
  /** Runs `work`; throws what `late` makes once the clock (milliseconds of `performance.now()`) is past `end`. */
  within<T>(end: number, late: () => Error, work: () => T): T;
}

/** Calls between two looks at the clock. */
const EVERY = 32;

export function createCutoff(connection: SqliteConnection): Cutoff {
  let end = Infinity;
  let late: () => Error = () => new Error('late');
  let calls = 0;
  connection.database.function('tick', { deterministic: false, varargs: true }, () => {
    calls += 1;
    if (calls % EVERY === 0 && performance.now() > end) throw late();
    return 1;
  });
  return {
    within(newEnd, newLate, work) {
      const outer = { end, late };
      end = newEnd;
      late = newLate;
      try {
        return work();
      } finally {
        ({ end, late } = outer);
      }
    },
  };
}

import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';

/** A share of the event loop. */
export interface Slice {
  /** Undefined while the slice lasts; once it is used up, a promise that resolves after others had their turn. */
  breathe(): Promise<void> | undefined;
}

/** The turn of this thread's event loop in which a slice was last used. The loop is one, so this is too. */
const turn = { count: -1, began: 0 };

/** When the turn began that the loop is in, as far as slices know. */
function turnBegan(): number {
  const count = performance.nodeTiming.uvMetricsInfo.loopCount;
  if (count !== turn.count) Object.assign(turn, { count, began: performance.now() });
  return turn.began;
}

/**
 * For loops that can be long: `for (…) { …; const pause = slice.breathe(); if (pause) await pause; }`.
 * All slices of one turn of the loop share its time, so that stages in a row don't hold it longer than one would.
 * @param budgetMs milliseconds of a turn
 */
export function createSlice(budgetMs = 10): Slice {
  let end = turnBegan() + budgetMs;
  const restart = (): void => {
    end = turnBegan() + budgetMs;
  };
  return {
    breathe() {
      if (performance.now() < end) return undefined;
      restart();
      return performance.now() < end ? undefined : setImmediate().then(restart);
    },
  };
}

/** For work that runs side by side: each piece awaits its turn, and none begins while the slice is used up. */
export function createTurns(slice: Slice = createSlice()): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => (last = last.then(() => slice.breathe()));
}

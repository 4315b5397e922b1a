import { setImmediate } from 'node:timers/promises';

/** A share of the event loop. */
export interface Slice {
  /** Undefined while the slice lasts; once it is used up, a promise that resolves after others had their turn. */
  breathe(): Promise<void> | undefined;
}

/**
 * For loops that can be long: `for (…) { …; const pause = slice.breathe(); if (pause) await pause; }`.
 * @param budgetMs milliseconds a slice lasts
 */
export function createSlice(budgetMs = 10): Slice {
  let end = performance.now() + budgetMs;
  const restart = (): void => {
    end = performance.now() + budgetMs;
  };
  return { breathe: () => (performance.now() < end ? undefined : setImmediate().then(restart)) };
}

/** For work that runs side by side: each piece awaits its turn, and none begins while the slice is used up. */
export function createTurns(slice: Slice = createSlice()): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => (last = last.then(() => slice.breathe()));
}

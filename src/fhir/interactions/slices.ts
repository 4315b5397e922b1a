import { createSlice } from '../model/slices.ts';

/** What `make` makes of each item, in slices of the event loop. */
export async function inSlices<T, R>(items: readonly T[], make: (item: T) => R | Promise<R>): Promise<R[]> {
  const slice = createSlice();
  const made: R[] = [];
  for (const item of items) {
    const one = make(item);
    made.push(one instanceof Promise ? await one : one);
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return made;
}

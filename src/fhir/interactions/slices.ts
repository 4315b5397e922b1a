import { createSlice } from '../model/slices.ts';

/** What `make` makes of each item, in slices of the event loop. */
export async function inSlices<T, R>(items: readonly T[], make: (item: T) => R): Promise<R[]> {
  const slice = createSlice();
  const made: R[] = [];
  for (const item of items) {
    made.push(make(item));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return made;
}

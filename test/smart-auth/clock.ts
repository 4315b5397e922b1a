import type { Clock } from '../../src/platform/clock.ts';

export interface MovableClock extends Clock {
  readonly advance: (ms: number) => void;
}

/** Stands still until it is moved. */
export function movableClock(start = Date.now()): MovableClock {
  let time = start;
  return { now: () => time, advance: (ms) => void (time += ms) };
}

import { describe, expect, it } from '@jest/globals';
import { createSlice } from '../../src/fhir/model/slices.ts';

describe('createSlice', () => {
  it('asks for no pause while the slice lasts', () => {
    expect(createSlice(1e6).breathe()).toBeUndefined();
  });

  it('lets timers and input have their turn once it is used up', async () => {
    const slice = createSlice(0);
    let others = 0;
    setImmediate(() => others++);
    await slice.breathe();
    expect(others).toBe(1);
  });

  it('is used up for all that follow in the same turn', async () => {
    const first = createSlice();
    for (const started = performance.now(); performance.now() - started < 20;);
    const pause = createSlice().breathe();
    expect(pause).toBeDefined();
    expect(first.breathe()).toBeDefined();
    await pause;
  });
});

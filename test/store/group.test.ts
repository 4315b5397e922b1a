import { describe, expect, it } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { createGroupCommitter, type Settled } from '../../src/fhir/store/group.ts';

/** A little more than a turn of the event loop. */
async function turn(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await setImmediate();
}

/** A commit that is let through by hand. */
function gate() {
  const groups: string[][] = [];
  const open: ((outcomes: readonly Settled<string>[]) => void)[] = [];
  const commit = (items: readonly string[]): Promise<readonly Settled<string>[]> => {
    groups.push([...items]);
    return new Promise((resolve) => open.push(resolve));
  };
  const pass = async (outcomes?: readonly Settled<string>[]): Promise<void> => {
    const items = groups[groups.length - 1] ?? [];
    open.shift()?.(outcomes ?? items.map((item) => ({ ok: true, value: item.toUpperCase() })));
    await turn();
  };
  return { groups, commit, pass };
}

describe('group committer', () => {
  it('commits a lone item at once, and what comes meanwhile together, in order', async () => {
    const { groups, commit, pass } = gate();
    const committer = createGroupCommitter({ commit, maxItems: 10, maxWeight: 100, weightOf: () => 1 });
    const first = committer.add('a');
    await turn();
    expect(groups).toEqual([['a']]);
    const later = ['b', 'c', 'd'].map((item) => committer.add(item));
    expect(groups).toEqual([['a']]);
    await pass();
    expect(groups).toEqual([['a'], ['b', 'c', 'd']]);
    await pass();
    expect(await Promise.all([first, ...later])).toEqual(['A', 'B', 'C', 'D']);
  });

  it.each([
    { maxItems: 2, maxWeight: 100, groups: [['a'], ['bb', 'cc'], ['dddd', 'e']] },
    { maxItems: 9, maxWeight: 4, groups: [['a'], ['bb', 'cc'], ['dddd'], ['e']] },
    { maxItems: 9, maxWeight: 3, groups: [['a'], ['bb'], ['cc'], ['dddd'], ['e']] },
  ])('keeps groups below $maxItems items and a weight of $maxWeight', async ({ maxItems, maxWeight, groups: expected }) => {
    const { groups, commit, pass } = gate();
    const committer = createGroupCommitter({ commit, maxItems, maxWeight, weightOf: (item: string) => item.length });
    const first = committer.add('a');
    await turn();
    const all = [first, ...['bb', 'cc', 'dddd', 'e'].map((item) => committer.add(item))];
    for (let i = 0; i < expected.length; i += 1) await pass();
    await Promise.all(all);
    expect(groups).toEqual(expected);
  });

  it('gives each item its own outcome', async () => {
    const { commit, pass } = gate();
    const committer = createGroupCommitter({ commit, maxItems: 9, maxWeight: 9, weightOf: () => 1 });
    const all = Promise.allSettled(['a', 'b', 'c'].map((item) => committer.add(item)));
    await turn();
    await pass([
      { ok: true, value: 'A' },
      { ok: false, error: 'no' },
      { ok: true, value: 'yes' },
    ]);
    expect(await all).toEqual([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected', reason: 'no' },
      { status: 'fulfilled', value: 'yes' },
    ]);
  });

  it('goes on after a commit that failed as a whole', async () => {
    let calls = 0;
    const commit = (items: readonly string[]): Promise<readonly Settled<string>[]> => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('disk')) : Promise.resolve(items.map((value) => ({ ok: true, value })));
    };
    const committer = createGroupCommitter({ commit, maxItems: 9, maxWeight: 9, weightOf: () => 1 });
    await expect(committer.add('a')).rejects.toThrow('disk');
    await expect(committer.add('b')).resolves.toBe('b');
    await committer.idle();
  });
});

/** Key sets that clients publish: remembered, and asked for sparingly, whoever names them. */
import { describe, expect, it } from '@jest/globals';
import { OutboundError } from '../../../src/platform/outbound.ts';
import { createKeySets, type KeySets } from '../../../src/smart-auth/oauth/client/key-sets.ts';
import { movableClock, type MovableClock } from '../clock.ts';

const URI = 'https://backend.example/jwks.json';

interface Setting {
  readonly sets: KeySets;
  readonly clock: MovableClock;
  /** Addresses, in the order of the calls. */
  readonly called: string[];
  /** What is answered from now on; an error is thrown. */
  answer(body: unknown, status?: number): void;
}

function setting(): Setting {
  const clock = movableClock();
  const called: string[] = [];
  let next: { readonly body: unknown; readonly status: number } = { body: { keys: [{ kid: 'a' }] }, status: 200 };
  const sets = createKeySets({
    clock,
    outbound: async (url) => {
      called.push(url);
      await Promise.resolve();
      if (next.body instanceof Error) throw next.body;
      return { status: next.status, headers: {}, body: Buffer.from(typeof next.body === 'string' ? next.body : JSON.stringify(next.body)) };
    },
  });
  return { sets, clock, called, answer: (body, status = 200) => void (next = { body, status }) };
}

describe('key sets', () => {
  it('are fetched once for all who ask at once, and remembered for a minute', async () => {
    const { sets, clock, called } = setting();
    const found = await Promise.all(Array.from({ length: 50 }, () => sets.keysAt(URI, 'a')));
    expect(found.every((keys) => keys.length === 1)).toBe(true);
    clock.advance(59_000);
    await sets.keysAt(URI, 'a');
    expect(called).toEqual([URI]);
    clock.advance(2000);
    await sets.keysAt(URI, 'a');
    expect(called).toEqual([URI, URI]);
  });

  it('of other addresses are others', async () => {
    const { sets, called } = setting();
    await sets.keysAt(URI, 'a');
    await sets.keysAt(`${URI}?2`, 'a');
    expect(called).toEqual([URI, `${URI}?2`]);
  });

  it('are looked at again for a kid that isn’t known, at most every ten seconds', async () => {
    const { sets, clock, called, answer } = setting();
    await sets.keysAt(URI, 'a');
    answer({ keys: [{ kid: 'b' }] });
    for (let i = 0; i < 9; i += 1) {
      expect(await sets.keysAt(URI, 'b')).toEqual([]);
      clock.advance(1000);
    }
    expect(called).toHaveLength(1);
    clock.advance(1000);
    expect(await sets.keysAt(URI, 'b')).toEqual([{ kid: 'b' }]);
    expect(await sets.keysAt(URI, 'a')).toEqual([]);
    expect(called).toHaveLength(2);
  });

  it.each([
    ['an address that can’t be reached', new OutboundError('away'), 200],
    ['another status', { keys: [{ kid: 'a' }] }, 500],
    ['no JSON', '<html>', 200],
    ['JSON of another form', { keys: 'none' }, 200],
    ['no object', [1], 200],
  ])('%s is no key, and isn’t asked again for ten seconds', async (_name, body, status) => {
    const { sets, clock, called, answer } = setting();
    answer(body, status);
    for (let i = 0; i < 5; i += 1) await expect(sets.keysAt(URI, 'a')).rejects.toMatchObject({ code: 'invalid_client' });
    expect(called).toHaveLength(1);
    clock.advance(10_000);
    answer({ keys: [{ kid: 'a' }, null, 7] });
    expect(await sets.keysAt(URI, 'a')).toEqual([{ kid: 'a' }]);
  });
});

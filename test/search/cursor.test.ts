import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asSeq } from '../../src/fhir/model/ids.ts';
import { openCursor, sealCursor, type CursorBinding, type WalkState } from '../../src/fhir/search/cursor.ts';
import { createSealer } from '../../src/platform/seal.ts';

const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const sealer = createSealer([secret(1)], 'cursor');
const BINDING: CursorBinding = { clinic: 'a', subject: 'Practitioner/1', query: '["Patient","name=x"]' };

const state = fc.record<WalkState>(
  {
    phase: fc.constantFrom('keys', 'tail'),
    seq: fc.nat().map(asSeq),
    now: fc.nat(),
    after: fc.string(),
    total: fc.nat(),
  },
  { requiredKeys: ['phase', 'seq', 'now'] },
);

describe('cursors', () => {
  it('open to what was sealed', () => {
    fc.assert(
      fc.property(state, (s) => {
        const cursor = sealCursor(sealer, s, BINDING);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(openCursor(sealer, cursor, BINDING)).toEqual(s);
      }),
    );
  });
  it('are as long wherever the walk stands: a position counts what others hold as well', () => {
    const lengths = [3, 17, 4_321, 98_765_432].map((n) => {
      const at: WalkState = { phase: 'keys', seq: asSeq(5), now: 1_795_693_639_637, after: `["final",${n}]` };
      return sealCursor(sealer, at, BINDING).length;
    });
    expect(new Set(lengths).size).toBe(1);
  });
  it('open for nothing but the search they were made for', () => {
    fc.assert(
      fc.property(state, fc.record({ clinic: fc.string(), subject: fc.string(), query: fc.string() }), (s, other) => {
        const cursor = sealCursor(sealer, s, BINDING);
        expect(() => openCursor(sealer, cursor, other)).toThrow(expect.objectContaining({ kind: 'invalid-cursor' }));
      }),
    );
  });
  it('are not forged by chance', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ minLength: 60, maxLength: 200 })), (text) => {
        expect(() => openCursor(sealer, text, BINDING)).toThrow(expect.objectContaining({ kind: 'invalid-cursor' }));
      }),
    );
  });
  it('break when any byte is changed', () => {
    const cursor = Buffer.from(sealCursor(sealer, { phase: 'keys', seq: asSeq(5), now: 1, after: 'key' }, BINDING), 'base64url');
    for (let i = 0; i < cursor.length; i++) {
      const changed = Buffer.from(cursor);
      changed[i] = (changed[i] as number) ^ 1;
      expect(sealer.open(changed.toString('base64url'), JSON.stringify(Object.values(BINDING)))).toBeUndefined();
    }
  });
});

describe('sealers', () => {
  it('open what an older secret sealed, and seal with the first', () => {
    const old = createSealer([secret(1)], 'cursor').seal('text', 'context');
    const rotated = createSealer([secret(2), secret(1)], 'cursor');
    expect(rotated.open(old, 'context')).toBe('text');
    expect(sealer.open(rotated.seal('text', 'context'), 'context')).toBeUndefined();
  });
  it('are of no use for another purpose or context', () => {
    const sealed = sealer.seal('text', 'context');
    expect(sealer.open(sealed, 'context')).toBe('text');
    expect(sealer.open(sealed, 'other')).toBeUndefined();
    expect(createSealer([secret(1)], 'other').open(sealed, 'context')).toBeUndefined();
  });
  it('never seal the same text alike', () => {
    expect(sealer.seal('text', '')).not.toBe(sealer.seal('text', ''));
  });
});

import { describe, expect, it } from '@jest/globals';
import { asResourceId, asSeq } from '../../../src/fhir/model/ids.ts';
import type { Change, Expected, WriteOutcome } from '../../../src/fhir/store/port.ts';
import { bodyText, decode, del, feed, find, key, names, put, results, setOf, text, TRACE, write, type Context } from './context.ts';

type State = 'never' | 'live at 2' | 'deleted at 2';

/** What a change under an expectation does, by the state it meets. */
const EXPECTATIONS: readonly { op: 'put' | 'delete'; state: State; expected: Expected; is: string }[] = [
  { op: 'put', state: 'never', expected: 'any', is: 'created 1' },
  { op: 'put', state: 'never', expected: 'absent', is: 'created 1' },
  { op: 'put', state: 'never', expected: 1, is: 'failed undefined' },
  { op: 'put', state: 'never', expected: 'present', is: 'failed undefined' },
  { op: 'put', state: 'never', expected: [1, 2], is: 'failed undefined' },
  { op: 'put', state: 'live at 2', expected: 'any', is: 'updated 3' },
  { op: 'put', state: 'live at 2', expected: 'present', is: 'updated 3' },
  { op: 'put', state: 'live at 2', expected: [1, 2, 7], is: 'updated 3' },
  { op: 'put', state: 'live at 2', expected: [1, 3], is: 'failed 2' },
  { op: 'put', state: 'live at 2', expected: [], is: 'failed 2' },
  { op: 'put', state: 'live at 2', expected: 'absent', is: 'failed 2' },
  { op: 'put', state: 'live at 2', expected: 2, is: 'updated 3' },
  { op: 'put', state: 'live at 2', expected: 1, is: 'failed 2' },
  { op: 'put', state: 'live at 2', expected: 3, is: 'failed 2' },
  { op: 'put', state: 'deleted at 2', expected: 'any', is: 'created 3' },
  { op: 'put', state: 'deleted at 2', expected: 'absent', is: 'created 3' },
  { op: 'put', state: 'deleted at 2', expected: 2, is: 'failed undefined' },
  { op: 'put', state: 'deleted at 2', expected: 'present', is: 'failed undefined' },
  { op: 'put', state: 'deleted at 2', expected: [1, 2], is: 'failed undefined' },
  { op: 'delete', state: 'never', expected: 'present', is: 'failed undefined' },
  { op: 'delete', state: 'live at 2', expected: 'present', is: 'deleted 3' },
  { op: 'delete', state: 'live at 2', expected: [2, 1], is: 'deleted 3' },
  { op: 'delete', state: 'deleted at 2', expected: 'present', is: 'failed undefined' },
  { op: 'delete', state: 'never', expected: 'absent', is: 'unchanged' },
  { op: 'delete', state: 'never', expected: 'any', is: 'unchanged' },
  { op: 'delete', state: 'never', expected: 1, is: 'failed undefined' },
  { op: 'delete', state: 'live at 2', expected: 'any', is: 'deleted 3' },
  { op: 'delete', state: 'live at 2', expected: 2, is: 'deleted 3' },
  { op: 'delete', state: 'live at 2', expected: 1, is: 'failed 2' },
  { op: 'delete', state: 'live at 2', expected: 'absent', is: 'failed 2' },
  { op: 'delete', state: 'deleted at 2', expected: 'any', is: 'unchanged' },
  { op: 'delete', state: 'deleted at 2', expected: 2, is: 'failed undefined' },
];

function outcomeText(outcome: WriteOutcome): string {
  if (!outcome.ok) return outcome.failed === 'version' ? `failed ${outcome.actual}` : 'failed guard';
  return outcome.results.map((r) => (r.outcome === 'unchanged' ? r.outcome : `${r.outcome} ${r.versionId}`)).join();
}

export function writeContract(context: () => Context): void {
  describe('a write', () => {
    it('keeps a resource, byte for byte, with who, when and why', async () => {
      const { store, clock, clinic: next } = context();
      const clinic = next();
      const at = clock.tick(1000);
      const content = text('Patient', 'p1', '","x":[1.50,1e3,9007199254740993],"y":"\\u0041 é ๛ 😀 \\"');
      const trace = { ...TRACE, client: 'app', reason: 'because', subject: 'Patient/ü' };
      const [result] = await write(store(), clinic, put('Patient', 'p1', { text: content, trace }));
      expect(result).toEqual({ ...key('Patient', 'p1'), outcome: 'created', versionId: 1, at, seq: 1 });
      const stored = await store().read(clinic, key('Patient', 'p1'));
      expect(stored).toMatchObject({ ...key('Patient', 'p1'), versionId: 1, seq: 1, at, deleted: false, trace });
      expect(decode(stored!.body)).toBe(bodyText(content, 1, at));
      expect(stored!.body).toBeInstanceOf(Uint8Array);
    });

    it('keeps a body of several megabytes', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const content = text('Binary', 'b1', 'ü'.repeat(2 ** 21));
      const [result] = await write(store(), clinic, put('Binary', 'b1', { text: content }));
      const stored = await store().read(clinic, key('Binary', 'b1'));
      expect(decode(stored!.body) === bodyText(content, 1, result!.at)).toBe(true);
    });

    it.each(EXPECTATIONS)('$op, expecting $expected, of what is $state: $is', async ({ op, state, expected, is }) => {
      const { store, clinic: next } = context();
      const clinic = next();
      if (state !== 'never') await write(store(), clinic, put('Patient', 'p1'));
      if (state === 'live at 2') await write(store(), clinic, put('Patient', 'p1'));
      if (state === 'deleted at 2') await write(store(), clinic, del('Patient', 'p1'));
      const before = await store().lastSeq(clinic);
      const change: Change = op === 'put' ? put('Patient', 'p1', { expected }) : del('Patient', 'p1', expected);
      const outcome = await store().write(clinic, setOf([change]));
      expect(outcomeText(outcome)).toBe(is);
      const writes = /created|updated|deleted/.test(is);
      expect(await store().lastSeq(clinic)).toBe(before + (writes ? 1 : 0));
      if (!outcome.ok) expect(outcome.index).toBe(0);
    });

    it('is all or nothing', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'p1', { entries: { token: [{ param: 'active', system: '', code: 'true' }] } }));
      const outcome = await store().write(
        clinic,
        setOf([put('Patient', 'p2'), put('Patient', 'p1'), put('Patient', 'p3', { expected: 7 })]),
      );
      expect(outcome).toEqual({ ok: false, failed: 'version', index: 2, actual: undefined });
      expect(await store().read(clinic, key('Patient', 'p2'))).toBeUndefined();
      expect(await store().read(clinic, key('Patient', 'p1'))).toMatchObject({ versionId: 1 });
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'active', code: 'true' })).toEqual(['p1']);
      expect(names(await feed(store(), clinic))).toEqual(['Patient/p1/1']);
    });

    it('of many resources numbers them in the order of the set', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'old'), put('Patient', 'gone'));
      const all = await write(
        store(),
        clinic,
        put('Observation', 'o1'),
        put('Patient', 'old'),
        del('Patient', 'never'),
        del('Patient', 'gone'),
      );
      expect(all.map((r) => r.outcome)).toEqual(['created', 'updated', 'unchanged', 'deleted']);
      expect(all.filter((r) => r.outcome !== 'unchanged').map((r) => r.seq)).toEqual([3, 4, 5]);
      expect(new Set(all.map((r) => r.at)).size).toBe(1);
    });

    it('of nothing is nothing', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      expect(await store().write(clinic, setOf([]))).toEqual({ ok: true, results: [] });
      expect(await store().lastSeq(clinic)).toBe(0);
    });

    it('that names a resource twice is refused whole', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const twice = store().write(clinic, setOf([put('Patient', 'p1'), put('Patient', 'p2'), del('Patient', 'p1')]));
      await expect(twice).rejects.toMatchObject({ kind: 'conflict' });
      expect(await store().lastSeq(clinic)).toBe(0);
    });

    it('of 100 sets at once gives each its own outcome', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'shared'));
      const sets = Array.from({ length: 100 }, (_, i) =>
        setOf([put('Patient', `p${i}`), put('Observation', `o${i}`, i % 3 === 0 ? { expected: 9 } : {})]),
      );
      const outcomes = await Promise.all(sets.map((set) => store().write(clinic, set)));
      expect(outcomes.map((o) => o.ok)).toEqual(sets.map((_, i) => i % 3 !== 0));
      const kept = await find(store(), clinic, ['Patient', 'Observation']);
      const expected = sets.flatMap((_, i) => (i % 3 === 0 ? [] : [`p${i}`, `o${i}`]));
      expect(kept.sort()).toEqual(['shared', ...expected].sort());
    });

    it('lets one of many concurrent updates of a version win', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'p1'));
      const updates = Array.from({ length: 50 }, () => store().write(clinic, setOf([put('Patient', 'p1', { expected: 1 })])));
      const outcomes = await Promise.all(updates);
      expect(outcomes.filter((o) => o.ok)).toHaveLength(1);
      expect(outcomes.filter((o) => !o.ok && o.failed === 'version' && o.actual === 2)).toHaveLength(49);
    });

    it('keeps its time from running back', async () => {
      const { store, clock, clinic: next } = context();
      const clinic = next();
      const now = clock.now();
      const [first] = await write(store(), clinic, put('Patient', 'p1'));
      clock.set(now - 5000);
      const [second] = await write(store(), clinic, put('Patient', 'p2'));
      clock.set(now + 5000);
      const [third] = await write(store(), clinic, put('Patient', 'p3'));
      expect([first, second, third].map((r) => r!.at)).toEqual([now, now, now + 5000]);
    });

    it('of 10,000 resources is whole, and reads go on meanwhile', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'p0'));
      const changes = Array.from({ length: 10_000 }, (_, i) =>
        put('Observation', `o${i}`, { entries: { token: [{ param: 'code', system: 's', code: `c${i % 10}` }] } }),
      );
      let done = false;
      const writing = store()
        .write(clinic, setOf(changes))
        .finally(() => (done = true));
      const seen = new Set<number>();
      let reads = 0;
      while (!done) {
        const some = await store().readMany(clinic, [
          key('Observation', 'o0'),
          key('Observation', 'o5000'),
          key('Observation', 'o9999'),
          key('Patient', 'p0'),
        ]);
        seen.add(some.length);
        reads += 1;
        await new Promise(setImmediate);
      }
      expect(results(await writing)).toHaveLength(10_000);
      expect([...seen].every((count) => count === 1 || count === 4)).toBe(true);
      expect(reads).toBeGreaterThan(1);
      expect(await store().lastSeq(clinic)).toBe(10_001);
      expect(await store().changes(clinic, asSeq(10_000), 5)).toMatchObject([{ id: 'o9999', seq: 10_001 }]);
      const where = { op: 'token', param: 'code', code: 'c3' } as const;
      expect(await store().count(clinic, { types: [changes[0]!.type], where, deadline: Date.now() + 30_000 })).toBe(1000);
    }, 120_000);

    it('takes ids and values as they are', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const odd = ['a.b', '-', 'A', 'a', '0', '__proto__', 'constructor'].map(asResourceId);
      await write(
        store(),
        clinic,
        ...odd.map((id) => put('Patient', id, { entries: { token: [{ param: '$ne', system: '', code: `'%_"${id}` }] } })),
      );
      expect((await find(store(), clinic, 'Patient')).sort()).toEqual([...odd].sort());
      for (const id of odd) {
        expect(await find(store(), clinic, 'Patient', { op: 'token', param: '$ne', code: `'%_"${id}` })).toEqual([id]);
      }
    });
  });
}

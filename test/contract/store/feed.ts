import { describe, expect, it } from '@jest/globals';
import { asSeq } from '../../../src/fhir/model/ids.ts';
import type { StoredVersion } from '../../../src/fhir/store/port.ts';
import { bodyText, decode, del, feed, names, put, setOf, text, TRACE, write, type Context } from './context.ts';

export function feedContract(context: () => Context): void {
  describe('the feed', () => {
    it('gives every change once, superseded ones and tombstones too, in the order of the commits', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'p1', { text: text('Patient', 'p1', 'one') }), put('Observation', 'o1'));
      await write(store(), clinic, put('Patient', 'p1'));
      await write(store(), clinic, del('Observation', 'o1'), del('Observation', 'never'), put('Patient', 'p2'));
      const all = await feed(store(), clinic, 2);
      expect(names(all)).toEqual(['Patient/p1/1', 'Observation/o1/1', 'Patient/p1/2', 'Observation/o1/2', 'Patient/p2/1']);
      expect(all.map((v) => v.seq)).toEqual([1, 2, 3, 4, 5]);
      expect(all.map((v) => v.deleted)).toEqual([false, false, false, true, false]);
      expect(decode(all[0]!.body)).toBe(bodyText(text('Patient', 'p1', 'one'), 1, all[0]!.at));
      expect(all[0]!.trace).toEqual(TRACE);
      expect(await store().lastSeq(clinic)).toBe(5);
    });

    it('goes on after any number', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, ...Array.from({ length: 5 }, (_, i) => put('Patient', `p${i}`)));
      const after = async (seq: number, limit: number) => (await store().changes(clinic, asSeq(seq), limit)).map((v) => v.seq);
      expect(await after(0, 2)).toEqual([1, 2]);
      expect(await after(2, 2)).toEqual([3, 4]);
      expect(await after(4, 2)).toEqual([5]);
      expect(await after(5, 2)).toEqual([]);
      expect(await after(99, 2)).toEqual([]);
    });

    it('of a clinic without changes is empty', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      expect(await store().changes(clinic, asSeq(0), 10)).toEqual([]);
      expect(await store().lastSeq(clinic)).toBe(0);
    });

    it('read under concurrent writers has no gap and nothing twice', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const sets = Array.from({ length: 150 }, (_, i) =>
        setOf([
          put('Patient', `p${i % 20}`),
          put('Observation', `o${i}`),
          ...(i % 5 === 0 ? [put('Patient', 'never', { expected: 9 })] : []),
        ]),
      );
      let done = false;
      const writing = Promise.all(sets.map((set) => store().write(clinic, set))).finally(() => (done = true));
      const seen: StoredVersion[] = [];
      while (!done || seen.length < (await store().lastSeq(clinic))) {
        seen.push(...(await store().changes(clinic, asSeq(seen.at(-1)?.seq ?? 0), 7)));
        await new Promise(setImmediate);
      }
      const outcomes = await writing;
      const numbers = outcomes.flatMap((o) => (o.ok ? o.results.map((r) => r.seq) : []));
      expect(seen.map((v) => v.seq)).toEqual(Array.from({ length: 240 }, (_, i) => i + 1));
      expect([...numbers].sort((a, b) => a - b)).toEqual(seen.map((v) => v.seq));
      expect(new Set(names(seen)).size).toBe(240);
    });
  });
}

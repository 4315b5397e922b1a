import { describe, expect, it } from '@jest/globals';
import { asSeq } from '../../../src/fhir/model/ids.ts';
import { ALL } from '../../../src/fhir/search/ast.ts';
import { bodyText, decode, del, find, key, put, query, setOf, text, write, type Context } from './context.ts';

export function lifeContract(context: () => Context): void {
  describe('a store', () => {
    it('says that it can serve', async () => {
      await expect(context().store().check()).resolves.toBeUndefined();
    });

    it('keeps everything over a restart, and counts on', async () => {
      const { store, clock, clinic: next, reopen } = context();
      const clinic = next();
      const entries = { token: [{ param: 'code', system: 's', code: 'x' }] };
      const [first] = await write(
        store(),
        clinic,
        put('Patient', 'p1', { entries, text: text('Patient', 'p1', 'kept') }),
        put('Patient', 'p2', { entries }),
      );
      await write(store(), clinic, put('Patient', 'p2', { entries }), del('Patient', 'p3'));
      const old = store();
      await reopen();
      await expect(old.read(clinic, key('Patient', 'p1'))).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(old.write(clinic, setOf([put('Patient', 'p9')]))).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(old.search(clinic, query('Patient', ALL))).rejects.toMatchObject({ kind: 'unavailable' });
      await expect(old.check()).rejects.toMatchObject({ kind: 'unavailable' });
      const stored = await store().read(clinic, key('Patient', 'p1'));
      expect(decode(stored!.body)).toBe(bodyText(text('Patient', 'p1', 'kept'), 1, first!.at));
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'code', code: 'x' })).toEqual(['p1', 'p2']);
      expect(await store().lastSeq(clinic)).toBe(3);
      clock.tick();
      const [next4] = await write(store(), clinic, put('Patient', 'p2', { expected: 2 }));
      expect(next4).toMatchObject({ versionId: 3, seq: 4 });
      expect((await store().changes(clinic, asSeq(2), 10)).map((v) => v.seq)).toEqual([3, 4]);
    });

    it('keeps its time from running back over a restart', async () => {
      const { store, clock, clinic: next, reopen } = context();
      const clinic = next();
      const now = clock.now();
      await write(store(), clinic, put('Patient', 'p1'));
      await reopen();
      clock.set(now - 60_000);
      const [result] = await write(store(), clinic, put('Patient', 'p2'));
      clock.set(now);
      expect(result!.at).toBe(now);
    });

    it('finishes what it was given before it closes', async () => {
      const { store, clinic: next, reopen } = context();
      const clinic = next();
      const writes = Array.from({ length: 40 }, (_, i) => store().write(clinic, setOf([put('Patient', `p${i}`)])));
      await reopen();
      const outcomes = await Promise.allSettled(writes);
      const kept = new Set(await find(store(), clinic, 'Patient'));
      outcomes.forEach((outcome, i) => expect(kept.has(`p${i}`)).toBe(outcome.status === 'fulfilled'));
      expect(outcomes.every((outcome) => outcome.status === 'fulfilled')).toBe(true);
    });
  });
}

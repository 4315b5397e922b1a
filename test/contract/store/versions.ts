import { describe, expect, it } from '@jest/globals';
import { bodyText, decode, del, find, key, put, text, write, type Context } from './context.ts';

const patient = key('Patient', 'p1');

export function versionContract(context: () => Context): void {
  describe('versions', () => {
    it('are kept, tombstones included, and count on after a delete', async () => {
      const { store, clock, clinic: next } = context();
      const clinic = next();
      const times = [clock.tick(10), clock.tick(10), clock.tick(10), clock.tick(10)];
      const steps = [
        put('Patient', 'p1', { text: text('Patient', 'p1', 'one') }),
        put('Patient', 'p1', { text: text('Patient', 'p1', 'two') }),
        del('Patient', 'p1'),
        put('Patient', 'p1', { text: text('Patient', 'p1', 'four') }),
      ];
      for (const [i, step] of steps.entries()) {
        clock.set(times[i]!);
        await write(store(), clinic, step);
      }
      const kept = await Promise.all([1, 2, 3, 4].map((version) => store().readVersion(clinic, patient, version)));
      expect(kept.map((v) => [v?.versionId, v?.seq, v?.at, v?.deleted])).toEqual([
        [1, 1, times[0], false],
        [2, 2, times[1], false],
        [3, 3, times[2], true],
        [4, 4, times[3], false],
      ]);
      expect(decode(kept[0]!.body)).toBe(bodyText(text('Patient', 'p1', 'one'), 1, times[0]!));
      expect(decode(kept[1]!.body)).toBe(bodyText(text('Patient', 'p1', 'two'), 2, times[1]!));
      expect(kept[2]!.body).toHaveLength(0);
      expect(kept[2]!.trace.interaction).toBe('delete');
      expect(decode(kept[3]!.body)).toBe(bodyText(text('Patient', 'p1', 'four'), 4, times[3]!));
    });

    it('that never were are undefined', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'p1'));
      expect(await store().read(clinic, key('Patient', 'p2'))).toBeUndefined();
      expect(await store().read(clinic, key('Observation', 'p1'))).toBeUndefined();
      expect(await store().readVersion(clinic, patient, 2)).toBeUndefined();
      expect(await store().readVersion(clinic, patient, 0)).toBeUndefined();
      expect(await store().readVersion(clinic, key('Patient', 'p2'), 1)).toBeUndefined();
    });

    it('deleted: a read gives the tombstone, a search nothing', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(
        store(),
        clinic,
        put('Patient', 'p1', { entries: { token: [{ param: 'active', system: '', code: 'true' }] } }),
        put('Patient', 'p2'),
      );
      await write(store(), clinic, del('Patient', 'p1'));
      expect(await store().read(clinic, patient)).toMatchObject({ versionId: 2, deleted: true, body: new Uint8Array(0) });
      expect(await find(store(), clinic, 'Patient')).toEqual(['p2']);
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'active', code: 'true' })).toEqual([]);
      expect(await find(store(), clinic, 'Patient', { op: 'not', of: { op: 'token', param: 'active', code: 'true' } })).toEqual(['p2']);
      expect(await store().readMany(clinic, [patient, key('Patient', 'p2'), key('Patient', 'p3')])).toMatchObject([{ id: 'p2' }]);
    });

    it('are found by the entries of the newest only', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const gender = (code: string) => ({
        token: [
          { param: 'gender', system: 's', code },
          { param: 'active', system: '', code: 'true' },
        ],
      });
      await write(store(), clinic, put('Patient', 'p1', { entries: gender('male') }));
      await write(store(), clinic, put('Patient', 'p1', { entries: gender('female') }));
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'gender', code: 'male' })).toEqual([]);
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'gender', code: 'female' })).toEqual(['p1']);
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'active', code: 'true' })).toEqual(['p1']);
    });

    it('of many keys are read at once', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const all = Array.from({ length: 1500 }, (_, i) => key('Patient', `p${i}`));
      await write(store(), clinic, ...all.map(({ type, id }) => put(type, id)));
      const some = await store().readMany(clinic, [...all, key('Observation', 'p1')]);
      expect(some.map((v) => v.id).sort()).toEqual(all.map((k) => k.id).sort());
      expect(await store().readMany(clinic, [])).toEqual([]);
    });
  });
}

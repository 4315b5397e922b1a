import { describe, expect, it } from '@jest/globals';
import { asResourceId, asResourceType } from '../../../src/fhir/model/ids.ts';
import type { Guard } from '../../../src/fhir/store/port.ts';
import { del, find, put, setOf, write, type Context } from './context.ts';

/** Exactly `ids` have the identifier. */
const guard = (code: string, ids: readonly string[]): Guard => ({
  type: asResourceType('Patient'),
  where: { op: 'token', param: 'identifier', system: 'mrn', code },
  ids: ids.map(asResourceId),
});
const patient = (id: string, code: string) => put('Patient', id, { entries: { token: [{ param: 'identifier', system: 'mrn', code }] } });

export function guardContract(context: () => Context): void {
  describe('guards', () => {
    it.each([
      { ids: [], code: 'none', ok: true },
      { ids: ['p1'], code: '1', ok: true },
      { ids: ['p3', 'p2'], code: '2', ok: true },
      { ids: [], code: '1', ok: false },
      { ids: ['p1'], code: 'none', ok: false },
      { ids: ['p2'], code: '2', ok: false },
      { ids: ['p2', 'p4'], code: '2', ok: false },
      { ids: ['p2', 'p3', 'p4'], code: '2', ok: false },
      { ids: ['p5'], code: '5', ok: false },
    ])('hold when exactly $ids have $code: $ok', async ({ ids, code, ok }) => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, patient('p1', '1'), patient('p2', '2'), patient('p3', '2'), patient('p4', '4'), patient('p5', '5'));
      await write(store(), clinic, del('Patient', 'p5'));
      const outcome = await store().write(clinic, setOf([put('Patient', 'new')], [guard(code, ids)]));
      expect(outcome.ok).toBe(ok);
      if (!ok) expect(outcome).toEqual({ ok: false, failed: 'guard', index: 0 });
      expect((await find(store(), clinic, 'Patient')).includes('new')).toBe(ok);
    });

    it('name the one that failed, and see nothing of their own set', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, patient('p1', '1'));
      const own = await store().write(clinic, setOf([patient('p2', '2')], [guard('1', ['p1']), guard('2', [])]));
      expect(own.ok).toBe(true);
      const outcome = await store().write(clinic, setOf([patient('p3', '3')], [guard('1', ['p1']), guard('3', []), guard('2', [])]));
      expect(outcome).toEqual({ ok: false, failed: 'guard', index: 2 });
    });

    it('let exactly one of 100 concurrent sets with the same guard win', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'other'));
      const sets = Array.from({ length: 100 }, (_, i) => store().write(clinic, setOf([patient(`p${i}`, 'same')], [guard('same', [])])));
      const outcomes = await Promise.all(sets);
      expect(outcomes.filter((o) => o.ok)).toHaveLength(1);
      expect(outcomes.filter((o) => !o.ok && o.failed === 'guard')).toHaveLength(99);
      expect(await find(store(), clinic, 'Patient', guard('same', []).where)).toHaveLength(1);
    });

    it('of concurrent sets that need different things let all win', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      const sets = Array.from({ length: 60 }, (_, i) => store().write(clinic, setOf([patient(`p${i}`, `${i}`)], [guard(`${i}`, [])])));
      expect((await Promise.all(sets)).every((o) => o.ok)).toBe(true);
    });
  });
}

import { describe, expect, it } from '@jest/globals';
import type { Node } from '../../../src/fhir/search/ast.ts';
import { del, entries, feed, find, ids, INDEX_VERSION, key, names, put, setOf, write, type Context } from './context.ts';

const NEWER = 'index-2';
const old = { token: [{ param: 'code', system: '', code: 'old' }], sort: [{ param: 'rank', lo: 1, hi: 1 }] };
const fresh = entries({ token: [{ param: 'code', system: '', code: 'new' }], sort: [{ param: 'rank', lo: 2, hi: 2 }] });
const code = (value: string): Node => ({ op: 'token', param: 'code', code: value });

export function entriesContract(context: () => Context): void {
  describe('index entries', () => {
    it('of another index version are listed in steps, live ones only', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, ...['a', 'b', 'c', 'd', 'e'].map((id) => put('Patient', id, { entries: old })), put('Flag', 'f'));
      await write(store(), clinic, del('Patient', 'b'));
      await store().write(clinic, { ...setOf([put('Patient', 'd', { entries: old })]), indexVersion: NEWER });
      const seen: string[] = [];
      for (let after: string | undefined, steps = 0; steps < 20; steps += 1) {
        const page = await store().staleEntries(clinic, NEWER, after, 2);
        expect(page.items.length).toBeLessThanOrEqual(2);
        expect(page.items.every((v) => v.body.length > 0)).toBe(true);
        seen.push(...ids(page.items));
        if (page.next === undefined) break;
        after = page.next;
      }
      expect(seen.sort()).toEqual(['a', 'c', 'e', 'f']);
      expect(await store().staleEntries(clinic, INDEX_VERSION, undefined, 10)).toMatchObject({ items: [{ id: 'd' }] });
    });

    it('are replaced without a new version', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'a', { entries: old }), put('Patient', 'b', { entries: old }));
      const before = names(await feed(store(), clinic));
      await store().replaceEntries(clinic, [{ ...key('Patient', 'a'), versionId: 1, entries: fresh, indexVersion: NEWER }]);
      expect(await find(store(), clinic, 'Patient', code('new'))).toEqual(['a']);
      expect(await find(store(), clinic, 'Patient', code('old'))).toEqual(['b']);
      expect(names(await feed(store(), clinic))).toEqual(before);
      expect(await store().lastSeq(clinic)).toBe(2);
      expect(ids((await store().staleEntries(clinic, NEWER, undefined, 10)).items)).toEqual(['b']);
    });

    it('of what has changed or gone meanwhile are left alone', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'a', { entries: old }), put('Patient', 'b', { entries: old }));
      await write(store(), clinic, put('Patient', 'a', { entries: old }), del('Patient', 'b'));
      const stale = ['a', 'b', 'never'].map((id) => ({ ...key('Patient', id), versionId: 1, entries: fresh, indexVersion: NEWER }));
      await store().replaceEntries(clinic, stale);
      expect(await find(store(), clinic, 'Patient', code('new'))).toEqual([]);
      expect(await find(store(), clinic, 'Patient', code('old'))).toEqual(['a']);
      expect(ids((await store().staleEntries(clinic, NEWER, undefined, 10)).items)).toEqual(['a']);
    });

    it('of a clinic without resources are none', async () => {
      const { store, clinic: next } = context();
      const page = await store().staleEntries(next(), NEWER, undefined, 10);
      expect(page).toEqual({ items: [] });
    });
  });
}

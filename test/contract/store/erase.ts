import { describe, expect, it } from '@jest/globals';
import { del, feed, find, INDEX_VERSION, key, names, put, query, text, write, type Context } from './context.ts';
import { asResourceType, asSeq, type ClinicId } from '../../../src/fhir/model/ids.ts';

const token = (code: string) => ({ token: [{ param: 'code', system: '', code }], string: [{ param: 'name', value: code, exact: code }] });

export function eraseContract(context: () => Context): void {
  const history = async (clinic: ClinicId, type: string) =>
    context()
      .store()
      .history(clinic, { scope: { type: asResourceType(type) }, limit: 100 });

  describe('erasing', () => {
    it('takes every version and every index entry, and leaves all others', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('Patient', 'gone', { entries: token('a') }), put('Patient', 'stays', { entries: token('a') }));
      await write(store(), clinic, put('Patient', 'gone', { entries: token('b') }));
      await write(store(), clinic, put('Basic', 'dead'), put('Patient', 'stays', { entries: token('a') }));
      await write(store(), clinic, del('Basic', 'dead'));
      const erased = await store().erase(clinic, [
        key('Patient', 'gone'),
        key('Basic', 'dead'),
        key('Basic', 'never'),
        key('Flag', 'none'),
      ]);
      expect(erased).toEqual([
        { ...key('Patient', 'gone'), versions: 2 },
        { ...key('Basic', 'dead'), versions: 2 },
      ]);
      for (const id of ['gone', 'dead']) expect(await store().read(clinic, key(id === 'gone' ? 'Patient' : 'Basic', id))).toBeUndefined();
      expect(await store().readVersion(clinic, key('Patient', 'gone'), 1)).toBeUndefined();
      for (const code of ['a', 'b']) {
        const ids = await find(store(), clinic, 'Patient', { op: 'token', param: 'code', code });
        expect(ids).toEqual(code === 'a' ? ['stays'] : []);
      }
      expect(names(await feed(store(), clinic, 2))).toEqual(['Patient/stays/1', 'Patient/stays/2']);
      expect(await store().lastSeq(clinic)).toBe(6);
      expect((await history(clinic, 'Patient')).total).toBe(2);
      expect((await history(clinic, 'Basic')).total).toBe(0);
      expect(await store().count(clinic, query('Patient'))).toBe(1);
      expect((await store().staleEntries(clinic, INDEX_VERSION, undefined, 10)).items).toEqual([]);
    });

    it('keeps the newest version where that is asked', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      for (const code of ['a', 'b', 'c']) await write(store(), clinic, put('Patient', 'p', { entries: token(code) }));
      expect(await store().erase(clinic, [{ ...key('Patient', 'p'), keep: 'current' }])).toEqual([{ ...key('Patient', 'p'), versions: 2 }]);
      expect(names(await feed(store(), clinic))).toEqual(['Patient/p/3']);
      expect(await find(store(), clinic, 'Patient', { op: 'token', param: 'code', code: 'c' })).toEqual(['p']);
      expect(await store().readVersion(clinic, key('Patient', 'p'), 1)).toBeUndefined();
    });

    it('reaches no other clinic, and the same id may be given again', async () => {
      const { store, clinic: next } = context();
      const [mine, other] = [next(), next()];
      for (const clinic of [mine, other]) await write(store(), clinic, put('Patient', 'p', { text: text('Patient', 'p', clinic) }));
      await store().erase(mine, [key('Patient', 'p')]);
      expect(await store().read(other, key('Patient', 'p'))).toMatchObject({ versionId: 1 });
      const [again] = await write(store(), mine, put('Patient', 'p', { expected: 'absent' }));
      expect(again).toMatchObject({ outcome: 'created', versionId: 1, seq: 2 });
    });
  });

  describe('AuditEvents', () => {
    it('are stored and found, and have no part in the feed', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, put('AuditEvent', 'a1'), put('Patient', 'p1'), put('AuditEvent', 'a2'));
      await write(store(), clinic, put('AuditEvent', 'a1'));
      await write(store(), clinic, del('AuditEvent', 'a2'), put('Patient', 'p2'));
      expect(names(await feed(store(), clinic, 1))).toEqual(['Patient/p1/1', 'Patient/p2/1']);
      expect(await store().changes(clinic, asSeq(6), 10)).toEqual([]);
      expect(await find(store(), clinic, 'AuditEvent')).toEqual(['a1']);
      expect((await history(clinic, 'AuditEvent')).total).toBe(4);
    });
  });
}

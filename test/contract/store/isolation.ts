import { beforeAll, describe, expect, it } from '@jest/globals';
import { asResourceId, asResourceType, asSeq, type ClinicId } from '../../../src/fhir/model/ids.ts';
import { ALL, type Node } from '../../../src/fhir/search/ast.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { decode, del, entries, ids, key, match, put, query, setOf, text, write, type Context } from './context.ts';

const P = asResourceType('Patient');
const rank = { param: 'rank', descending: false };

/** The same ids and values in two clinics, told apart by their content, and one resource more in `b`. */
const patient = (id: string, of: string, more = {}) =>
  put('Patient', id, {
    text: text('Patient', id, of),
    entries: {
      token: [{ param: 'code', system: 's', code: 'x' }],
      string: [{ param: 'name', value: 'same', exact: 'Same' }],
      reference: [{ param: 'link', type: 'Patient', id: `of-${of}` }],
      date: [{ param: 'date', lo: 1, hi: 1 }],
      number: [{ param: 'number', lo: 1, hi: 1 }],
      quantity: [{ param: 'quantity', lo: 1, hi: 1, system: 'u', code: 'c' }],
      uri: [{ param: 'url', value: 'urn:x' }],
      composite: [{ param: 'pair', parts: entries({ token: [{ param: '0', system: 's', code: 'x' }] }) }],
      sort: [{ param: 'rank', lo: 1, hi: 1 }],
    },
    ...more,
  });

const FILTERS: readonly Node[] = [
  ALL,
  { op: 'token', param: 'code', code: 'x' },
  { op: 'string', param: 'name', match: 'starts', value: 'sa' },
  { op: 'string', param: 'name', match: 'contains', value: 'am' },
  { op: 'date', param: 'date', bounds: { lo: { gte: 0 } } },
  { op: 'number', param: 'number', bounds: { lo: { gte: 0 } } },
  { op: 'quantity', param: 'quantity', bounds: { lo: { gte: 0 } } },
  { op: 'uri', param: 'url', match: 'exact', value: 'urn:x' },
  { op: 'composite', param: 'pair', parts: [{ op: 'token', param: '0', code: 'x' }] },
  { op: 'present', param: 'code', kind: 'token' },
  { op: 'not', of: { op: 'token', param: 'code', code: 'y' } },
  { op: 'id', ids: ['p1', 'p2', 'p3'] },
  { op: 'last-updated', bounds: { lo: { gte: 0 } } },
];

export function isolationContract(context: () => Context): void {
  describe('a clinic', () => {
    let a: ClinicId;
    let b: ClinicId;
    const store = (): FhirStore => context().store();
    const content = (body: Uint8Array): string => (/en(\w*)"}$/.exec(decode(body)) ?? [])[1] ?? '';

    beforeAll(async () => {
      const { clinic: next } = context();
      a = next();
      b = next();
      await write(store(), a, patient('p1', 'A'), patient('p2', 'A'));
      await write(store(), b, patient('p1', 'B'), patient('p2', 'B'), patient('p3', 'B'));
      await write(store(), b, patient('p1', 'B2'));
    });

    it('reads only its own', async () => {
      expect(content((await store().read(a, key('Patient', 'p1')))!.body)).toBe('A');
      expect(content((await store().read(b, key('Patient', 'p1')))!.body)).toBe('B2');
      expect(await store().read(a, key('Patient', 'p3'))).toBeUndefined();
      expect(await store().readVersion(a, key('Patient', 'p1'), 2)).toBeUndefined();
      expect(content((await store().readVersion(a, key('Patient', 'p1'), 1))!.body)).toBe('A');
      expect(content((await store().readVersion(b, key('Patient', 'p1'), 1))!.body)).toBe('B');
      const many = await store().readMany(a, [key('Patient', 'p1'), key('Patient', 'p3')]);
      expect(many.map((v) => content(v.body))).toEqual(['A']);
    });

    it.each(FILTERS.map((where) => ({ where, by: where.op })))('finds only its own by $by', async ({ where }) => {
      const found = async (clinic: ClinicId) =>
        (await store().search(clinic, query('Patient', where))).items.map((v) => `${v.id}${content(v.body)}`).join(' ');
      expect(await found(a)).toBe('p1A p2A');
      expect(await found(b)).toBe('p1B2 p2B p3B');
      expect(await store().count(a, match('Patient', where))).toBe(2);
      expect(await store().count(b, match('Patient', where))).toBe(3);
      const sorted = await store().search(a, query('Patient', where, { order: [rank] }));
      expect(sorted.items.map((v) => content(v.body))).toEqual(['A', 'A']);
      const { targets } = await store().searchTargets(a, match('Patient', where), 'link', 10);
      expect(ids(targets)).toEqual(['of-A']);
    });

    it('does not take up a walk of another', async () => {
      const page = await store().search(b, query('Patient', ALL, { limit: 1 }));
      const other = await store().search(a, query('Patient', ALL, { ...(page.next === undefined ? {} : { after: page.next }) }));
      expect(other.items.every((v) => content(v.body) === 'A')).toBe(true);
    });

    it('has numbers, feed and history of its own', async () => {
      expect(await store().lastSeq(a)).toBe(2);
      expect(await store().lastSeq(b)).toBe(4);
      expect((await store().changes(a, asSeq(0), 10)).map((v) => content(v.body))).toEqual(['A', 'A']);
      for (const scope of [{}, { type: P }, { types: [P] }, { type: P, id: asResourceId('p1') }]) {
        const page = await store().history(a, { scope, limit: 10 });
        expect(page.items.every((v) => content(v.body) === 'A')).toBe(true);
        expect(page.total).toBe('id' in scope ? 1 : 2);
      }
    });

    it('guards and expects by its own alone', async () => {
      const { clinic: next } = context();
      const own = next();
      const guard = { type: P, where: { op: 'token', param: 'code', code: 'x' } as const, ids: [] };
      const outcome = await store().write(own, setOf([patient('p1', 'C', { expected: 'absent' })], [guard]));
      expect(outcome).toMatchObject({ ok: true, results: [{ outcome: 'created', versionId: 1, seq: 1 }] });
      await write(store(), own, del('Patient', 'p1'));
      expect(await store().read(a, key('Patient', 'p1'))).toMatchObject({ deleted: false, versionId: 1 });
    });

    it('reindexes its own alone', async () => {
      expect(ids((await store().staleEntries(a, 'newer', undefined, 10)).items)).toEqual(['p1', 'p2']);
      await store().replaceEntries(a, [{ ...key('Patient', 'p3'), versionId: 1, entries: entries({}), indexVersion: 'newer' }]);
      expect(await store().count(b, match('Patient', { op: 'token', param: 'code', code: 'x' }))).toBe(3);
    });

    it('is listed once something is stored', async () => {
      const { clinic: next } = context();
      const empty = next();
      await store().read(empty, key('Patient', 'p1'));
      await store().search(empty, query('Patient'));
      const all = await store().clinics();
      expect(all).toEqual(expect.arrayContaining([a, b]));
      expect(all).not.toContain(empty);
      expect(new Set(all).size).toBe(all.length);
    });
  });
}

import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ClinicId } from '../../../src/fhir/model/ids.ts';
import { ALL, type Node } from '../../../src/fhir/search/ast.ts';
import type { SortTerm, StoreQuery } from '../../../src/fhir/store/port.ts';
import { del, ids, put, query, walk, write, type Context } from './context.ts';

const COUNT = 60;
const id = (i: number): string => `p${String(i).padStart(2, '0')}`;
const all = Array.from({ length: COUNT }, (_, i) => id(i));
const person = (i: number) =>
  put('Patient', id(i), {
    entries: {
      token: [
        { param: 'active', system: '', code: 'true' },
        { param: 'active', system: 's', code: 'true' },
        { param: 'part', system: '', code: `${i % 3}` },
      ],
      string: [
        { param: 'name', value: `n${COUNT - i}`, exact: 'N' },
        { param: 'name', value: `n${i}`, exact: 'N' },
      ],
      sort: [{ param: 'rank', lo: i % 7, hi: i % 7 }],
    },
  });

const active: Node = { op: 'token', param: 'active', code: 'true' };
const part = (n: number): Node => ({ op: 'token', param: 'part', code: `${n}` });
const ORDERS: readonly { name: string; order: StoreQuery['order'] }[] = [
  { name: 'natural order', order: 'natural' },
  { name: 'the order of changes', order: 'seq' },
  { name: 'a sort', order: [{ param: 'rank', descending: true } satisfies SortTerm] },
];
const FILTERS: readonly { name: string; where: Node; is: readonly string[] }[] = [
  { name: 'all', where: ALL, is: all },
  { name: 'a token with two entries each', where: active, is: all },
  { name: 'strings with two entries each', where: { op: 'string', param: 'name', match: 'starts', value: 'n' }, is: all },
  { name: 'an or', where: { op: 'or', of: [part(0), part(2)] }, is: all.filter((_, i) => i % 3 !== 1) },
  { name: 'an and', where: { op: 'and', of: [active, part(1)] }, is: all.filter((_, i) => i % 3 === 1) },
];

export function pagingContract(context: () => Context): void {
  describe('paging', () => {
    let clinic: ClinicId;
    beforeAll(async () => {
      const { store, clinic: next } = context();
      clinic = next();
      await write(store(), clinic, ...all.map((_, i) => person(i)));
    });

    it.each(ORDERS.flatMap((o) => FILTERS.map((f) => ({ order: o.order, where: f.where, is: f.is, what: f.name, by: o.name }))))(
      'in $by through $what gives each once, in full pages',
      async ({ order, where, is }) => {
        for (const limit of [1, 7, is.length - 1, is.length, is.length + 1]) {
          const pages = await walk(context().store(), clinic, query('Patient', where, { order, limit }));
          expect(ids(pages.flat()).sort()).toEqual(is);
          expect(pages.map((page) => page.length)).toEqual(fullPages(is.length, limit));
        }
      },
    );

    it('in natural order is that of creation, which updates leave', async () => {
      const { store, clinic: next } = context();
      const own = next();
      await write(store(), own, ...all.map((_, i) => person(i)));
      await write(store(), own, person(5), person(3));
      expect(ids((await store().search(own, query('Patient'))).items)).toEqual(all);
      expect(ids((await walk(store(), own, query('Patient', active, { limit: 9 }))).flat())).toEqual(all);
    });

    it('goes on where it was when what it stopped at is gone', async () => {
      const { store, clinic: next } = context();
      const own = next();
      await write(store(), own, ...all.map((_, i) => person(i)));
      const rest: Record<string, string[]> = {};
      const cursors = new Map<string, string | undefined>();
      for (const { name, order } of ORDERS)
        cursors.set(name, (await store().search(own, query('Patient', ALL, { order, limit: 10 }))).next);
      for (const { name, order } of ORDERS)
        rest[name] = ids((await store().search(own, query('Patient', ALL, { order, after: cursors.get(name)! }))).items);
      const firstPages = all.filter((one) => Object.values(rest).some((after) => !after.includes(one)));
      await write(store(), own, ...firstPages.map((one) => del('Patient', one)));
      for (const { name, order } of ORDERS) {
        const after = ids((await store().search(own, query('Patient', ALL, { order, after: cursors.get(name)! }))).items);
        expect(after).toEqual(rest[name]!.filter((one) => !firstPages.includes(one)));
      }
    });

    it.each(['', 'x', '{}', '[]', '[1', 'null', '"1"', '[{"$gt":1}]', '[[1]]'])('refuses the cursor %j', async (after) => {
      for (const { order } of ORDERS) {
        await expect(
          context()
            .store()
            .search(clinic, query('Patient', ALL, { order, after })),
        ).rejects.toMatchObject({ kind: 'invalid-cursor' });
      }
    });
  });
}

function fullPages(count: number, limit: number): number[] {
  return Array.from({ length: Math.ceil(count / limit) }, (_, i) => Math.min(limit, count - i * limit));
}

import { beforeAll, describe, expect, it } from '@jest/globals';
import { asSeq, type ClinicId } from '../../../src/fhir/model/ids.ts';
import { ALL, and, type Node } from '../../../src/fhir/search/ast.ts';
import type { SortEntry } from '../../../src/fhir/search/entries.ts';
import type { SortTerm } from '../../../src/fhir/store/port.ts';
import { ids, put, query, START, walk, write, type Context } from './context.ts';

type Row = { id: string; entries: readonly SortEntry[]; code: string };

const family = (lo: string, hi = lo): SortEntry => ({ param: 'family', lo, hi });
const born = (lo: number, hi = lo): SortEntry => ({ param: 'birthdate', lo, hi });

/** In the order of creation: ties, ranges, missing values, and strings whose UTF-8 and UTF-16 orders differ. */
const ROWS: readonly Row[] = [
  { id: 'h', entries: [family('miller'), born(500)], code: 'x' },
  { id: 'c', entries: [family('adams'), born(-300)], code: 'x' },
  { id: 'k', entries: [born(500)], code: 'x' },
  { id: 'a', entries: [family('miller', 'zorn'), born(100, 900)], code: 'y' },
  { id: 'g', entries: [], code: 'x' },
  { id: 'e', entries: [family('\uFFFDx'), born(0.5)], code: 'x' },
  { id: 'b', entries: [family('\u{1F600}')], code: 'y' },
  { id: 'f', entries: [family('adams', 'miller'), born(500)], code: 'x' },
  { id: 'd', entries: [], code: 'x' },
  { id: 'i', entries: [family('mill'), born(500, 501)], code: 'x' },
  { id: 'j', entries: [family(''), born(1e18)], code: 'y' },
];

const asc = (param: string): SortTerm => ({ param, descending: false });
const desc = (param: string): SortTerm => ({ param, descending: true });
const x: Node = { op: 'token', param: 'code', system: '', code: 'x' };
const y: Node = { ...x, code: 'y' };
const all: Node = { op: 'id', ids: ROWS.map(({ id }) => id) };
const rare: Node = { op: 'id', ids: ['a', 'k', 'e', 'g', 'h'] };

/** Written out by hand; see ROWS. */
const CASES: readonly { sort: readonly SortTerm[]; where?: Node; is: string }[] = [
  { sort: [asc('family')], is: 'jcfihaebkgd' },
  { sort: [desc('family')], is: 'beahficjkgd' },
  { sort: [asc('birthdate')], is: 'ceahkfijgbd' },
  { sort: [desc('birthdate')], is: 'jaihkfecgbd' },
  { sort: [asc('family'), desc('birthdate')], is: 'jfciahebkgd' },
  { sort: [desc('birthdate'), asc('family')], is: 'jaifhkecbgd' },
  { sort: [asc('_id')], is: 'abcdefghijk' },
  { sort: [desc('_id')], is: 'kjihgfedcba' },
  { sort: [asc('_lastUpdated')], is: 'hckagebfdij' },
  { sort: [desc('_lastUpdated')], is: 'jidfbegakch' },
  { sort: [asc('unknown')], is: 'hckagebfdij' },
  { sort: [asc('unknown'), desc('family')], is: 'beahficjkgd' },
  { sort: [asc('family')], where: x, is: 'cfihekgd' },
  { sort: [desc('birthdate')], where: x, is: 'ihkfecgd' },
  { sort: [desc('birthdate')], where: rare, is: 'ahkeg' },
  { sort: [asc('family'), asc('_id')], where: rare, is: 'ahegk' },
  { sort: [asc('family')], where: { op: 'not', of: x }, is: 'jab' },
  // Some that come first don't match: others come in their place.
  { sort: [desc('birthdate')], where: and(all, { op: 'not', of: y }), is: 'ihkfecgd' },
  { sort: [asc('family'), desc('birthdate')], where: and(all, { op: 'not', of: y }), is: 'fcihekgd' },
  { sort: [asc('family')], where: and(all, { op: 'not', of: x }), is: 'jab' },
];

const label = (sort: readonly SortTerm[]): string => sort.map((t) => `${t.descending ? '-' : ''}${t.param}`).join();

export function sortContract(context: () => Context): void {
  describe('sort', () => {
    let clinic: ClinicId;
    beforeAll(async () => {
      const { store, clock, clinic: next } = context();
      clinic = next();
      clock.set(START + 9_000_000);
      for (const row of ROWS) {
        clock.tick();
        await write(
          store(),
          clinic,
          put('Patient', row.id, { entries: { sort: row.entries, token: [{ param: 'code', system: '', code: row.code }] } }),
        );
      }
    });

    it.each(CASES.map((c) => ({ ...c, by: label(c.sort), among: c.where?.op ?? 'all' })))(
      'by $by among $among',
      async ({ sort, where, is }) => {
        const order = query('Patient', where ?? ALL, { order: sort });
        expect(ids((await context().store().search(clinic, order)).items).join('')).toBe(is);
      },
    );

    it.each(CASES.map((c) => ({ ...c, by: label(c.sort), among: c.where?.op ?? 'all' })))(
      'pages by $by among $among',
      async ({ sort, where, is }) => {
        for (const limit of [1, 2, 3, is.length]) {
          const pages = await walk(context().store(), clinic, query('Patient', where ?? ALL, { order: sort, limit }));
          expect(pages.map(ids).flat().join('')).toBe(is);
          expect(pages.length).toBe(Math.ceil(is.length / limit));
        }
      },
    );

    it('over several types', async () => {
      const { store, clinic: next } = context();
      const own = next();
      await write(
        store(),
        own,
        put('Patient', 'a', { entries: { sort: [born(2)] } }),
        put('Person', 'b', { entries: { sort: [born(1)] } }),
      );
      await write(
        store(),
        own,
        put('Patient', 'c'),
        put('Person', 'd', { entries: { sort: [born(3)] } }),
        put('Patient', 'e', { entries: { sort: [born(4)] } }),
      );
      for (const limit of [1, 2, 9]) {
        const pages = await walk(store(), own, query(['Patient', 'Person'], ALL, { order: [asc('birthdate')], limit }));
        expect(ids(pages.flat())).toEqual(['b', 'a', 'd', 'e', 'c']);
      }
    });

    it('follows updates, and goes by the last change where asked', async () => {
      const { store, clinic: next } = context();
      const own = next();
      await write(
        store(),
        own,
        put('Patient', 'a', { entries: { sort: [born(1)] } }),
        put('Patient', 'b', { entries: { sort: [born(2)] } }),
        put('Patient', 'c'),
      );
      await write(store(), own, put('Patient', 'a', { entries: { sort: [born(3)] } }));
      const order = async (by: 'natural' | 'seq' | readonly SortTerm[]) =>
        ids((await walk(store(), own, query('Patient', ALL, { order: by, limit: 2 }))).flat()).join('');
      expect(await order([asc('birthdate')])).toBe('bac');
      expect(await order('seq')).toBe('bca');
      expect(await order('natural')).toBe('abc');
    });

    it('keeps within a range of numbers', async () => {
      const { store } = context();
      const all = await walk(
        store(),
        clinic,
        query('Patient', ALL, { order: [asc('family')], limit: 2, seq: { above: asSeq(2), upTo: asSeq(9) } }),
      );
      expect(ids(all.flat()).join('')).toBe('faebkgd');
    });
  });
}

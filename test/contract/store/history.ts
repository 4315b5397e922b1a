import { describe, expect, it } from '@jest/globals';
import { asSeq, asResourceId, asResourceType, type ClinicId } from '../../../src/fhir/model/ids.ts';
import type { HistoryQuery } from '../../../src/fhir/store/port.ts';
import { bodyText, decode, del, names, put, START, text, write, type Context } from './context.ts';

const T = START + 1_000_000;
const P = asResourceType('Patient');
const O = asResourceType('Observation');
const p1 = asResourceId('p1');

/** Seq 1 to 7, each 100 ms after the one before: p1/1, o1/1, p1/2, p2/1, o1/2 (deleted), p1/3 (deleted), e1/1. */
async function story({ store, clock, clinic: next }: Context): Promise<ClinicId> {
  const clinic = next();
  const steps = [
    put('Patient', 'p1', { text: text('Patient', 'p1', 'one') }),
    put('Observation', 'o1'),
    put('Patient', 'p1', { text: text('Patient', 'p1', 'two') }),
    put('Patient', 'p2'),
    del('Observation', 'o1'),
    del('Patient', 'p1'),
    put('Encounter', 'e1'),
  ];
  for (const [i, step] of steps.entries()) {
    clock.set(T + i * 100);
    await write(store(), clinic, step);
  }
  return clinic;
}

const CASES: readonly { name: string; query: Partial<HistoryQuery>; is: string; total?: number; next?: number }[] = [
  { name: 'an instance', query: { scope: { type: P, id: p1 } }, is: 'p1/3 p1/2 p1/1' },
  { name: 'an instance that never was', query: { scope: { type: P, id: asResourceId('x') } }, is: '' },
  { name: 'the same id of another type', query: { scope: { type: O, id: p1 } }, is: '' },
  { name: 'a type', query: { scope: { type: P } }, is: 'p1/3 p2/1 p1/2 p1/1' },
  { name: 'a type that nothing is stored of', query: { scope: { type: asResourceType('Flag') } }, is: '' },
  { name: 'the system', query: { scope: {} }, is: 'e1/1 p1/3 o1/2 p2/1 p1/2 o1/1 p1/1' },
  { name: 'some types', query: { scope: { types: [O, asResourceType('Encounter')] } }, is: 'e1/1 o1/2 o1/1' },
  { name: 'no types', query: { scope: { types: [] } }, is: '' },
  { name: 'a page', query: { scope: {}, limit: 3 }, is: 'e1/1 p1/3 o1/2', total: 7, next: 5 },
  { name: 'the next page', query: { scope: {}, limit: 3, below: asSeq(5) }, is: 'p2/1 p1/2 o1/1', total: 7, next: 2 },
  { name: 'the last page', query: { scope: {}, limit: 3, below: asSeq(2) }, is: 'p1/1', total: 7 },
  { name: 'a page of a type', query: { scope: { type: P }, limit: 2 }, is: 'p1/3 p2/1', total: 4, next: 4 },
  { name: 'a page of an instance', query: { scope: { type: P, id: p1 }, limit: 1, below: asSeq(6) }, is: 'p1/2', total: 3, next: 3 },
  { name: 'a page that just fits', query: { scope: { type: P }, limit: 4 }, is: 'p1/3 p2/1 p1/2 p1/1', total: 4 },
  { name: 'the system since', query: { scope: {}, since: T + 400 }, is: 'e1/1 p1/3 o1/2' },
  { name: 'the system since just after', query: { scope: {}, since: T + 401 }, is: 'e1/1 p1/3' },
  { name: 'a type since', query: { scope: { type: P }, since: T + 200, limit: 2 }, is: 'p1/3 p2/1', total: 3, next: 4 },
  { name: 'an instance since', query: { scope: { type: P, id: p1 }, since: T + 200 }, is: 'p1/3 p1/2' },
  { name: 'what was current before all', query: { scope: {}, currentWithin: { from: T - 2, to: T - 1 } }, is: '' },
  { name: 'what was current at first', query: { scope: {}, currentWithin: { from: T, to: T } }, is: 'p1/1' },
  { name: 'what was current at a moment', query: { scope: {}, currentWithin: { from: T + 250, to: T + 250 } }, is: 'p1/2 o1/1' },
  { name: 'what was current at a commit', query: { scope: {}, currentWithin: { from: T + 200, to: T + 200 } }, is: 'p1/2 o1/1' },
  { name: 'what was current within', query: { scope: {}, currentWithin: { from: T + 199, to: T + 300 } }, is: 'p2/1 p1/2 o1/1 p1/1' },
  {
    name: 'an instance, current within',
    query: { scope: { type: P, id: p1 }, currentWithin: { from: T + 300, to: T + 900 } },
    is: 'p1/3 p1/2',
  },
  { name: 'a type, current at the end', query: { scope: { type: P }, currentWithin: { from: T + 900, to: T + 900 } }, is: 'p1/3 p2/1' },
];

export function historyContract(context: () => Context): void {
  describe('history', () => {
    it.each(CASES)('of $name', async ({ query, is, total, next }) => {
      const clinic = await story(context());
      const page = await context()
        .store()
        .history(clinic, { scope: {}, limit: 100, ...query });
      expect(page.items.map((v) => `${v.id}/${v.versionId}`).join(' ')).toBe(is);
      expect(page.total).toBe(total ?? page.items.length);
      expect(page.next).toBe(next);
    });

    it('has bodies and tombstones', async () => {
      const clinic = await story(context());
      const { items } = await context()
        .store()
        .history(clinic, { scope: { type: P, id: p1 }, limit: 100 });
      expect(names(items)).toEqual(['Patient/p1/3', 'Patient/p1/2', 'Patient/p1/1']);
      expect(items.map((v) => v.deleted)).toEqual([true, false, false]);
      expect(decode(items[1]!.body)).toBe(bodyText(text('Patient', 'p1', 'two'), 2, T + 200));
      expect(decode(items[2]!.body)).toBe(bodyText(text('Patient', 'p1', 'one'), 1, T));
      expect(items[0]!.body).toHaveLength(0);
    });

    it('of many changes in one commit pages without loss', async () => {
      const { store, clinic: next } = context();
      const clinic = next();
      await write(store(), clinic, ...Array.from({ length: 25 }, (_, i) => put('Patient', `p${i}`)));
      const seqs: number[] = [];
      for (let below: number | undefined; seqs.length < 100;) {
        const page = await store().history(clinic, {
          scope: { type: P },
          limit: 7,
          ...(below === undefined ? {} : { below: asSeq(below) }),
        });
        seqs.push(...page.items.map((v) => v.seq));
        if (page.next === undefined) break;
        below = page.next;
      }
      expect(seqs).toEqual(Array.from({ length: 25 }, (_, i) => 25 - i));
    });
  });
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { ALL, type Node } from '../../../src/fhir/search/ast.ts';
import type { IndexEntries, SortEntry } from '../../../src/fhir/search/entries.ts';
import { matches } from '../../../src/fhir/search/match.ts';
import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { FhirStore, SortTerm, StoreQuery } from '../../../src/fhir/store/port.ts';
import { entries, ids, put, query, setOf, walk } from '../../contract/store/context.ts';
import { dropDatabase, freshDatabase, withMongo } from './database.ts';

const clinic = asClinicId('clinic');
const COUNT = 2600;
const COMMIT = 650;
const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

interface Row {
  readonly id: string;
  readonly type: string;
  /** Number of creation, and of commit. */
  readonly created: number;
  readonly at: number;
  readonly entries: IndexEntries;
}

/** More resources than are sorted at once, so that indexes are walked: ties, ranges, missing values, commits of many. */
const ROWS: readonly Row[] = Array.from({ length: COUNT }, (_, i) => rowOf(i));

function rowOf(i: number): Row {
  const mixed = (i * 7919) % COUNT;
  const day = START + (mixed % 900) * DAY;
  const sort: SortEntry[] = [
    ...(mixed % 13 === 0 ? [] : [{ param: 'date', lo: day, hi: day + (mixed % 5 === 0 ? 40 * DAY : 999) }]),
    ...(mixed % 17 === 0 ? [] : [{ param: 'name', lo: `n${mixed % 300}`, hi: `n${mixed % 7 === 0 ? 999 : mixed % 300}` }]),
    { param: 'status', lo: `s${mixed % 4}`, hi: `s${mixed % 3 === 0 ? 9 : mixed % 4}` },
  ];
  const [date, name] = [sort.find((s) => s.param === 'date'), sort.find((s) => s.param === 'name')];
  return {
    id: `r${mixed}`,
    type: mixed % 2 === 0 ? 'Observation' : 'Condition',
    created: i,
    at: START + Math.floor(i / COMMIT) * 1000,
    entries: entries({
      token: [{ param: 'code', system: 's', code: `c${mixed % 2}` }],
      string: name ? [name.lo, name.hi].map((value) => ({ param: 'name', value: String(value), exact: String(value) })) : [],
      date: date ? [{ param: 'date', lo: Number(date.lo), hi: Number(date.hi) }] : [],
      sort,
    }),
  };
}

const asc = (param: string): SortTerm => ({ param, descending: false });
const desc = (param: string): SortTerm => ({ param, descending: true });
const ORDERS: readonly (readonly SortTerm[])[] = [
  [asc('date')],
  [desc('date')],
  [asc('name')],
  [desc('name')],
  [asc('status')],
  [desc('status')],
  [asc('_id')],
  [desc('_id')],
  [asc('_lastUpdated')],
  [desc('_lastUpdated')],
  [desc('date'), asc('name')],
  [asc('name'), desc('date'), asc('_id')],
  [desc('name'), asc('status')],
];
const both: Node = { op: 'not', of: { op: 'token', param: 'code', code: 'none' } };
const window: Node = {
  op: 'and',
  of: [
    { op: 'date', param: 'date', bounds: { hi: { gte: START + 100 * DAY } } },
    { op: 'date', param: 'date', bounds: { lo: { lt: START + 600 * DAY } } },
  ],
};
const FILTERS: readonly { readonly name: string; readonly where: Node }[] = [
  { name: 'all', where: ALL },
  { name: 'a comparison', where: both },
  { name: 'a window of dates', where: window },
  { name: 'a name', where: { op: 'string', param: 'name', match: 'starts', value: 'n' } },
];

function valueOf(row: Row, { param, descending }: SortTerm): string | number | undefined {
  if (param === '_id') return row.id;
  if (param === '_lastUpdated') return row.at;
  const entry = row.entries.sort.find((s) => s.param === param);
  return descending ? entry?.hi : entry?.lo;
}

function expectedOrder(rows: readonly Row[], terms: readonly SortTerm[]): string[] {
  const compare = (a: Row, b: Row): number => {
    for (const term of terms) {
      const [x, y] = [valueOf(a, term), valueOf(b, term)];
      if (x === y) continue;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return x < y === term.descending ? 1 : -1;
    }
    return a.created - b.created;
  };
  return [...rows].sort(compare).map((row) => row.id);
}

withMongo((url) => {
  describe('walks of many', () => {
    const database = freshDatabase();
    let store: FhirStore;
    let now = START;
    beforeAll(async () => {
      store = await openMongoStore({ url, database, clock: { now: () => now } });
      for (let i = 0; i < COUNT; i += COMMIT) {
        now = START + (i / COMMIT) * 1000;
        await store.write(clinic, setOf(ROWS.slice(i, i + COMMIT).map((row) => put(row.type, row.id, { entries: row.entries }))));
      }
    }, 120_000);
    afterAll(async () => {
      await store.close();
      await dropDatabase(url, database);
    }, 60_000);

    const walked = async (of: StoreQuery): Promise<string[]> => ids((await walk(store, clinic, of)).flat());
    const found = (types: readonly string[], where: Node): Row[] =>
      ROWS.filter((row) => types.includes(row.type) && matches(where, { ...row, lastUpdated: row.at }));

    it.each(
      ORDERS.flatMap((order) => FILTERS.map(({ name, where }) => ({ order, where, by: JSON.stringify(order.map(Object.values)), name }))),
    )(
      'by $by among $name',
      async ({ order, where }) => {
        const types = ['Observation'];
        expect(await walked(query(types, where, { order, limit: 97 }))).toEqual(expectedOrder(found(types, where), order));
      },
      60_000,
    );

    it.each([[asc('date')], [desc('name')], [desc('_lastUpdated')], [asc('_id')]])(
      'by %j over several types',
      async (term) => {
        const types = ['Condition', 'Observation'];
        expect(await walked(query(types, both, { order: [term], limit: 500 }))).toEqual(expectedOrder(found(types, both), [term]));
      },
      60_000,
    );

    it.each(['natural', 'seq'] as const)(
      'in %s order',
      async (order) => {
        for (const { where } of FILTERS) {
          expect(await walked(query(['Condition'], where, { order, limit: 211 }))).toEqual(expectedOrder(found(['Condition'], where), []));
        }
      },
      60_000,
    );

    it('counts', async () => {
      for (const { where } of FILTERS) {
        const counted = await store.count(clinic, query(['Condition', 'Observation'], where));
        expect(counted).toBe(found(['Condition', 'Observation'], where).length);
      }
    });
  });
});

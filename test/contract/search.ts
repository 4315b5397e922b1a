/** Search on a store, from query string to page: `searchContract('sqlite', async (clock) => ({ store, reopen, dispose }))`. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { COMBINED_CASES } from '../cases/search/combined.ts';
import { COMMITS } from '../cases/search/fixtures/index.ts';
import { INCLUDE_CASES } from '../cases/search/include.ts';
import { SEARCH_CASES } from '../cases/search/index.ts';
import type { Fixture } from '../cases/search/types.ts';
import { NOW } from '../search/set-up.ts';
import { CLINIC, deleteOf, includedIds, matchIds, putOf, searchOn, write, type Search } from './search/context.ts';
import { cursorContract } from './search/cursors.ts';
import { linkContract } from './search/links.ts';
import { permissionContract } from './search/permission.ts';
import { walkContract } from './search/walks.ts';
import type { StoreFactory, StoreUnderTest } from './store/context.ts';

/** Holds the same resources under other ids: nothing of it may ever be found. */
const ELSEWHERE = asClinicId('elsewhere');
const moved = (fixture: Fixture): Fixture => ({ ...fixture, id: `${fixture.id}-elsewhere` });

export function searchContract(name: string, open: StoreFactory): void {
  describe(`search contract: ${name}`, () => {
    let under: StoreUnderTest;
    let now = 0;
    beforeAll(async () => {
      under = await open({ now: () => now });
      for (const { at, put = [], remove = [] } of COMMITS) {
        now = Date.parse(at);
        await write(under.store, ELSEWHERE, [...put.map(moved).map(putOf), ...remove.map(moved).map(deleteOf)]);
        await write(under.store, CLINIC, [...put.map(putOf), ...remove.map(deleteOf)]);
      }
      now = NOW;
    }, 60_000);
    afterAll(() => under.dispose(), 60_000);
    const search = searchOn(() => under.store);
    casesContract(search);
    crowdedContract(search);
    includeContract(search);
    permissionContract(search);
    cursorContract(search);
    walkContract(() => under.store);
    linkContract(() => under.store);
  });
}

/** `_count=0` asks for the number alone. */
function casesContract(search: Search): void {
  for (const [topic, cases] of Object.entries({ ...SEARCH_CASES, combined: COMBINED_CASES })) {
    describe(topic, () => {
      it.each(cases)('$search', async ({ search: text, finds }) => {
        const found = matchIds(await search(text));
        const isSorted = text.includes('_sort=');
        expect(isSorted ? found : found.toSorted()).toEqual(isSorted ? finds : finds.toSorted());
        const counted = await search(`${text}&_count=0`);
        expect({ total: counted.total, items: counted.items }).toEqual({ total: finds.length, items: [] });
      });
    });
  }
}

const many = (value: (n: number) => string, length = 9_000): string => Array.from({ length }, (_, n) => value(n)).join(',');

const CROWDED: readonly { readonly name: string; readonly search: string; readonly finds: readonly string[] }[] = [
  { name: 'ids', search: `Patient?_id=${many((n) => `x${n}`)},pat-anna`, finds: ['pat-anna'] },
  { name: 'tokens', search: `Patient?identifier=${many((n) => `http://x|${n}`)},http://hospital.example/mrn|0001`, finds: ['pat-anna'] },
  {
    name: 'tokens to be missing',
    search: `Patient?gender:not=${many((n) => `g${n}`)},male&gender=male,female`,
    finds: ['pat-anna', 'pat-devi'],
  },
  { name: 'references', search: `Observation?patient=${many((n) => `x${n}`)},pat-jose`, finds: ['obs-unit'] },
  { name: 'strings', search: `Patient?family=${many((n) => `x${n}`)},muller`, finds: ['pat-anna'] },
  { name: 'dates', search: `Patient?birthdate=${many((n) => String(3000 + n), 1000)},1979`, finds: ['pat-jose'] },
  { name: 'conditions', search: `Patient?family=muller${'&gender=female'.repeat(99)}`, finds: ['pat-anna'] },
];

/** Within the limits of a query, many values are slow at worst. */
function crowdedContract(search: Search): void {
  describe('thousands of values', () => {
    it.each(CROWDED)(
      '$name',
      async ({ search: text, finds }) => {
        expect(matchIds(await search(text)).toSorted()).toEqual(finds.toSorted());
      },
      30_000,
    );
  });
}

function includeContract(search: Search): void {
  describe('include', () => {
    it.each(INCLUDE_CASES)('$search', async ({ search: text, finds, includes }) => {
      const result = await search(text);
      expect(matchIds(result).toSorted()).toEqual(finds.toSorted());
      expect(includedIds(result).toSorted()).toEqual(includes.toSorted());
    });
  });
}

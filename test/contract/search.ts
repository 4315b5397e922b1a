/** Search on a store, from query string to page: `searchContract('sqlite', async (clock) => ({ store, reopen, dispose }))`. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId } from '../../src/fhir/model/ids.ts';
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
    includeContract(search);
    permissionContract(search);
    cursorContract(search);
    walkContract(() => under.store);
    linkContract(() => under.store);
  });
}

/** `_count=0` asks for the number alone. */
function casesContract(search: Search): void {
  for (const [topic, cases] of Object.entries(SEARCH_CASES)) {
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

function includeContract(search: Search): void {
  describe('include', () => {
    it.each(INCLUDE_CASES)('$search', async ({ search: text, finds, includes }) => {
      const result = await search(text);
      expect(matchIds(result).toSorted()).toEqual(finds.toSorted());
      expect(includedIds(result).toSorted()).toEqual(includes.toSorted());
    });
  });
}

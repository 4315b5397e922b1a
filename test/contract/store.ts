/**
 * What every store promises (`src/fhir/store/port.ts`). An adapter supplies a factory:
 * `storeContract('sqlite', async (clock) => ({ store, reopen, dispose }))`.
 */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { createContext, type Context, type StoreFactory } from './store/context.ts';
import { entriesContract } from './store/entries.ts';
import { eraseContract } from './store/erase.ts';
import { feedContract } from './store/feed.ts';
import { guardContract } from './store/guards.ts';
import { historyContract } from './store/history.ts';
import { isolationContract } from './store/isolation.ts';
import { lifeContract } from './store/life.ts';
import { pagingContract } from './store/paging.ts';
import { searchContract } from './store/search.ts';
import { sortContract } from './store/sort.ts';
import { targetContract } from './store/targets.ts';
import { versionContract } from './store/versions.ts';
import { writeContract } from './store/write.ts';

export type { StoreFactory, StoreUnderTest } from './store/context.ts';

const PARTS: readonly ((context: () => Context) => void)[] = [
  writeContract,
  versionContract,
  guardContract,
  feedContract,
  historyContract,
  searchContract,
  sortContract,
  pagingContract,
  targetContract,
  entriesContract,
  eraseContract,
  isolationContract,
  lifeContract,
];

export function storeContract(name: string, factory: StoreFactory): void {
  describe(`store contract: ${name}`, () => {
    let context: Context;
    beforeAll(async () => {
      context = await createContext(factory);
    }, 60_000);
    afterAll(() => context.dispose(), 60_000);
    for (const part of PARTS) part(() => context);
  });
}

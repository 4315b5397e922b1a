import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../src/fhir/store/sqlite/index.ts';
import { storeContract } from '../contract/store.ts';

storeContract('sqlite', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-store-'));
  const open = () => openSqliteStore({ file: join(folder, 'nadi.db'), clock });
  let store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async dispose() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

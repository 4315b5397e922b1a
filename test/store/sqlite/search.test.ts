import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/index.ts';
import { searchContract } from '../../contract/search.ts';

searchContract('sqlite', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-search-'));
  const open = () => openSqliteStore({ file: join(folder, 'nadi.db'), clock });
  const store = await open();
  return {
    store,
    reopen: open,
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

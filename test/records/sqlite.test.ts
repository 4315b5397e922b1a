import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import { recordsContract } from '../contract/records.ts';

recordsContract('sqlite', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-records-'));
  const open = () => openSqliteRecords({ file: join(folder, 'nadi.db'), clock });
  let records = await open();
  return {
    records,
    async reopen() {
      await records.close();
      records = await open();
      return records;
    },
    async dispose() {
      await records.close();
      await rm(folder, { recursive: true });
    },
  };
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteJournal } from '../../src/audit/sqlite/index.ts';
import { auditContract } from '../contract/audit.ts';

auditContract('sqlite', async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-audit-'));
  const open = () => openSqliteJournal({ file: join(folder, 'nadi.db'), clock });
  let journal = await open();
  return {
    journal,
    async reopen() {
      await journal.close();
      journal = await open();
      return journal;
    },
    async dispose() {
      await journal.close();
      await rm(folder, { recursive: true });
    },
  };
});

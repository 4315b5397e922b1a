import { openMongoJournal } from '../../src/audit/mongo/index.ts';
import type { AuditJournal } from '../../src/audit/port.ts';
import { auditContract } from '../contract/audit.ts';
import { dropDatabase, freshDatabase, withMongo } from '../store/mongo/database.ts';

withMongo((url) =>
  auditContract('mongo', async () => {
    const database = freshDatabase();
    const open = (): Promise<AuditJournal> => openMongoJournal({ url, database });
    let journal = await open();
    return {
      journal,
      reopen: async () => {
        await journal.close();
        return (journal = await open());
      },
      dispose: async () => {
        await journal.close();
        await dropDatabase(url, database);
      },
    };
  }),
);

import { openMongoRecords } from '../../src/records/mongo/index.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { recordsContract } from '../contract/records.ts';
import { dropDatabase, freshDatabase, withMongo } from '../store/mongo/database.ts';

withMongo((url) =>
  recordsContract('mongo', async (clock) => {
    const database = freshDatabase();
    const open = (): Promise<RecordStore> => openMongoRecords({ url, database, clock });
    let records = await open();
    return {
      records,
      reopen: async () => {
        await records.close();
        return (records = await open());
      },
      dispose: async () => {
        await records.close();
        await dropDatabase(url, database);
      },
    };
  }),
);

import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { searchContract } from '../../contract/search.ts';
import { dropDatabase, freshDatabase, withMongo } from './database.ts';

withMongo((url) =>
  searchContract('mongo', async (clock) => {
    const database = freshDatabase();
    const open = (): Promise<FhirStore> => openMongoStore({ url, database, clock });
    const store = await open();
    return {
      store,
      reopen: open,
      dispose: async () => {
        await store.close();
        await dropDatabase(url, database);
      },
    };
  }),
);

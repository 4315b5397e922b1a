import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { storeContract } from '../../contract/store.ts';
import { dropDatabase, freshDatabase, withMongo } from './database.ts';

withMongo((url) =>
  storeContract('mongo', async (clock) => {
    const database = freshDatabase();
    const open = (): Promise<FhirStore> => openMongoStore({ url, database, clock });
    let store = await open();
    return {
      store,
      reopen: async () => {
        await store.close();
        return (store = await open());
      },
      dispose: async () => {
        await store.close();
        await dropDatabase(url, database);
      },
    };
  }),
);

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asClinicId, asSeq } from '../../../src/fhir/model/ids.ts';
import { openMongoStore } from '../../../src/fhir/store/mongo/index.ts';
import type { FhirStore } from '../../../src/fhir/store/port.ts';
import { systemClock } from '../../../src/platform/clock.ts';
import { decode, ids, key, put, query, results, setOf, text } from '../../contract/store/context.ts';
import { dropDatabase, freshDatabase, withMongo } from './database.ts';

const clinic = asClinicId('clinic');
const all = ['a', 'b', 'c', 'd', 'e', 'f'];

withMongo((url) => {
  describe('resources of several megabytes', () => {
    const database = freshDatabase();
    let store: FhirStore;
    beforeAll(async () => {
      store = await openMongoStore({ url, database, clock: systemClock });
    }, 60_000);
    afterAll(async () => {
      await store.close();
      await dropDatabase(url, database);
    }, 60_000);

    it('are committed together and read together, though one message does not hold them', async () => {
      const changes = all.map((id) => put('Binary', id, { text: text('Binary', id, id.repeat(4_000_000)) }));
      results(await store.write(clinic, setOf(changes)));
      results(await store.write(clinic, setOf(changes)));
      const found = (await store.search(clinic, query('Binary'))).items;
      expect(ids(found)).toEqual(all);
      expect(found.every((item) => decode(item.body).includes(item.id.repeat(1000)))).toBe(true);
      expect(
        await store.readMany(
          clinic,
          all.map((id) => key('Binary', id)),
        ),
      ).toHaveLength(6);
      expect((await store.changes(clinic, asSeq(0), 20)).map((v) => v.seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect((await store.history(clinic, { scope: {}, limit: 20 })).items).toHaveLength(12);
    }, 60_000);

    it('that no document holds are refused, and alone', async () => {
      const huge = store.write(clinic, setOf([put('Binary', 'huge', { text: text('Binary', 'huge', 'x'.repeat(17_000_000)) })]));
      const others = Promise.all(['g', 'h', 'i'].map((id) => store.write(clinic, setOf([put('Binary', id)]))));
      await expect(huge).rejects.toMatchObject({ kind: 'too-large' });
      expect((await others).every((outcome) => outcome.ok)).toBe(true);
      expect(await store.read(clinic, key('Binary', 'huge'))).toBeUndefined();
    }, 60_000);
  });
});

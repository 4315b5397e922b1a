/** The floor on MongoDB: the same collections, asked by hand. Arguments: the server's URL with its database, and a database to create in. */
import { Binary, MongoClient, type Document } from 'mongodb';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { completeFields, prepareFields } from '../../src/fhir/store/mongo/entries.ts';
import { driverKey, pairKey, typeKey } from '../../src/fhir/store/mongo/keys.ts';
import { observation } from '../data.ts';
import { counter, grouped, serve } from './express.ts';
import { scratchCollection } from './mongo-documents.ts';
import { extractor, sampleOf } from './samples.ts';

const [url, scratchName] = process.argv.slice(2) as [string, string];
const client = await new MongoClient(url, { promoteBuffers: true, ignoreUndefined: false }).connect();
const current = client.db().collection<Document & { _id: string }>('resources');
const scratch = await scratchCollection(client, scratchName);

const BODY = { projection: { body: 1, _id: 0 } } as const;
const observations = typeKey(asClinicId('demo'), 'Observation');
const patients = typeKey(asClinicId('demo'), 'Patient');
const bodies = (documents: readonly Document[]): Uint8Array[] => documents.map((d) => d['body'] as Uint8Array);

const template = sampleOf(observation(1, 1), 'x', extractor());
const fields = completeFields(observations, prepareFields(observations, 'v', template.entries), 1);
const made = counter();

serve({
  read: async (id) => (await current.findOne({ _id: `${observations}/${id}` }, BODY))?.['body'] as Uint8Array | undefined,
  byToken: async (code) =>
    bodies(
      await current
        .find({ k: driverKey(observations, 'code', code) }, BODY)
        .sort({ o: 1 })
        .hint('keys')
        .limit(20)
        .toArray(),
    ),
  byPatientAndCode: async (patient, code) => {
    const key = pairKey(observations, 'code', 'Patient', patient, code);
    return bodies(await current.find({ k: key }, BODY).sort({ 's.date.hi': 1 }).hint('keys').limit(20).toArray());
  },
  byNameAndDate: async (name, from) => {
    const range = { $gte: driverKey(patients, 'name', name), $lt: `${driverKey(patients, 'name', name)}\uffff` };
    const filter = { k: range, r: { $elemMatch: { p: 'birthdate', lo: { $gte: from } } } };
    return bodies(await current.find(filter, BODY).hint('keys').limit(20).toArray());
  },
  create: grouped<string>(async (texts) => {
    const documents = texts.map((text) => {
      const id = made();
      return {
        _id: `${observations}/c${id}`,
        c: 'demo',
        t: observations,
        v: 1,
        seq: id,
        at: Date.now(),
        o: id,
        by: {},
        ...fields,
        body: new Binary(Buffer.from(text)),
      };
    });
    await scratch.insertMany(documents, { ordered: false });
  }),
});

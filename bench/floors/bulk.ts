/** The driver's own bulk insert of the documents of Synthea bundles: a commit a bundle, everything prepared before. Prints documents a second. */
import { MongoClient } from 'mongodb';
import { documentOf, scratchCollection } from './mongo-documents.ts';
import { samplesOf, type Sample } from './samples.ts';
import { createInserter, openScratch } from './sqlite-rows.ts';

const [store, target, name, ...files] = process.argv.slice(2) as [string, string, string, ...string[]];
const bundles = samplesOf(files);
const total = bundles.reduce((n, b) => n + b.length, 0);

function onSqlite(): number {
  const database = openScratch(target);
  const insert = createInserter(database);
  const started = performance.now();
  for (const bundle of bundles) {
    database.exec('BEGIN IMMEDIATE');
    for (const sample of bundle) insert(sample);
    database.exec('COMMIT');
  }
  const took = performance.now() - started;
  database.close();
  return took;
}

async function onMongo(): Promise<number> {
  const client = await new MongoClient(target).connect();
  const collection = await scratchCollection(client, name);
  let seq = 0;
  const prepared = bundles.map((bundle: readonly Sample[]) => bundle.map((sample) => documentOf(sample, ++seq)));
  const started = performance.now();
  for (const documents of prepared) await collection.insertMany(documents, { ordered: false });
  const took = performance.now() - started;
  await client.db(name).dropDatabase();
  await client.close();
  return took;
}

const took = store === 'mongodb' ? await onMongo() : onSqlite();
process.stdout.write(`${Math.round(total / (took / 1000))}\n`);

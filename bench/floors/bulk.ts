/** The driver's own bulk insert of the documents of Synthea bundles: a commit a bundle, everything prepared before. Prints documents a second. */
import { MongoClient } from 'mongodb';
import { documentOf, scratchCollection } from './mongo-documents.ts';
import { samplesOf, type Sample } from './samples.ts';
import { createInserter, openScratch } from './sqlite-rows.ts';

const [store, target, name, ...files] = process.argv.slice(2) as [string, string, string, ...string[]];
const bundles = samplesOf(files);
const total = bundles.reduce((n, b) => n + b.length, 0);

function onSqlite(): void {
  const database = openScratch(target);
  const insert = createInserter(database);
  for (const bundle of bundles) {
    database.exec('BEGIN IMMEDIATE');
    for (const sample of bundle) insert(sample);
    database.exec('COMMIT');
  }
  database.close();
}

async function onMongo(): Promise<void> {
  const client = await new MongoClient(target).connect();
  const collection = await scratchCollection(client, name);
  let seq = 0;
  const prepared = bundles.map((bundle: readonly Sample[]) => bundle.map((sample) => documentOf(sample, ++seq)));
  started = performance.now();
  for (const documents of prepared) await collection.insertMany(documents, { ordered: false });
  finish();
  await client.db(name).dropDatabase();
  await client.close();
}

let started = performance.now();
const finish = (): void => {
  process.stdout.write(`${Math.round(total / ((performance.now() - started) / 1000))}\n`);
};

if (store === 'mongodb') await onMongo();
else {
  onSqlite();
  finish();
}

/** A database of its own for each test file, on the server that `TEST_MONGODB_URL` names. */
import { randomUUID } from 'node:crypto';
import { it } from '@jest/globals';
import { MongoClient } from 'mongodb';

/** Where a replica set is, if one was given. */
const MONGODB_URL = process.env['TEST_MONGODB_URL'] ?? '';

export const freshDatabase = (): string => `nadi-test-${randomUUID()}`;

export async function dropDatabase(url: string, database: string): Promise<void> {
  const client = new MongoClient(url);
  try {
    await client.db(database).dropDatabase();
  } finally {
    await client.close();
  }
}

/** Runs the suite where there is a server; otherwise says why there is none of it. */
export function withMongo(suite: (url: string) => void): void {
  if (MONGODB_URL === '') it('is run where TEST_MONGODB_URL names a replica set', () => undefined);
  else suite(MONGODB_URL);
}

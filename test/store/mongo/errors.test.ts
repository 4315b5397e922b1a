/** What callers of the store get for errors that a server gives only under loads that no test should make. */
import { describe, expect, it } from '@jest/globals';
import { MongoServerError } from 'mongodb';
import { calling } from '../../../src/fhir/store/mongo/errors.ts';

const CASES = [
  { code: 388, message: 'transaction is too large and will not fit in the storage engine cache', kind: 'too-large' },
  { code: 10334, message: 'BSONObj size is invalid', kind: 'too-large' },
  { code: 50, message: 'operation exceeded time limit', kind: 'too-costly' },
  { code: 112, message: 'WriteConflict', kind: 'unavailable' },
];

describe('errors of the server', () => {
  it.each(CASES)('$code is $kind, with the error itself as the cause', async ({ code, message, kind }) => {
    const error = new MongoServerError({ message, code });
    const thrown = await calling(() => Promise.reject(error)).catch((e: unknown) => e);
    expect(thrown).toMatchObject({ issues: [{ kind }], cause: error });
  });

  it('others stay what they are', async () => {
    const error = new MongoServerError({ message: 'unknown operator', code: 2 });
    await expect(calling(() => Promise.reject(error))).rejects.toBe(error);
  });
});

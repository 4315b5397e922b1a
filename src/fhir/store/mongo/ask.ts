/**
 * Finds, asked by bare commands whose answers are parsed here: two thirds of what a cursor of the driver costs. Bodies
 * stay where they arrived, as views of the message.
 */
import { BSON, type ClientSession, type Db, type Document } from 'mongodb';
import { isMongoAway } from '../../../platform/mongo.ts';
import type { IndexName } from './schema.ts';

export interface Question {
  readonly collection: string;
  readonly filter: Document;
  readonly projection: Document;
  readonly limit: number;
  readonly sort?: Readonly<Record<string, 1 | -1>>;
  readonly index?: IndexName;
  /** An interval of the index: from `min`, up to but without `max`. */
  readonly min?: Document;
  readonly max?: Document;
  readonly maxTimeMS?: number;
  /** Only what no change of primary can undo. */
  readonly majority?: true;
  readonly session?: ClientSession;
}

interface Answer {
  readonly firstBatch: Document[];
  /** A Long: of a cursor that is still open, or zero. */
  readonly id: unknown;
}

/** All documents that are found, at most `limit`. Outside of transactions it is tried twice, like the driver's own reads. */
export async function ask<T>(db: Db, question: Question): Promise<T[]> {
  const { firstBatch, id } = await twice(() => firstAnswer(db, question), question.session === undefined);
  return (String(id) === '0' ? firstBatch : await rest(db, question, id)) as T[];
}

async function twice<T>(call: () => Promise<T>, again: boolean): Promise<T> {
  try {
    return await call();
  } catch (error) {
    // A server that was looked for in vain won't be found at once.
    if (!again || !isMongoAway(error) || isNotFound(error)) throw error;
    return await call();
  }
}

const isNotFound = (error: unknown): boolean => (error as { name?: unknown }).name === 'MongoServerSelectionError';

async function firstAnswer(db: Db, question: Question): Promise<Answer> {
  const { collection, filter, projection, limit, sort, index, min, max, maxTimeMS, majority, session } = question;
  const command = {
    find: collection,
    filter,
    projection,
    limit,
    // One more than there can be, so that the server leaves no cursor open.
    batchSize: limit + 1,
    ...(sort ? { sort } : {}),
    ...(index ? { hint: index } : {}),
    ...(min ? { min } : {}),
    ...(max ? { max } : {}),
    ...(maxTimeMS === undefined ? {} : { maxTimeMS }),
    ...(majority ? { readConcern: { level: 'majority' } } : {}),
  };
  const answer = await db.command(command, { raw: true, ...(session ? { session } : {}) });
  return BSON.deserialize(answer['cursor'] as Uint8Array, { promoteBuffers: true, promoteLongs: false }) as Answer;
}

/** More than one message holds: all over again, by a cursor. */
async function rest(db: Db, question: Question, id: unknown): Promise<Document[]> {
  const { collection, filter, projection, limit, sort, index, min, max, maxTimeMS, majority, session } = question;
  await db.command({ killCursors: collection, cursors: [id] }, session ? { session } : {});
  const found = db.collection(collection).find(filter, {
    projection,
    limit,
    promoteBuffers: true,
    ...(sort ? { sort } : {}),
    ...(index ? { hint: index } : {}),
    ...(min ? { min } : {}),
    ...(max ? { max } : {}),
    ...(maxTimeMS === undefined ? {} : { maxTimeMS }),
    ...(majority ? { readConcern: { level: 'majority' } } : {}),
    ...(session ? { session } : {}),
  });
  return await found.toArray();
}

/** The Mongoose model that all records share: one collection, whatever their kind. */
import { Schema, type Connection, type Model } from 'mongoose';

export interface RecordDocument {
  /** `clinic/kind/id` */
  readonly _id: string;
  /** `clinic/kind`: what lists range over. */
  readonly kind: string;
  readonly key: string;
  /** JSON text: names in it mean nothing to the database. */
  readonly value: string;
  readonly revision: number;
  readonly expiresAt?: Date;
  /** `clinic/kind/name=value` */
  readonly unique?: readonly string[];
  /** `clinic/kind/name=value` */
  readonly index?: readonly string[];
}

export type RecordModel = Model<RecordDocument>;

/** Declares the model; the indexes are made by `createIndexes`. */
export function createModel(connection: Connection): RecordModel {
  const schema = new Schema<RecordDocument>(
    { _id: String, kind: String, key: String, value: String, revision: Number, expiresAt: Date, unique: [String], index: [String] },
    {
      collection: 'records',
      strict: 'throw',
      strictQuery: 'throw',
      versionKey: false,
      minimize: false,
      autoIndex: false,
      autoCreate: false,
    },
  );
  for (const name of ['_id', 'kind', 'key', 'value', 'revision']) schema.path(name).required(true);
  // An empty array would be a value of the unique index.
  for (const name of ['unique', 'index']) schema.path(name).default(undefined);
  schema.index({ unique: 1 }, { unique: true, partialFilterExpression: { unique: { $exists: true } } });
  schema.index({ index: 1, key: 1 });
  schema.index({ kind: 1, key: 1 });
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return connection.model<RecordDocument>('Record', schema);
}

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
  const many = { type: [String], default: undefined };
  const schema = new Schema<RecordDocument>(
    {
      _id: { type: String, required: true },
      kind: { type: String, required: true },
      key: { type: String, required: true },
      value: { type: String, required: true },
      revision: { type: Number, required: true },
      expiresAt: { type: Date },
      unique: many,
      index: many,
    },
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
  schema.index({ unique: 1 }, { unique: true, partialFilterExpression: { unique: { $exists: true } } });
  schema.index({ index: 1, key: 1 });
  schema.index({ kind: 1, key: 1 });
  schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });
  return connection.model<RecordDocument>('Record', schema);
}

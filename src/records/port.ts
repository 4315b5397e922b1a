/**
 * Records that are not FHIR: accounts, OAuth clients, leases, journals, progress of jobs. Two adapters, `sqlite/` and
 * `mongo/` (Mongoose); both pass `test/contract/records.ts`.
 */
import type { ClinicId } from '../fhir/model/ids.ts';

/** Declared once, in the folder that owns the records. */
export interface RecordKind<T> {
  readonly name: string;
  /** Names and values that must be unique within clinic and kind, read from a record: `{ email: 'a@b.c' }`. */
  readonly unique?: (value: T) => Readonly<Record<string, string>>;
  /** Names and values that records can be listed by. */
  readonly index?: (value: T) => Readonly<Record<string, string>>;
}

export interface StoredRecord<T> {
  readonly id: string;
  readonly value: T;
  /** Counts 1, 2, 3 with every replacement: what compare-and-set compares. */
  readonly revision: number;
  /** Milliseconds since 1970; from then on the record is absent, whether or not it has been deleted yet. */
  readonly expiresAt?: number;
}

export type RecordWrite<T> =
  | { readonly ok: true; readonly record: StoredRecord<T> }
  | { readonly ok: false; readonly reason: 'exists' | 'revision' | 'unique'; readonly key?: string };

export interface RecordStore {
  get<T>(kind: RecordKind<T>, clinic: ClinicId, id: string): Promise<StoredRecord<T> | undefined>;
  findUnique<T>(kind: RecordKind<T>, clinic: ClinicId, name: string, value: string): Promise<StoredRecord<T> | undefined>;
  /** Ordered by id. */
  list<T>(kind: RecordKind<T>, clinic: ClinicId, query: ListQuery): Promise<StoredRecord<T>[]>;
  /** Fails with `exists` if a live record has the id, `unique` if one has a unique value. */
  insert<T>(kind: RecordKind<T>, clinic: ClinicId, id: string, value: T, options?: { expiresAt?: number }): Promise<RecordWrite<T>>;
  /** Compare-and-set: fails with `revision` unless the record is live and at that revision. */
  replace<T>(
    kind: RecordKind<T>,
    clinic: ClinicId,
    id: string,
    revision: number,
    value: T,
    options?: { expiresAt?: number },
  ): Promise<RecordWrite<T>>;
  /** True if it was there (at that revision, where one is given) and is gone now. */
  remove<T>(kind: RecordKind<T>, clinic: ClinicId, id: string, revision?: number): Promise<boolean>;
  /** Deletes what has expired, of all clinics and kinds: it is absent already, and now it isn't kept either. */
  sweep(): Promise<void>;
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface ListQuery {
  readonly by?: { readonly name: string; readonly value: string };
  readonly after?: string;
  readonly limit: number;
}

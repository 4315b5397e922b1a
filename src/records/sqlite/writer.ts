/** What runs in the writer thread: writes of records, several in one transaction, each with its own outcome. */
import { LIMIT, rowOf, rowsOf, type SqliteConnection, type SqlRow } from '../../platform/sqlite/connection.ts';
import type { ThreadMethods } from '../../platform/sqlite/host.ts';
import { migrate } from '../../platform/sqlite/migrate.ts';
import { MIGRATIONS } from './schema.ts';

/** Where a record lies. */
export interface Place {
  readonly clinic: string;
  readonly kind: string;
  readonly id: string;
}
/** Names and values that a record is found by. */
export interface Keys {
  readonly unique: Readonly<Record<string, string>>;
  readonly index: Readonly<Record<string, string>>;
}
export interface Content {
  /** JSON. */
  readonly value: string;
  readonly keys: Keys;
  readonly expires: number | null;
}

export type RecordOp =
  | { readonly op: 'insert'; readonly place: Place; readonly content: Content }
  | { readonly op: 'replace'; readonly place: Place; readonly revision: number; readonly content: Content }
  | { readonly op: 'remove'; readonly place: Place; readonly revision: number | undefined };

export type OpOutcome =
  { readonly ok: true } | { readonly ok: false; readonly reason: 'exists' | 'revision' | 'unique'; readonly key?: string };

export interface ApplyRequest {
  readonly ops: readonly RecordOp[];
  /** Milliseconds since 1970: what has expired by then is absent. */
  readonly now: number;
}

export interface SweepRequest {
  /** The `rid` that the sweep before ended at. */
  readonly after: number;
  readonly now: number;
}

/** Expired records that a write removes beside its own work. */
const SWEPT = 20;

export function open(connection: SqliteConnection): ThreadMethods {
  return {
    migrate: ({ now }: { readonly now: number }) => migrate(connection, MIGRATIONS, now),
    sweep: ({ after, now }: SweepRequest) => connection.transaction(() => sweepAll(connection, after, now)),
    apply: ({ ops, now }: ApplyRequest) => connection.transaction(() => ops.map((op) => apply(connection, op, now))),
  };
}

function apply(connection: SqliteConnection, op: RecordOp, now: number): OpOutcome {
  const { place } = op;
  sweep(connection, place, now);
  const revision = liveRevision(connection, place, now);
  if (op.op === 'insert') {
    if (revision !== undefined) return { ok: false, reason: 'exists' };
    return put(connection, place, 1, op.content, now);
  }
  if (revision === undefined || (op.revision !== undefined && op.revision !== revision)) return { ok: false, reason: 'revision' };
  if (op.op === 'replace') return put(connection, place, revision + 1, op.content, now);
  erase(connection, place);
  return { ok: true };
}

const FIND = 'SELECT revision, expires, keys FROM record WHERE clinic = ? AND kind = ? AND id = ?';
const find = (connection: SqliteConnection, { clinic, kind, id }: Place): SqlRow | undefined =>
  rowOf(connection.prepare(FIND), [clinic, kind, id]);

function liveRevision(connection: SqliteConnection, place: Place, now: number): number | undefined {
  const row = find(connection, place);
  const expired = row?.[1] !== null && (row?.[1] as number) <= now;
  return row && !expired ? (row[0] as number) : undefined;
}

/** What was there under the id, live or expired, goes; unless a live record of another id has a unique value. */
function put(connection: SqliteConnection, place: Place, revision: number, content: Content, now: number): OpOutcome {
  const taken = Object.entries(content.keys.unique).find(([name, value]) => isTaken(connection, place, name, value, now));
  if (taken) return { ok: false, reason: 'unique', key: taken[0] };
  const { clinic, kind, id } = place;
  erase(connection, place);
  connection
    .prepare('INSERT INTO record (clinic, kind, id, revision, expires, keys, value) VALUES (?, ?, ?, ?, ?, ?, ?)')
    .run(clinic, kind, id, revision, content.expires, JSON.stringify(content.keys), content.value);
  const insert = (table: string) => connection.prepare(`INSERT INTO ${table} (clinic, kind, name, value, id) VALUES (?, ?, ?, ?, ?)`);
  for (const [name, value] of Object.entries(content.keys.unique)) insert('record_unique').run(clinic, kind, name, value, id);
  for (const [name, value] of Object.entries(content.keys.index)) insert('record_index').run(clinic, kind, name, value, id);
  return { ok: true };
}

/** An expired holder is removed. */
function isTaken(connection: SqliteConnection, { clinic, kind, id }: Place, name: string, value: string, now: number): boolean {
  const holders = connection.prepare('SELECT id FROM record_unique WHERE clinic = ? AND kind = ? AND name = ? AND value = ?');
  const holder = rowOf(holders, [clinic, kind, name, value])?.[0] as string | undefined;
  if (holder === undefined || holder === id) return false;
  const other = { clinic, kind, id: holder };
  if (liveRevision(connection, other, now) !== undefined) return true;
  erase(connection, other);
  return false;
}

function erase(connection: SqliteConnection, place: Place): void {
  const row = find(connection, place);
  if (!row) return;
  const { clinic, kind, id } = place;
  const { unique, index } = JSON.parse(row[2] as string) as Keys;
  const remove = (table: string) =>
    connection.prepare(`DELETE FROM ${table} WHERE clinic = ? AND kind = ? AND name = ? AND value = ? AND id = ?`);
  for (const [name, value] of Object.entries(unique)) remove('record_unique').run(clinic, kind, name, value, id);
  for (const [name, value] of Object.entries(index)) remove('record_index').run(clinic, kind, name, value, id);
  connection.prepare('DELETE FROM record WHERE clinic = ? AND kind = ? AND id = ?').run(clinic, kind, id);
}

const SWEPT_AT_ONCE = 500;

/** What has expired, some at a time; answers where it ended, nothing once it is through. */
function sweepAll(connection: SqliteConnection, after: number, now: number): number | undefined {
  const expired = connection.prepare(`SELECT rid, clinic, kind, id FROM record WHERE rid > ? AND expires <= ? ORDER BY rid ${LIMIT}`);
  const rows = rowsOf(expired, [after, now, SWEPT_AT_ONCE]);
  for (const [, clinic, kind, id] of rows) erase(connection, { clinic: clinic as string, kind: kind as string, id: id as string });
  return rows.length < SWEPT_AT_ONCE ? undefined : (rows.at(-1)?.[0] as number);
}

/** Some of what has expired among the records of the same kind. */
function sweep(connection: SqliteConnection, { clinic, kind }: Place, now: number): void {
  const expired = connection.prepare(`SELECT id FROM record WHERE clinic = ? AND kind = ? AND expires <= ? ${LIMIT}`);
  for (const [id] of rowsOf(expired, [clinic, kind, now, SWEPT])) erase(connection, { clinic, kind, id: id as string });
}

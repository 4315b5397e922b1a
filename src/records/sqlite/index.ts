/** Records in SQLite: written by the writer thread in groups, read where they are asked for. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { createGroupCommitter, type Settled } from '../../fhir/store/group.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  LIMIT,
  openConnection,
  rowOf,
  rowsOf,
  type SqliteConnection,
  type SqlRow,
  type SqlValue,
} from '../../platform/sqlite/connection.ts';
import { isSqliteAway } from '../../platform/sqlite/errors.ts';
import { createSqliteThread, type SqliteThread } from '../../platform/sqlite/thread.ts';
import type { ListQuery, RecordKind, RecordStore, RecordWrite, StoredRecord } from '../port.ts';
import type { ApplyRequest, Content, OpOutcome, Place, RecordOp, SweepRequest } from './writer.ts';

export interface SqliteRecordsOptions {
  /** Path of the database; made if it isn't there. */
  readonly file: string;
  readonly clock: Clock;
  /** The thread that writes, if it is shared with the store of the same file; closed by who made it. */
  readonly writer?: SqliteThread;
}

const WRITER = new URL(`./writer${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
const WRITER_CACHE_KIB = 8 << 10;
const READER_CACHE_KIB = 4 << 10;
const MAX_OPS = 256;

/** Opens the records, making or upgrading their schema. Throws `unavailable` if the file can't serve. */
export async function openSqliteRecords({ file, clock, writer }: SqliteRecordsOptions): Promise<RecordStore> {
  const thread = writer ?? createSqliteThread({ file, readOnly: false, cacheKiB: WRITER_CACHE_KIB });
  try {
    await thread.call(WRITER, 'migrate', { now: clock.now() });
    const connection = openConnection(file, { readOnly: true, cacheKiB: READER_CACHE_KIB });
    const writes = createWrites(thread, clock);
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await writes.idle();
      if (!writer) await thread.close();
      connection.close();
    };
    const sweep = async (): Promise<void> => {
      for (let after: number | undefined = 0; after !== undefined;)
        after = (await thread.call(WRITER, 'sweep', { after, now: clock.now() } satisfies SweepRequest)) as number | undefined;
    };
    return createStore(createReads(connection, clock), writes.apply, {
      sweep: () => calling(sweep),
      close: () => (closing ??= close()),
    });
  } catch (error) {
    if (!writer) await thread.close();
    throw toPortError(error);
  }
}

function createWrites(thread: SqliteThread, clock: Clock): { readonly apply: Apply; readonly idle: () => Promise<void> } {
  const committer = createGroupCommitter<RecordOp, OpOutcome>({
    maxItems: MAX_OPS,
    maxWeight: MAX_OPS,
    weightOf: () => 1,
    commit: async (ops) => {
      const outcomes = (await thread.call(WRITER, 'apply', { ops, now: clock.now() } satisfies ApplyRequest)) as OpOutcome[];
      return outcomes.map((value): Settled<OpOutcome> => ({ ok: true, value }));
    },
  });
  return { apply: (op) => calling(() => committer.add(op)), idle: () => committer.idle() };
}

const COLUMNS = 'r.id, r.value, r.revision, r.expires';
const LIVE = '(r.expires IS NULL OR r.expires > ?)';
const GET = `SELECT ${COLUMNS} FROM record r WHERE r.clinic = ? AND r.kind = ? AND r.id = ? AND ${LIVE}`;
const FIND = `SELECT ${COLUMNS} FROM record_unique u CROSS JOIN record r ON r.clinic = u.clinic AND r.kind = u.kind AND r.id = u.id
  WHERE u.clinic = ? AND u.kind = ? AND u.name = ? AND u.value = ? AND ${LIVE}`;
const LIST = `SELECT ${COLUMNS} FROM record r WHERE r.clinic = ? AND r.kind = ? AND r.id > ? AND ${LIVE} ORDER BY r.id ${LIMIT}`;
const LIST_BY = `SELECT ${COLUMNS} FROM record_index i CROSS JOIN record r ON r.clinic = i.clinic AND r.kind = i.kind AND r.id = i.id
  WHERE i.clinic = ? AND i.kind = ? AND i.name = ? AND i.value = ? AND i.id > ? AND ${LIVE} ORDER BY i.id ${LIMIT}`;

function createReads(connection: SqliteConnection, clock: Clock): Pick<RecordStore, 'get' | 'findUnique' | 'list' | 'check'> {
  const one = <T>(text: string, ...values: readonly SqlValue[]): Promise<StoredRecord<T> | undefined> =>
    calling(async () => {
      const row = rowOf(connection.prepare(text), [...values, clock.now()]);
      return row && toRecord<T>(row);
    });
  const many = <T>(text: string, { limit }: ListQuery, ...values: readonly SqlValue[]): Promise<StoredRecord<T>[]> =>
    calling(async () => rowsOf(connection.prepare(text), [...values, clock.now(), limit]).map((row) => toRecord<T>(row)));
  return {
    get: (kind, clinic, id) => one(GET, clinic, kind.name, id),
    findUnique: (kind, clinic, name, value) => one(FIND, clinic, kind.name, name, value),
    list(kind, clinic, query) {
      const { by, after = '' } = query;
      return by ? many(LIST_BY, query, clinic, kind.name, by.name, by.value, after) : many(LIST, query, clinic, kind.name, after);
    },
    check: () => calling(async () => void connection.prepare('SELECT count(*) FROM migration').get()),
  };
}

type Apply = (op: RecordOp) => Promise<OpOutcome>;

function createStore(reads: ReturnType<typeof createReads>, apply: Apply, rest: Pick<RecordStore, 'sweep' | 'close'>): RecordStore {
  const written = async <T>(op: Exclude<RecordOp, { op: 'remove' }>, value: T): Promise<RecordWrite<T>> => {
    const outcome = await apply(op);
    if (!outcome.ok) return outcome;
    const { expires } = op.content;
    const revision = op.op === 'insert' ? 1 : op.revision + 1;
    return { ok: true, record: { id: op.place.id, value, revision, ...(expires === null ? {} : { expiresAt: expires }) } };
  };
  return {
    ...reads,
    insert: (kind, clinic, id, value, options) =>
      written({ op: 'insert', place: placeOf(kind, clinic, id), content: contentOf(kind, value, options) }, value),
    replace: (kind, clinic, id, revision, value, options) =>
      written({ op: 'replace', place: placeOf(kind, clinic, id), revision, content: contentOf(kind, value, options) }, value),
    remove: async (kind, clinic, id, revision) => (await apply({ op: 'remove', place: placeOf(kind, clinic, id), revision })).ok,
    ...rest,
  };
}

const placeOf = (kind: { readonly name: string }, clinic: ClinicId, id: string): Place => ({ clinic, kind: kind.name, id });

const contentOf = <T>(kind: RecordKind<T>, value: T, options: { expiresAt?: number } | undefined): Content => ({
  value: JSON.stringify(value),
  keys: { unique: kind.unique?.(value) ?? {}, index: kind.index?.(value) ?? {} },
  expires: options?.expiresAt ?? null,
});

function toRecord<T>(row: SqlRow): StoredRecord<T> {
  const [id, value, revision, expires] = row as readonly [string, string, number, number | null];
  return { id, value: JSON.parse(value) as T, revision, ...(expires === null ? {} : { expiresAt: expires }) };
}

/** Says `unavailable` where the file can't serve. */
async function calling<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toPortError(error);
  }
}

function toPortError(error: unknown): unknown {
  if (!isSqliteAway(error)) return error;
  const away = fhirError('unavailable', 'the record store cannot be used now', 'Try again in a few seconds.');
  away.cause = error;
  return away;
}

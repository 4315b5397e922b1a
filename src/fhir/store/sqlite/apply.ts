/** Applies sets of changes within a transaction of the writer: looks first, and writes only what will succeed. */
import type { SqliteConnection, SqlValue } from '../../../platform/sqlite/connection.ts';
import { bodyOf } from '../../model/json/text.ts';
import type { ClinicId } from '../../model/ids.ts';
import { isExpected, type Guard, type StoreQuery } from '../port.ts';
import type { EntryRows, Home } from './entry-rows.ts';
import type { Numbering } from './numbering.ts';
import type { Queries } from './queries.ts';
import type { ClinicState, Tally } from './tally.ts';
import { codeOf, type DecodedChange, type WireOutcome } from './wire.ts';

export interface DecodedSet {
  readonly clinic: ClinicId;
  readonly guards: readonly Guard[];
  readonly indexVersion: string;
  readonly changes: readonly DecodedChange[];
}

/** Writes nothing unless the outcome is a success. */
export type Apply = (set: DecodedSet) => WireOutcome;

export interface ApplyDeps {
  readonly connection: SqliteConnection;
  readonly numbering: Numbering;
  readonly queries: Queries;
  readonly entries: EntryRows;
  readonly tally: Tally;
  /** When the transaction began, milliseconds. */
  readonly now: number;
}

/** Conditions inside a commit hold up everyone else's: they get this long. */
const GUARD_MS = 5_000;
const NO_BODY = new Uint8Array(0);

/** What is there before a change. */
interface Current {
  readonly rid: number;
  readonly version: number;
  readonly seq: number;
  readonly at: number;
  readonly live: boolean;
}

type Put = NonNullable<DecodedChange['put']>;

interface Step {
  readonly change: DecodedChange;
  readonly tid: number;
  readonly current: Current | undefined;
}

/** Serves the sets of one transaction; its tally must be finished at the end. */
export function createApply({ connection, numbering, queries, entries, tally, now }: ApplyDeps): Apply {
  const write = createWriter(connection, entries, tally);
  const look = (cid: number, change: DecodedChange): Step => {
    const tid = numbering.type(cid, change.type);
    return { change, tid, current: currentOf(connection, tid, change.id) };
  };
  return ({ clinic, guards, indexVersion, changes }) => {
    const guard = guards.findIndex((one) => !holds(queries, clinic, one));
    if (guard !== -1) return { ok: false, failed: 'guard', index: guard };
    const cid = numbering.clinic(clinic);
    const steps = changes.map((change) => look(cid, change));
    const index = steps.findIndex(({ change, current }) => !isExpected(change.expected, liveVersion(current)));
    if (index !== -1) return { ok: false, failed: 'version', index, actual: liveVersion(steps[index]?.current) };
    const state = tally.begin(cid, now);
    const xid = numbering.indexVersion(cid, indexVersion);
    return { ok: true, results: steps.flatMap((step) => write(step, { cid, tid: step.tid, xid }, state)) };
  };
}

const liveVersion = (current: Current | undefined): number | undefined => (current?.live ? current.version : undefined);

function currentOf(connection: SqliteConnection, tid: number, id: string): Current | undefined {
  const statement = connection.prepare('SELECT rid, version, seq, at, deleted FROM resource WHERE tid = ? AND id = ?');
  const row = statement.get(tid, id) as unknown as readonly SqlValue[] | undefined;
  return row && { rid: row[0] as number, version: row[1] as number, seq: row[2] as number, at: row[3] as number, live: row[4] === 0 };
}

function holds(queries: Queries, clinic: ClinicId, { type, where, ids }: Guard): boolean {
  const query: StoreQuery = {
    types: [type],
    where,
    order: 'natural',
    limit: ids.length + 1,
    bodies: false,
    deadline: Date.now() + GUARD_MS,
  };
  const found = queries.search(clinic, query).items.map((item) => item.id);
  return found.length === ids.length && found.every((id) => ids.includes(id));
}

const INSERT = 'INSERT INTO resource (tid, cid, id, version, seq, at, deleted, trace, body) VALUES (?, ?, ?, 1, ?, ?, 0, ?, ?)';
const SUPERSEDE = `INSERT INTO version (tid, cid, id, version, seq, at, until, deleted, trace, body)
  SELECT tid, cid, id, version, seq, at, ?, deleted, trace, body FROM resource WHERE rid = ?`;
const UPDATE = 'UPDATE resource SET version = ?, seq = ?, at = ?, deleted = ?, trace = ?, body = ? WHERE rid = ?';

type Result = readonly [code: number, version: number, seq: number, at: number];
type WriteStep = (step: Step, home: Home, clinic: ClinicState) => Result;

/** Writes one change. */
function createWriter(connection: SqliteConnection, entries: EntryRows, tally: Tally): WriteStep {
  const insert = ({ change }: Step, put: Put, home: Home, { at, next }: ClinicState): Result => {
    const seq = next();
    const statement = connection.prepare(INSERT);
    const { lastInsertRowid } = statement.run(home.tid, home.cid, change.id, seq, at, change.trace, bodyOf(put, 1, at));
    entries.insert(Number(lastInsertRowid), home, put.entries);
    tally.version(home.tid, { live: 1, made: home.xid });
    return [codeOf('created'), 1, seq, at];
  };

  const supersede = ({ change }: Step, { rid, version }: Current, { at, next }: ClinicState): Result => {
    const seq = next();
    const body = change.put ? bodyOf(change.put, version + 1, at) : NO_BODY;
    connection.prepare(SUPERSEDE).run(at, rid);
    connection.prepare(UPDATE).run(version + 1, seq, at, change.put ? 0 : 1, change.trace, body, rid);
    return [codeOf(change.put ? 'updated' : 'deleted'), version + 1, seq, at];
  };

  const update = (step: Step, put: Put, current: Current, home: Home, clinic: ClinicState): Result => {
    const [code, ...rest] = supersede(step, current, clinic);
    const unmade = current.live ? entries.replace(current.rid, home, put.entries) : undefined;
    if (!current.live) entries.insert(current.rid, home, put.entries);
    tally.version(home.tid, { live: current.live ? 0 : 1, made: home.xid, unmade });
    return [current.live ? code : codeOf('created'), ...rest];
  };

  const remove = (step: Step, current: Current, home: Home, clinic: ClinicState): Result => {
    const result = supersede(step, current, clinic);
    tally.version(home.tid, { live: -1, unmade: entries.remove(current.rid) });
    return result;
  };

  return (step, home, clinic) => {
    const { change, current } = step;
    if (change.put) return current ? update(step, change.put, current, home, clinic) : insert(step, change.put, home, clinic);
    if (current?.live) return remove(step, current, home, clinic);
    return [codeOf('unchanged'), current?.version ?? 0, current?.seq ?? 0, current?.at ?? clinic.at];
  };
}

/** Commits: groups of write sets, each group one transaction that begins with the clinic's counter. */
import { Binary, type ClientSession, type Document } from 'mongodb';
import type { Clock } from '../../../platform/clock.ts';
import type { ClinicId } from '../../model/ids.ts';
import { bodyOf } from '../../model/json.ts';
import { createSlice } from '../../model/slices.ts';
import { fhirError } from '../../outcome/error.ts';
import { DUPLICATE_KEY, isMongoAway } from '../../../platform/mongo.ts';
import { createGroupCommitter, type GroupCommitter, type Settled } from '../group.ts';
import { isPacked, unpackEntries, type PackedEntries } from '../../search/packed.ts';
import type { Put, WriteOutcome, WriteSet } from '../port.ts';
import { fromTrace, type CurrentDocument, type VersionDocument } from './documents.ts';
import { completeFields, prepareFields, sizeOf, type PreparedFields } from './entries.ts';
import { isTransient, tooLarge } from './errors.ts';
import type { Finder } from './find.ts';
import { guardFinder } from './guards.ts';
import { deletedKey, idOf, indexVersionKey, typeKey, versionIdOf } from './keys.ts';
import { planGroup, type OpenChange, type OpenPut, type Pending, type Plan, type PreparedSet } from './plan.ts';
import { CURRENT, VERSIONS, type Collections } from './schema.ts';
import type { Transactions } from './transaction.ts';
import { insertAll, readStored, replaceAll } from './batches.ts';

/** Sets and characters of text in one transaction, unless a single set is heavier. */
const GROUP_SETS = 256;
const GROUP_TEXT = 8_000_000;

export interface WriteParts {
  readonly collections: Collections;
  readonly finder: Finder;
  readonly transactions: Transactions;
  readonly clock: Clock;
}

export interface Writer {
  readonly write: (clinic: ClinicId, set: WriteSet) => Promise<WriteOutcome>;
  /** Resolves once all that was given is settled. */
  idle(): Promise<void>;
}

export function createWriter(parts: WriteParts): Writer {
  const committers = new Map<ClinicId, GroupCommitter<PreparedSet, WriteOutcome>>();
  const preparing = new Set<Promise<unknown>>();
  const committerOf = (clinic: ClinicId): GroupCommitter<PreparedSet, WriteOutcome> => {
    const known = committers.get(clinic);
    if (known) return known;
    const commit = (sets: readonly PreparedSet[]): Promise<Settled<WriteOutcome>[]> => commitGroup(parts, clinic, sets);
    const made = createGroupCommitter({ commit, maxItems: GROUP_SETS, maxWeight: GROUP_TEXT, weightOf });
    committers.set(clinic, made);
    return made;
  };
  const write = async (clinic: ClinicId, set: WriteSet): Promise<WriteOutcome> => {
    const prepared = await prepare(clinic, set);
    return await committerOf(clinic).add(prepared);
  };
  return {
    write(clinic, set) {
      if (set.changes.length === 0 && set.guards.length === 0) return Promise.resolve({ ok: true, results: [] });
      const writing = write(clinic, set).finally(() => preparing.delete(writing));
      preparing.add(writing);
      return writing;
    },
    async idle() {
      while (preparing.size > 0) await Promise.allSettled(preparing);
    },
  };
}

const weightOf = ({ set }: PreparedSet): number =>
  set.changes.reduce((sum, change) => sum + (change.op === 'put' ? change.text.before.length + change.text.after.length : 0), 0);

/** Spells index entries while other commits are under way. */
async function prepare(clinic: ClinicId, set: WriteSet): Promise<PreparedSet> {
  refuseDuplicates(set);
  const slice = createSlice();
  const changes: OpenChange[] = [];
  const fields: PreparedSet['fields'][number][] = [];
  const indexVersion = indexVersionKey(clinic, set.indexVersion);
  for (const change of set.changes) {
    const open = change.op === 'put' && isPacked(change.entries) ? await opened(change, change.entries) : (change as OpenChange);
    const made = open.op === 'put' ? prepareFields(typeKey(clinic, open.type), indexVersion, open.entries) : undefined;
    if (made && open !== change) assertFits(open as OpenPut, made);
    changes.push(open);
    fields.push(made);
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return { set: { ...set, changes }, fields };
}

/** Of what won't fit into a document nothing is made: its keys have half of what they are packed in at least. */
async function opened(change: Put, entries: PackedEntries): Promise<OpenPut> {
  if (entries.packed.reduce((sum, part) => sum + part.length, 2 * textLength(change)) / 2 > MAX_DOCUMENT) throw tooLarge();
  return { ...change, entries: await unpackEntries(entries) };
}

function assertFits(change: OpenPut, fields: PreparedFields): void {
  if (textLength(change) + sizeOf(fields) > MAX_DOCUMENT) throw tooLarge();
}

const textLength = ({ text }: Put): number => text.before.length + text.after.length;

/** https://www.mongodb.com/docs/manual/reference/limits/ leaves something for what a version has beside these. */
const MAX_DOCUMENT = 16 * 2 ** 20 - 2 ** 16;

function refuseDuplicates({ changes }: WriteSet): void {
  if (changes.length < 2) return;
  const seen = new Set<string>();
  for (const { type, id } of changes) {
    if (seen.has(`${type}/${id}`))
      throw fhirError('conflict', 'is changed twice in one commit', 'Change a resource only once in a transaction.', `${type}/${id}`);
    seen.add(`${type}/${id}`);
  }
}

async function commitGroup(parts: WriteParts, clinic: ClinicId, sets: readonly PreparedSet[]): Promise<Settled<WriteOutcome>[]> {
  const commit = (trusting: boolean): Promise<Plan> =>
    parts.transactions.run((session) => commitIn(parts, clinic, sets, session, trusting));
  try {
    const plan = await commit(true).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return commit(false);
      throw error;
    });
    return plan.outcomes.map((value) => ({ ok: true, value }));
  } catch (error) {
    if (sets.length === 1 || isMongoAway(error) || isTransient(error)) return sets.map(() => ({ ok: false, error }));
    return await eachAlone(parts, clinic, sets);
  }
}

/** What one set of a group can't be committed for, a document that is too large, say, is not the others' fault. */
async function eachAlone(parts: WriteParts, clinic: ClinicId, sets: readonly PreparedSet[]): Promise<Settled<WriteOutcome>[]> {
  const settled: Settled<WriteOutcome>[] = [];
  for (const set of sets) settled.push(...(await commitGroup(parts, clinic, [set])));
  return settled;
}

/**
 * Inside the transaction. With `trusting`, what is expected to be absent isn't looked for: ids are new as a rule, and
 * where one isn't, the unique index refuses it and the group is tried again without trust.
 */
async function commitIn(
  { collections, finder, clock }: WriteParts,
  clinic: ClinicId,
  sets: readonly PreparedSet[],
  session: ClientSession,
  trusting: boolean,
): Promise<{ readonly value: Plan; readonly commit: boolean }> {
  const most = sets.reduce((sum, { set }) => sum + set.changes.length, 0);
  const { seq: last, at } = await count(collections, clinic, most, clock.now(), session);
  const ids = sets.flatMap(({ set }) =>
    set.changes.filter((c) => !trusting || c.op === 'delete' || c.expected !== 'absent').map((c) => idOf(clinic, c)),
  );
  const stored = await readStored(collections, ids, session);
  const found = await guardFinder(finder, clinic, sets, session);
  const seq = last - most;
  const plan = await planGroup({ clinic, sets, stored, found, seq, at });
  if (plan.used === 0) return { value: plan, commit: false };
  if (plan.used < most) await collections.counters.updateOne({ _id: clinic }, { $set: { seq: seq + plan.used } }, { session });
  await writePlan(collections, clinic, plan, at, session);
  return { value: plan, commit: true };
}

/** Draws numbers. As the first operation it makes the commits of a clinic serial, over all processes. */
async function count(
  collections: Collections,
  clinic: ClinicId,
  many: number,
  now: number,
  session: ClientSession,
): Promise<{ seq: number; at: number }> {
  const drawn = await collections.counters.findOneAndUpdate(
    { _id: clinic },
    { $inc: { seq: many }, $max: { at: now } },
    { session, returnDocument: 'after' },
  );
  if (drawn) return drawn;
  await collections.counters.insertOne({ _id: clinic, seq: many, at: now }, { session });
  return { seq: many, at: now };
}

async function writePlan(collections: Collections, clinic: ClinicId, plan: Plan, at: number, session: ClientSession): Promise<void> {
  const { db } = collections;
  const current = (pending: Pending): Document => currentDocument(clinic, pending, at);
  await insertAll(db, CURRENT, plan.inserts, current, session);
  await replaceAll(db, CURRENT, plan.replaces, current, session);
  await insertAll(db, VERSIONS, plan.supersededStored, (stored) => supersededDocument(stored, at), session);
  await insertAll(db, VERSIONS, plan.supersededPending, (pending) => supersededDocument(currentDocument(clinic, pending, at), at), session);
}

function currentDocument(clinic: ClinicId, pending: Pending, at: number): CurrentDocument {
  const { id, change, fields, indexVersion, versionId, seq, created } = pending;
  const typed = typeKey(clinic, change.type);
  const version = { _id: id, c: clinic, v: versionId, seq, at, o: created, by: fromTrace(change.trace) };
  if (change.op === 'delete' || !fields) return { ...version, t: deletedKey(typed), d: true };
  const body = new Binary(bodyOf(change.text, versionId, at));
  return { ...version, t: typed, iv: indexVersion, body, ...completeFields(typed, fields, created) };
}

function supersededDocument({ _id, c, t, v, seq, at, by, d, body }: CurrentDocument, until: number): VersionDocument {
  const typed = t.endsWith('!') ? t.slice(0, -1) : t;
  const bytes = body instanceof Uint8Array ? new Binary(body) : body;
  return { _id: versionIdOf(_id, v), c, t: typed, v, seq, at, until, by, ...(d ? { d } : {}), ...(bytes ? { body: bytes } : {}) };
}

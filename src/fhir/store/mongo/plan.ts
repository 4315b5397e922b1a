/**
 * What a group of write sets comes to, decided in memory inside its transaction: which sets fail, which version and
 * number each change gets, what is superseded. A set sees what the sets before it have changed.
 */
import { asSeq, type ClinicId } from '../../model/ids.ts';
import { createSlice, type Slice } from '../../model/slices.ts';
import { matches } from '../../search/match.ts';
import type { IndexEntries } from '../../search/entries.ts';
import { isExpected, type Delete, type Guard, type Put, type WriteOutcome, type WriteResult, type WriteSet } from '../port.ts';
import type { CurrentDocument } from './documents.ts';
import { idOf } from './keys.ts';
import type { PreparedFields } from './entries.ts';

/** A change whose entries can be read. */
export type OpenPut = Put & { readonly entries: IndexEntries };
export type OpenChange = Delete | OpenPut;
type OpenSet = Omit<WriteSet, 'changes'> & { readonly changes: readonly OpenChange[] };

/** A set on its way: index entries are spelled before the transaction begins. */
export interface PreparedSet {
  readonly set: OpenSet;
  /** One a change; undefined for deletes. */
  readonly fields: readonly (PreparedFields | undefined)[];
}

/** The newest state of a resource while the group is planned. */
export interface Head {
  readonly versionId: number;
  readonly seq: number;
  readonly deleted: boolean;
  /** Number of creation. */
  readonly created: number;
  /** As it is stored; absent if the group made it. */
  readonly stored?: CurrentDocument;
  /** As the group made it. */
  readonly pending?: Pending;
}

/** A version that the group makes. */
export interface Pending {
  readonly id: string;
  readonly change: OpenChange;
  readonly fields: PreparedFields | undefined;
  readonly indexVersion: string;
  readonly versionId: number;
  readonly seq: number;
  readonly created: number;
}

export interface Plan {
  readonly outcomes: readonly WriteOutcome[];
  /** New resources, and those that take the place of stored ones. */
  readonly inserts: readonly Pending[];
  readonly replaces: readonly Pending[];
  /** Versions that are current no more: stored ones, and those that the group itself made and changed again. */
  readonly supersededStored: readonly CurrentDocument[];
  readonly supersededPending: readonly Pending[];
  /** How many numbers were given. */
  readonly used: number;
}

export interface PlanInput {
  readonly clinic: ClinicId;
  readonly sets: readonly PreparedSet[];
  /** What is stored of the resources that the sets change, by `_id`. */
  readonly stored: ReadonlyMap<string, CurrentDocument>;
  /** Which stored resources a guard finds. */
  readonly found: (guard: Guard) => ReadonlySet<string>;
  /** The last number given, and the time of this commit. */
  readonly seq: number;
  readonly at: number;
}

/** In slices of the event loop: a set may have many thousands of changes. */
export async function planGroup(input: PlanInput): Promise<Plan> {
  const heads = new Map<string, Head>();
  const superseded: { stored: CurrentDocument[]; pending: Pending[] } = { stored: [], pending: [] };
  const state: State = { input, heads, superseded, seq: input.seq, slice: createSlice() };
  const outcomes: WriteOutcome[] = [];
  for (const prepared of input.sets) outcomes.push(await planSet(state, prepared));
  const pending = [...heads.values()].filter((head) => head.pending !== undefined);
  return {
    outcomes,
    inserts: pending.filter((head) => !head.stored).map((head) => head.pending as Pending),
    replaces: pending.filter((head) => head.stored).map((head) => head.pending as Pending),
    supersededStored: superseded.stored,
    supersededPending: superseded.pending,
    used: state.seq - input.seq,
  };
}

interface State {
  readonly input: PlanInput;
  readonly heads: Map<string, Head>;
  readonly superseded: { readonly stored: CurrentDocument[]; readonly pending: Pending[] };
  readonly slice: Slice;
  seq: number;
}

async function planSet(state: State, prepared: PreparedSet): Promise<WriteOutcome> {
  const { changes, guards } = prepared.set;
  const guard = guards.findIndex((g) => !holds(state, g));
  if (guard !== -1) return { ok: false, failed: 'guard', index: guard };
  const heads: (Head | undefined)[] = [];
  for (const [i, change] of changes.entries()) {
    const head = headOf(state, idOf(state.input.clinic, change));
    if (!isExpected(change.expected, liveVersion(head))) return { ok: false, failed: 'version', index: i, actual: liveVersion(head) };
    heads.push(head);
  }
  const results: WriteResult[] = [];
  for (const [i, change] of changes.entries()) {
    results.push(planChange(state, prepared, i, change, heads[i]));
    const pause = state.slice.breathe();
    if (pause) await pause;
  }
  return { ok: true, results };
}

function headOf({ heads, input }: State, id: string): Head | undefined {
  const known = heads.get(id);
  if (known) return known;
  const stored = input.stored.get(id);
  return stored && { versionId: stored.v, seq: stored.seq, deleted: stored.d === true, created: stored.o, stored };
}

const liveVersion = (head: Head | undefined): number | undefined => (head && !head.deleted ? head.versionId : undefined);

function planChange(state: State, { set, fields }: PreparedSet, i: number, change: OpenChange, head: Head | undefined): WriteResult {
  const { input, heads, superseded } = state;
  const { type, id } = change;
  const live = liveVersion(head) !== undefined;
  if (change.op === 'delete' && !live) {
    return { type, id, outcome: 'unchanged', versionId: head?.versionId ?? 0, at: input.at, seq: asSeq(head?.seq ?? 0) };
  }
  state.seq += 1;
  const [seq, versionId] = [state.seq, (head?.versionId ?? 0) + 1];
  const key = idOf(input.clinic, change);
  const pending: Pending = {
    id: key,
    change,
    fields: fields[i],
    indexVersion: set.indexVersion,
    versionId,
    seq,
    created: head?.created ?? seq,
  };
  if (head?.pending) superseded.pending.push(head.pending);
  else if (head?.stored) superseded.stored.push(head.stored);
  const stored = head?.stored;
  heads.set(key, { versionId, seq, deleted: change.op === 'delete', created: pending.created, pending, ...(stored ? { stored } : {}) });
  const outcome = change.op === 'delete' ? 'deleted' : live ? 'updated' : 'created';
  return { type, id, outcome, versionId, at: input.at, seq: asSeq(seq) };
}

/** Exactly the guard's ids match: of what is stored, and of what the group has changed by now. */
function holds({ input, heads }: State, guard: Guard): boolean {
  const matching = new Set(input.found(guard));
  for (const [key, { pending }] of heads) {
    if (!pending || pending.change.type !== guard.type) continue;
    if (pending.change.op === 'put' && isMatch(guard, pending.change, input.at)) matching.add(key);
    else matching.delete(key);
  }
  return matching.size === guard.ids.length && guard.ids.every((id) => matching.has(idOf(input.clinic, { type: guard.type, id })));
}

const isMatch = (guard: Guard, { type, id, entries }: OpenPut, at: number): boolean =>
  matches(guard.where, { type, id, lastUpdated: at, entries });

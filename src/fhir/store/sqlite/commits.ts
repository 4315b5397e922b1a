/** The way of a write to the writer thread: small sets in groups, large ones sent ahead in slices. */
import type { Clock } from '../../../platform/clock.ts';
import type { SqliteThread } from '../../../platform/sqlite/thread.ts';
import type { ClinicId } from '../../model/ids.ts';
import { createSlice } from '../../model/slices.ts';
import { fhirError } from '../../outcome/error.ts';
import { createGroupCommitter, type Settled } from '../group.ts';
import type { Change, EntryReplacement, ErasedResource, ErasureTarget, WriteOutcome, WriteSet } from '../port.ts';
import { packEntries } from '../../search/packed.ts';
import { createChangeEncoder, toResults, weightOf, type WireOutcome, type WireSet } from './wire.ts';
import type { EraseRequest } from './erase.ts';
import type { ReplaceRequest } from './replace.ts';
import type { CommitRequest, StageRequest } from './writer.ts';

export interface Commits {
  write(clinic: ClinicId, set: WriteSet): Promise<WriteOutcome>;
  replaceEntries(clinic: ClinicId, items: readonly EntryReplacement[]): Promise<void>;
  erase(clinic: ClinicId, targets: readonly ErasureTarget[]): Promise<ErasedResource[]>;
  scrub(): Promise<void>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
}

const WRITER = new URL(`./writer${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

const MAX_SETS = 512;
/** Characters in one commit; a set that is larger goes alone. */
const MAX_WEIGHT = 8 << 20;
/** Sets beyond either limit are sent ahead, in slices of that size. */
const SLICE_CHANGES = 50;
const SLICE_WEIGHT = 1 << 19;
const REPLACE_AT_ONCE = 200;

interface Item {
  readonly wire: WireSet;
  readonly weight: number;
}

export async function openCommits(thread: SqliteThread, clock: Clock): Promise<Commits> {
  await thread.call(WRITER, 'migrate', { now: clock.now() });
  const encode = createChangeEncoder();
  const committer = createGroupCommitter<Item, WireOutcome>({
    maxItems: MAX_SETS,
    maxWeight: MAX_WEIGHT,
    weightOf: ({ weight }) => weight,
    commit: async (items) => {
      const request: CommitRequest = { now: clock.now(), sets: items.map((item) => item.wire) };
      const outcomes = (await thread.call(WRITER, 'commit', request)) as WireOutcome[];
      return outcomes.map((value): Settled<WireOutcome> => ({ ok: true, value }));
    },
  });
  const stage = createStage(thread);
  const underWay = new Set<Promise<unknown>>();
  const write = async (clinic: ClinicId, set: WriteSet): Promise<WriteOutcome> => {
    assertDistinct(set.changes);
    if (set.changes.length === 0 && set.guards.length === 0) return { ok: true, results: [] };
    const { guards, indexVersion } = set;
    const weight = set.changes.reduce((sum, change) => sum + weightOf(change), 0);
    const small = set.changes.length <= SLICE_CHANGES && weight <= SLICE_WEIGHT;
    const changes = small ? encode(set.changes) : await stage(set.changes);
    return toOutcome(set, await committer.add({ wire: { clinic, guards, indexVersion, changes }, weight }));
  };
  const tracked = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    return work.finally(() => underWay.delete(work));
  };

  return {
    write: (clinic, set) => tracked(write(clinic, set)),
    replaceEntries: (clinic, items) => tracked(replaceAll(thread, clinic, items)),
    erase: (clinic, targets) =>
      tracked(thread.call(WRITER, 'erase', { clinic, targets } satisfies EraseRequest) as Promise<ErasedResource[]>),
    scrub: () => tracked(thread.call(WRITER, 'scrub', undefined) as Promise<void>),
    async idle() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

async function replaceAll(thread: SqliteThread, clinic: ClinicId, items: readonly EntryReplacement[]): Promise<void> {
  for (let i = 0; i < items.length; i += REPLACE_AT_ONCE) {
    const some = items.slice(i, i + REPLACE_AT_ONCE).map((item) => ({ ...item, entries: packEntries(item.entries) }));
    await thread.call(WRITER, 'replace', { clinic, items: some } satisfies ReplaceRequest);
  }
}

/** Sends changes ahead; between slices, others have the event loop and the writer. */
function createStage(thread: SqliteThread): (changes: readonly Change[]) => Promise<{ staged: number }> {
  let keys = 0;
  return async (changes) => {
    const key = (keys += 1);
    const encode = createChangeEncoder();
    const slice = createSlice();
    const calls: Promise<unknown>[] = [];
    for (const part of slicesOf(changes)) {
      calls.push(thread.call(WRITER, 'stage', { key, changes: encode(part) } satisfies StageRequest));
      await slice.breathe();
    }
    const sent = await Promise.allSettled(calls);
    const failed = sent.find((call) => call.status === 'rejected');
    if (!failed) return { staged: key };
    await thread.call(WRITER, 'unstage', { key });
    throw failed.reason;
  };
}

function* slicesOf(changes: readonly Change[]): Generator<readonly Change[]> {
  let from = 0;
  let weight = 0;
  for (const [i, change] of changes.entries()) {
    weight += weightOf(change);
    if (weight < SLICE_WEIGHT && i - from + 1 < SLICE_CHANGES) continue;
    yield changes.slice(from, i + 1);
    [from, weight] = [i + 1, 0];
  }
  if (from < changes.length) yield changes.slice(from);
}

function assertDistinct(changes: readonly Change[]): void {
  if (changes.length < 2) return;
  const keys = new Set<string>();
  for (const { type, id } of changes) {
    const key = `${type}/${id}`;
    if (keys.has(key)) throw fhirError('conflict', `${key} is changed twice in one set`, 'Change each resource once.');
    keys.add(key);
  }
}

function toOutcome(set: WriteSet, outcome: WireOutcome): WriteOutcome {
  if (outcome.ok === true) return { ok: true, results: toResults(set, outcome.results) };
  if (outcome.ok === false) return outcome;
  throw Object.assign(new Error(outcome.message), outcome.detail);
}

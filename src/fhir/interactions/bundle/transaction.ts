/** All or nothing: https://hl7.org/fhir/R4/http.html#transaction */
import { createSlice } from '../../model/slices.ts';
import type { BundleParts } from '../../model/json/bundle.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { Change, Put, WriteResult } from '../../store/port.ts';
import type { Source } from '../../work/tools.ts';
import type { FhirResponse } from '../message.ts';
import type { Call } from '../router.ts';
import { commit, conflictUnder, type Plan } from '../write/commit.ts';
import { prepareDelete, preparePut } from '../write/prepare.ts';
import { inSlices } from '../slices.ts';
import { provenanceOf } from '../write/provenance.ts';
import { atEntry, placeOf, type BundleEntry } from './entry.ts';
import { patchedPut } from './patch-entry.ts';
import { isWrite, planSteps, type Step } from './plan.ts';
import { readEntries } from './read-bundle.ts';
import { resolveLinks, type Links } from './resolve-links.ts';
import { withLinks } from './rewrite-links.ts';
import { createEntryReader } from './read-entry.ts';
import { renderResponse, writtenAnswer, type EntryAnswer } from './response.ts';

/** Runs a transaction Bundle. Throws the first failing entry's error, with its place; then nothing was written. */
export async function transaction(call: Call, parts: BundleParts): Promise<FhirResponse> {
  const { deps, request } = call;
  const written = await commit(deps, request.context, () => planTransaction(call, parts));
  const answers: EntryAnswer[] = [];
  const reader = createEntryReader(call);
  for (const entry of written.entries) {
    // GETs come last and see what was committed; from then on none can fail the whole.
    answers.push(written.answers.get(entry.index) ?? (await (written.isCommitted ? reader.readOrReport(entry) : reader.read(entry))));
  }
  return renderResponse(call, 'transaction-response', answers);
}

interface Written {
  readonly entries: readonly BundleEntry[];
  readonly isCommitted: boolean;
  readonly answers: ReadonlyMap<number, EntryAnswer>;
}

async function planTransaction(call: Call, parts: BundleParts): Promise<Plan<Written>> {
  const entries = await readEntries(call, parts);
  const steps = await planSteps(call, entries);
  for (const entry of entries) if (!isWrite(entry)) refuseUnroutable(entry);
  const links = await resolveLinks(call, steps);
  const changes = await prepareChanges(call, steps, links);
  const writing = steps.filter((s) => s.does !== 'keep' && s.does !== 'none');
  const guards = steps.flatMap((s) => s.guard ?? []);
  if (changes.length === 0) return { answer: await writtenOf(call, entries, steps, { changes, results: [] }) };
  await tryReads(call, entries, changes);
  const provenance = await provenanceOf(call.deps, call.request.context, call.request.headers, changes);
  return {
    changes: [...changes, ...provenance],
    guards,
    committed: (results) => writtenOf(call, entries, steps, { changes, results }),
    conflict: (change, actual) => conflictAt(writing, change, actual, changes),
    refused: (change, error) => atEntry(error, writing[changes.indexOf(change)]?.entry.index ?? 0),
  };
}

/** What a GET of what is written here answers shows after the commit; any other must succeed before it, or nothing is written. */
async function tryReads(call: Call, entries: readonly BundleEntry[], changes: readonly Change[]): Promise<void> {
  const reads = entries.filter((e) => !isWrite(e));
  if (reads.length === 0) return;
  const written = new Set(changes.map((c) => `${c.type}/${c.id}`));
  const reader = createEntryReader(call);
  for (const entry of reads) if (!written.has(entry.path.slice(0, 2).join('/'))) await reader.read(entry);
}

function refuseUnroutable(entry: BundleEntry): void {
  if (entry.method === 'GET' || entry.method === 'HEAD' || entry.method === 'POST') return;
  throw fhirError('not-supported', 'this method is not part of a transaction', 'Send it on its own.', placeOf(entry.index));
}

async function prepareChanges(call: Call, steps: readonly Step[], links: Links): Promise<Change[]> {
  const slice = createSlice();
  const changes: Change[] = [];
  for (const step of steps) {
    if (step.does === 'keep' || step.does === 'none') continue;
    try {
      const change = prepareStep(call, step, links);
      changes.push(change instanceof Promise ? await change : change);
    } catch (error) {
      throw atEntry(error, step.entry.index);
    }
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return changes;
}

function prepareStep(call: Call, step: Step, links: Links): Change | Promise<Change> {
  if (step.does === 'delete') return prepareDelete(call.request.context, step, step.expected);
  const { resource, method } = step.entry;
  if (!resource) throw fhirError('invalid-structure', `${method} needs a resource`, 'Add entry.resource.');
  const linked = withLinks(call, step.entry, resource, links);
  return linked instanceof Promise ? linked.then((source) => prepareLinked(call, step, source)) : prepareLinked(call, step, linked);
}

function prepareLinked(call: Call, step: Step, source: Source): Put | Promise<Put> {
  if (step.does === 'patch') return patchedPut(call, step, source);
  const { method, path } = step.entry;
  const bodyId = method === 'PUT' ? (path.length > 1 ? 'required' : 'if given') : 'any';
  const { expected } = step;
  return preparePut(call.deps, call.request.context, source, {
    key: step,
    expected,
    interaction: step.does === 'create' ? 'create' : 'update',
    bodyId,
  });
}

type Committed = { readonly changes: readonly Change[]; readonly results: readonly WriteResult[] };

async function writtenOf(
  call: Call,
  entries: readonly BundleEntry[],
  steps: readonly Step[],
  { changes, results }: Committed,
): Promise<Written> {
  const answers = new Map<number, EntryAnswer>();
  let next = 0;
  await inSlices(steps, async (step) => {
    const place = step.does === 'keep' || step.does === 'none' ? -1 : next++;
    answers.set(step.entry.index, await writtenAnswer(call, step, changes[place], results[place]));
  });
  return { entries, answers, isCommitted: changes.length > 0 };
}

function conflictAt(
  writing: readonly Step[],
  change: Change,
  actual: number | undefined,
  changes: readonly Change[],
): FhirError | undefined {
  const step = writing[changes.indexOf(change)];
  // What was planned on the state of the store is planned anew: that has changed.
  if (step === undefined || step.does === 'patch' || step.unmatched !== undefined) return undefined;
  return atEntry(conflictUnder(step.entry.headers)(change, actual), step.entry.index) as FhirError;
}

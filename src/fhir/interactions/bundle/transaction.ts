/** All or nothing: https://hl7.org/fhir/R4/http.html#transaction */
import { createSlice } from '../../model/slices.ts';
import type { BundleParts } from '../../model/json/bundle.ts';
import type { JsonDocument } from '../../model/json.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { Change, WriteResult } from '../../store/port.ts';
import type { FhirResponse } from '../message.ts';
import type { Call } from '../router.ts';
import { commit, conflictUnder, type Plan } from '../write/commit.ts';
import { checkBodyId, prepareDelete, preparePut } from '../write/prepare.ts';
import { atEntry, placeOf, type BundleEntry } from './entry.ts';
import type { LinkRewriter } from './links.ts';
import { patchedPut } from './patch-entry.ts';
import { isWrite, planSteps, type Step } from './plan.ts';
import { readEntries } from './read-bundle.ts';
import { resolveLinks, type Links } from './resolve-links.ts';
import { createEntryReader } from './read-entry.ts';
import { renderResponse, writtenAnswer, type EntryAnswer } from './response.ts';

/** Runs a transaction Bundle. Throws the first failing entry's error, with its place; then nothing was written. */
export async function transaction(call: Call, parts: BundleParts, rewriter: LinkRewriter): Promise<FhirResponse> {
  const { deps, request } = call;
  const written = await commit(deps, request.context, () => planTransaction(call, parts, rewriter));
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

async function planTransaction(call: Call, parts: BundleParts, rewriter: LinkRewriter): Promise<Plan<Written>> {
  const entries = await readEntries(call, parts);
  const steps = await planSteps(call, entries);
  for (const entry of entries) if (!isWrite(entry)) refuseUnroutable(entry);
  const links = await resolveLinks(call, steps);
  const changes = await prepareChanges(call, steps, links, rewriter);
  const writing = steps.filter((s) => s.does !== 'keep' && s.does !== 'none');
  const guards = steps.flatMap((s) => s.guard ?? []);
  if (changes.length === 0) return { answer: writtenOf(call, entries, steps, { changes, results: [] }) };
  await tryReads(call, entries, changes);
  return {
    changes,
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

async function prepareChanges(call: Call, steps: readonly Step[], links: Links, rewriter: LinkRewriter): Promise<Change[]> {
  const slice = createSlice();
  const changes: Change[] = [];
  for (const step of steps) {
    if (step.does === 'keep' || step.does === 'none') continue;
    try {
      const change = prepareStep(call, step, links, rewriter);
      changes.push(change instanceof Promise ? await change : change);
    } catch (error) {
      throw atEntry(error, step.entry.index);
    }
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return changes;
}

function prepareStep(call: Call, step: Step, links: Links, rewriter: LinkRewriter): Change | Promise<Change> {
  const { deps, request } = call;
  if (step.does === 'delete') return prepareDelete(request.context, step, step.expected);
  const resource = step.entry.resource;
  if (!resource) throw fhirError('invalid-structure', `${step.entry.method} needs a resource`, 'Add entry.resource.');
  const linked = rewritten(resource, step, links, rewriter);
  if (step.does === 'patch') return patchedPut(call, step, linked);
  if (step.entry.method === 'PUT' && (step.entry.path.length > 1 || resource.value['id'] !== undefined)) checkBodyId(linked, step.id);
  return preparePut(deps, request.context, linked, step, step.expected, step.does === 'create' ? 'create' : 'update');
}

/** Both readings of the document get the same links. */
function rewritten(document: JsonDocument, step: Step, links: Links, rewriter: LinkRewriter): JsonDocument {
  const replace = (link: string, kind: 'reference' | 'uri'): string | undefined => links.replace(step.entry, link, kind);
  const value = rewriter.rewrite(document.value, replace);
  return { value, exact: document.exact === document.value ? value : rewriter.rewrite(document.exact, replace) };
}

type Committed = { readonly changes: readonly Change[]; readonly results: readonly WriteResult[] };

function writtenOf(call: Call, entries: readonly BundleEntry[], steps: readonly Step[], { changes, results }: Committed): Written {
  const answers = new Map<number, EntryAnswer>();
  let next = 0;
  for (const step of steps) {
    const place = step.does === 'keep' || step.does === 'none' ? -1 : next++;
    answers.set(step.entry.index, writtenAnswer(call, step, changes[place], results[place]));
  }
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

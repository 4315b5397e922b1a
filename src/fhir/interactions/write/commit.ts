/** Commits what a plan wants written, and plans anew when what it stood on has changed meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { asSeq } from '../../model/ids.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { ResourceKey } from '../../model/ids.ts';
import { isExpected, type Change, type Expected, type Guard, type WriteOutcome, type WriteResult } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { FhirRequest, RequestContext } from '../message.ts';
import { authorise, isOpen, StalePlan, type Authorised, type Intended } from './authorise.ts';

/** What one try would write; or the answer, where nothing has to be written. */
export type Plan<Answer> = { readonly answer: Answer } | Proposal<Answer>;

export interface Proposal<Answer> extends Intended {
  readonly guards: readonly Guard[];
  /** The answer once all is committed. `results` are those of `changes`, in their order. */
  readonly committed: (results: readonly WriteResult[]) => Answer | Promise<Answer>;
}

const LONGEST_PAUSE_MS = 50;

/**
 * Runs `plan` and commits it until it holds, `attempts` times at most, and until the request's deadline. Throws what `plan`
 * or `conflict` say, `forbidden` and `not-found` for what the caller may not do, or `conflict` when it never held.
 */
export async function commit<Answer>(
  deps: FhirDeps,
  context: RequestContext,
  plan: () => Promise<Plan<Answer>>,
  attempts: number = deps.limits.maxWriteAttempts,
): Promise<Answer> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const planned = await plan();
    if ('answer' in planned) return planned.answer;
    const results = isOpen(context, planned.changes)
      ? await write(deps, context, planned, planned.changes)
      : await writeAuthorised(deps, context, planned);
    if (results) return planned.committed(results);
    if (deps.clock.now() > context.deadline) break;
    await delay(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
  }
  throw keptChanging();
}

type Results = readonly WriteResult[] | undefined;

/** Undefined: to be planned anew. */
async function write(deps: FhirDeps, context: RequestContext, planned: Proposal<unknown>, changes: readonly Change[]): Promise<Results> {
  const set = { changes, guards: planned.guards, indexVersion: deps.extractor.indexVersion };
  const outcome = await deps.store.write(context.principal.clinic, set);
  if (outcome.ok) return outcome.results;
  const error = errorOf(planned, changes, outcome);
  if (error) throw error;
  return undefined;
}

async function writeAuthorised(deps: FhirDeps, context: RequestContext, planned: Proposal<unknown>): Promise<Results> {
  const authorised = await authorise(deps, context, planned).catch((error: unknown) => {
    if (error instanceof StalePlan) return undefined;
    throw error;
  });
  if (!authorised) return undefined;
  const changes = authorised.filter((c): c is Change => c !== undefined);
  const conflict: typeof planned.conflict = (change, actual) => {
    const asked = planned.changes[authorised.indexOf(change)];
    // The version that was judged is not the caller's to know of: what is there now is judged anew.
    return asked?.expected === change.expected ? planned.conflict(asked, actual) : undefined;
  };
  const results = changes.length === 0 ? [] : await write(deps, context, { ...planned, conflict }, changes);
  return results && inPlace(planned.changes, authorised, results);
}

/** Where nothing was to be written, the result says so. */
function inPlace(asked: readonly Change[], authorised: readonly Authorised[], results: readonly WriteResult[]): WriteResult[] {
  const written = results.values();
  return asked.map(
    ({ type, id }, i) => (authorised[i] && written.next().value) ?? { type, id, outcome: 'unchanged', versionId: 0, at: 0, seq: asSeq(0) },
  );
}

export const keptChanging = (): FhirError => fhirError('conflict', 'what the request depends on kept changing', 'Try again.');

/** For a resource that the caller named by version or by id: a conflict is final. */
export function versionConflict(change: Pick<Change, 'type' | 'id' | 'expected'>, actual: number | undefined): FhirError {
  const where = `${change.type}/${change.id}`;
  if (change.expected === 'absent') {
    return fhirError('conflict', 'a resource with this id exists', 'Use another id, or update the resource.', where);
  }
  const current = actual === undefined ? 'there is no current version' : `the current version is ${actual}`;
  return fhirError(
    'precondition-failed',
    `${named(change.expected)}, but ${current}`,
    'Read it again and apply the change to that.',
    where,
  );
}

function named(expected: Expected): string {
  if (expected === 'present') return 'If-Match: * was given';
  if (typeof expected !== 'object') return `If-Match names version ${expected}`;
  return expected.length === 0 ? 'If-Match names no version that can be' : `If-Match names versions ${expected.join(', ')}`;
}

/** The same under the headers of the request: with If-None-Match: * an update only creates. */
export const conflictUnder = (headers: FhirRequest['headers']): typeof versionConflict =>
  headers['if-none-match'] === undefined || headers['if-match'] !== undefined ? versionConflict : exists;

const exists = ({ type, id }: Pick<Change, 'type' | 'id'>): FhirError =>
  fhirError(
    'precondition-failed',
    'If-None-Match: * was given, but the resource exists',
    'Leave it out, or use If-Match.',
    `${type}/${id}`,
  );

/** Throws `precondition-failed` unless the headers hold for the version that is current, `undefined` if none is. */
export function assertExpected(headers: FhirRequest['headers'], key: ResourceKey, expected: Expected, actual: number | undefined): void {
  if (!isExpected(expected, actual)) throw conflictUnder(headers)({ type: key.type, id: key.id, expected }, actual);
}

function errorOf(
  planned: Proposal<unknown>,
  changes: readonly Change[],
  outcome: Exclude<WriteOutcome, { ok: true }>,
): FhirError | undefined {
  if (outcome.failed === 'guard') return undefined;
  const change = changes[outcome.index];
  return change && planned.conflict(change, outcome.actual);
}

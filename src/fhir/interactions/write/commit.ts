/** Commits what a plan wants written, and plans anew when what it stood on has changed meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { asSeq } from '../../model/ids.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { Change, Guard, WriteOutcome, WriteResult } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { FhirRequest, RequestContext } from '../message.ts';
import { authorise, isOpen, StalePlan, type Authorised } from './authorise.ts';

/** What one try would write; or the answer, where nothing has to be written. */
export type Plan<Answer> = { readonly answer: Answer } | Proposal<Answer>;

export interface Proposal<Answer> {
  readonly changes: readonly Change[];
  readonly guards: readonly Guard[];
  /** The answer once all is committed. `results` are those of `changes`, in their order. */
  readonly committed: (results: readonly WriteResult[]) => Answer;
  /** The error that a change with another current version than expected means; undefined: plan anew. */
  readonly conflict: (change: Change, actual: number | undefined) => FhirError | undefined;
  /** The error of a change that the caller may not make, with its place; absent: as it is. */
  readonly refused?: (change: Change, error: FhirError) => unknown;
}

const LONGEST_PAUSE_MS = 50;

/**
 * Runs `plan` and commits it until it holds. Throws what `plan` or `conflict` say, `forbidden` and `not-found` for what the
 * caller may not do, or `conflict` when it never held.
 */
export async function commit<Answer>(deps: FhirDeps, context: RequestContext, plan: () => Promise<Plan<Answer>>): Promise<Answer> {
  for (let attempt = 1; attempt <= deps.limits.maxWriteAttempts; attempt++) {
    const planned = await plan();
    if ('answer' in planned) return planned.answer;
    const results = isOpen(context, planned.changes)
      ? await write(deps, context, planned, planned.changes)
      : await writeAuthorised(deps, context, planned);
    if (results) return planned.committed(results);
    if (deps.clock.now() > context.deadline) break;
    await delay(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
  }
  throw fhirError('conflict', 'what the request depends on kept changing', 'Try again.');
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

/** For a resource that the caller named by version or by id: a conflict is final. */
export function versionConflict(change: Pick<Change, 'type' | 'id' | 'expected'>, actual: number | undefined): FhirError {
  const where = `${change.type}/${change.id}`;
  if (change.expected === 'absent') {
    return fhirError('conflict', 'a resource with this id exists', 'Use another id, or update the resource.', where);
  }
  const current = actual === undefined ? 'there is no current version' : `the current version is ${actual}`;
  return fhirError(
    'precondition-failed',
    `If-Match names version ${change.expected}, but ${current}`,
    'Read it again and apply the change to that.',
    where,
  );
}

/** The same under the headers of the request: with If-None-Match: * an update only creates. */
export const conflictUnder = (headers: FhirRequest['headers']): typeof versionConflict =>
  headers['if-none-match'] === undefined ? versionConflict : exists;

const exists = ({ type, id }: Pick<Change, 'type' | 'id'>): FhirError =>
  fhirError('precondition-failed', 'If-None-Match: * was given, but the resource exists', 'Update it with If-Match.', `${type}/${id}`);

function errorOf(
  planned: Proposal<unknown>,
  changes: readonly Change[],
  outcome: Exclude<WriteOutcome, { ok: true }>,
): FhirError | undefined {
  if (outcome.failed === 'guard') return undefined;
  const change = changes[outcome.index];
  return change && planned.conflict(change, outcome.actual);
}

/** Commits what a plan wants written, and plans anew when what it stood on has changed meanwhile. */
import { setTimeout as delay } from 'node:timers/promises';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { ResourceKey } from '../../model/ids.ts';
import { isExpected, type Change, type Expected, type Guard, type WriteOutcome, type WriteResult } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { FhirRequest, RequestContext } from '../message.ts';

/** What one try would write; or the answer, where nothing has to be written. */
export type Plan<Answer> = { readonly answer: Answer } | Proposal<Answer>;

export interface Proposal<Answer> {
  readonly changes: readonly Change[];
  readonly guards: readonly Guard[];
  /** The answer once all is committed. `results` are those of `changes`, in their order. */
  readonly committed: (results: readonly WriteResult[]) => Answer | Promise<Answer>;
  /** The error that a change with another current version than expected means; undefined: plan anew. */
  readonly conflict: (change: Change, actual: number | undefined) => FhirError | undefined;
}

type Failure = Exclude<WriteOutcome, { ok: true }>;

const LONGEST_PAUSE_MS = 50;

/**
 * Runs `plan` and commits it until it holds, `attempts` times at most, and until the request's deadline. Throws what `plan`
 * or `conflict` say, or `conflict` when it never held.
 */
export async function commit<Answer>(
  deps: FhirDeps,
  context: RequestContext,
  plan: () => Promise<Plan<Answer>>,
  attempts: number = deps.limits.maxWriteAttempts,
): Promise<Answer> {
  const { clinic } = context.principal;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const planned = await plan();
    if ('answer' in planned) return planned.answer;
    const set = { changes: planned.changes, guards: planned.guards, indexVersion: deps.extractor.indexVersion };
    const outcome = await deps.store.write(clinic, set);
    if (outcome.ok) return planned.committed(outcome.results);
    throwIfFinal(planned, outcome);
    if (deps.clock.now() > context.deadline) break;
    await delay(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
  }
  throw keptChanging();
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

function throwIfFinal<Answer>(planned: Proposal<Answer>, outcome: Failure): void {
  if (outcome.failed === 'guard') return;
  const change = planned.changes[outcome.index];
  const error = change && planned.conflict(change, outcome.actual);
  if (error) throw error;
}

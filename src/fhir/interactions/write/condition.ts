/** Criteria of conditional interactions: https://hl7.org/fhir/R4/http.html#cond-update. */
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { ResourceId, ResourceType } from '../../model/ids.ts';
import type { Node } from '../../search/ast.ts';
import type { Guard, FoundVersion } from '../../store/port.ts';
import { parseCriteria, settle } from '../criteria.ts';
import type { FhirDeps } from '../deps.ts';
import type { FhirRequest, RequestContext } from '../message.ts';
import { knows } from '../permit.ts';
import { versionConflict } from './commit.ts';

export interface Condition {
  readonly type: ResourceType;
  /** As given, for messages. */
  readonly criteria: string;
  /** What the criteria say; chains and the access filter come at resolution. */
  readonly where: Node;
}

export interface Matches {
  /** At most two: none, the one, or "several". */
  readonly ids: readonly ResourceId[];
  /** Those of `ids`, in the same order. */
  readonly versions: readonly FoundVersion[];
  /** Pins this answer inside the commit. Of use where there are less than two. */
  readonly guard: Guard;
}

/** Parses `identifier=a|b&active=true`. Throws `invalid-parameter` and `unknown-parameter`; criteria that restrict nothing are refused. */
export function parseCondition(deps: FhirDeps, context: RequestContext, type: ResourceType, criteria: string): Condition {
  const where = parseCriteria(deps, context, type, criteria);
  if (where.op === 'all')
    throw fhirError(
      'invalid-parameter',
      'a condition needs at least one search parameter',
      'Name the resource, such as identifier=system|value.',
    );
  return { type, criteria, where };
}

/** What matches now. */
export async function findMatches(deps: FhirDeps, context: RequestContext, condition: Condition): Promise<Matches> {
  const { type } = condition;
  const where = await settle(deps, context, type, condition.where);
  const query = { types: [type], where, order: 'natural', limit: 2, deadline: context.deadline } as const;
  const { items } = where.op === 'none' ? { items: [] } : await deps.store.search(context.principal.clinic, query);
  const ids = items.map((v) => v.id);
  return { ids, versions: items, guard: { type, where, ids } };
}

/** The one match, or undefined; throws `multiple-matches` (412). */
export function onlyMatch(condition: Condition, matches: Matches): ResourceId | undefined {
  if (matches.ids.length < 2) return matches.ids[0];
  throw fhirError('multiple-matches', `several resources match the criteria for ${condition.type}`, 'Make the criteria more selective.');
}

/** If-Match can't hold where nothing matches. Throws `precondition-failed`. */
export function assertNoIfMatch(type: ResourceType, headers: FhirRequest['headers']): void {
  if (headers['if-match'] === undefined) return;
  throw fhirError('precondition-failed', 'If-Match was given, but no resource matches the criteria', 'Correct the criteria.', type);
}

/**
 * What to throw if nothing matches: the id that the body gives is another resource's. Asked before the matches are, so that
 * one which was written in between is among them. One that the caller may not know of counts as none.
 */
export async function takenBy(
  deps: FhirDeps,
  context: RequestContext,
  type: ResourceType,
  id: ResourceId | undefined,
): Promise<FhirError | undefined> {
  if (id === undefined) return undefined;
  const current = await deps.store.read(context.principal.clinic, { type, id });
  if (current === undefined || current.deleted || !(await knows(deps, context, current))) return undefined;
  return versionConflict({ type, id, expected: 'absent' }, current.versionId);
}

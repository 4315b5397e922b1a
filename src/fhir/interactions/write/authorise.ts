/**
 * Whether changes may be made: of what is written the version before and the one after match the access filter. What was
 * judged is what is changed: a version that was looked at becomes the expected one.
 */
import type { Action } from '../../model/principal.ts';
import { createSlice } from '../../model/slices.ts';
import { FhirError } from '../../outcome/error.ts';
import type { Unsaved } from '../../search/holds.ts';
import type { Subject } from '../../search/match.ts';
import type { Change, Delete, Put, StoredVersion } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { RequestContext } from '../message.ts';
import { judgedBy, keyText, knows, permits, permitsSubject } from '../permit.ts';
import { forbidden, notFound } from '../visible.ts';
import type { Proposal } from './commit.ts';
import { readCurrents } from './currents.ts';

/** In the place of a change: what is to be written, or undefined where nothing is (the deletion of what isn't there). */
export type Authorised = Change | undefined;

/** Thrown where a change was planned on a version that isn't current any more: to be planned anew. */
export class StalePlan extends Error {}

/** Whether the caller may do all that to anything: then nothing has to be looked at. */
export const isOpen = (context: RequestContext, changes: readonly Change[]): boolean => changes.every((c) => isOpenTo(context, c));

function isOpenTo({ access }: RequestContext, { op, type }: Change): boolean {
  if (op === 'delete') return access.restrict(type, 'delete') === 'all';
  return access.visibleOf(type) === undefined && access.restrict(type, 'create') === 'all' && access.restrict(type, 'update') === 'all';
}

interface Judging {
  readonly deps: FhirDeps;
  readonly context: RequestContext;
  readonly unsaved: Unsaved;
  readonly conflict: Proposal<unknown>['conflict'];
}

/** What is to be written of `proposal`, change by change. Throws `forbidden`, `not-found`, what `conflict` says, or `StalePlan`. */
export async function authorise(deps: FhirDeps, context: RequestContext, proposal: Proposal<unknown>): Promise<Authorised[]> {
  const { changes, conflict } = proposal;
  const closed = changes.filter((c) => !isOpenTo(context, c));
  const currents = await readCurrents(
    deps,
    context,
    closed.filter((c) => !isFresh(c)),
  );
  const judging: Judging = { deps, context, conflict, unsaved: new Map(changes.map((c) => [keyText(c), afterOf(deps, c)])) };
  const slice = createSlice();
  const authorised: Authorised[] = [];
  for (const change of changes) {
    const current = currents.get(keyText(change));
    authorised.push(isOpenTo(context, change) ? change : await placed(proposal, change, authoriseOne(judging, change, current)));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return authorised;
}

async function placed<T>({ refused }: Proposal<unknown>, change: Change, judged: Promise<T>): Promise<T> {
  try {
    return await judged;
  } catch (error) {
    throw refused && error instanceof FhirError ? refused(change, error) : error;
  }
}

/** A resource under an id that was made for it. */
const isFresh = (change: Change): boolean => change.op === 'put' && change.trace.interaction === 'create' && change.expected === 'absent';

const authoriseOne = (judging: Judging, change: Change, current: StoredVersion | undefined): Promise<Authorised> =>
  change.op === 'delete' ? authoriseDelete(judging, change, current) : authorisePut(judging, change, current);

/** Of what the caller may not know of, the deletion does what that of nothing does. */
async function authoriseDelete(judging: Judging, change: Delete, current: StoredVersion | undefined): Promise<Authorised> {
  const { deps, context } = judging;
  if (current && !current.deleted) {
    if (await permits(deps, context, 'delete', current)) return pinned(judging, change, current.versionId);
    if (await knows(deps, context, current)) throw forbidden('delete', change);
  }
  refuseVersion(judging, change, undefined);
  return undefined;
}

async function authorisePut(judging: Judging, change: Put, current: StoredVersion | undefined): Promise<Authorised> {
  const { deps, context } = judging;
  if (current && !current.deleted) {
    const may = await permits(deps, context, 'update', current);
    if (may || (await knows(deps, context, current))) {
      if (!may || context.access.visibleOf(change.type) !== undefined) throw forbidden('update', change);
      await assertAfter(judging, 'update', change);
      return pinned(judging, change, current.versionId);
    }
  }
  refuseVersion(judging, change, undefined);
  await assertAfter(judging, 'create', change);
  if (current && !(await knewOf(judging, current))) throw notFound(change);
  return { ...change, expected: 'absent' };
}

/** Whether a resource that was deleted was the caller's to know of: its id may be used again by no one else. */
async function knewOf({ deps, context }: Judging, current: StoredVersion): Promise<boolean> {
  const last = current.deleted ? await judgedBy(deps, context, current) : undefined;
  return last !== undefined && (await knows(deps, context, last));
}

async function assertAfter({ deps, context, unsaved }: Judging, action: Action, change: Put): Promise<void> {
  const after = unsaved.get(keyText(change)) as Subject;
  if (!(await permitsSubject(deps, context, action, after, unsaved))) throw forbidden(action, change);
}

const afterOf = (deps: FhirDeps, change: Change): Subject | undefined =>
  change.op === 'delete' ? undefined : { type: change.type, id: change.id, lastUpdated: deps.clock.now(), entries: change.entries };

function pinned<C extends Change>(judging: Judging, change: C, judged: number): C {
  refuseVersion(judging, change, judged);
  return { ...change, expected: judged };
}

/** What the caller or the plan expects, and what isn't so of the version that was judged. */
function refuseVersion({ conflict }: Judging, change: Change, actual: number | undefined): void {
  if (change.expected === 'any' || change.expected === (actual ?? 'absent')) return;
  throw conflict(change, actual) ?? new StalePlan();
}

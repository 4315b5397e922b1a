/** Whether a version may be seen or changed: the access filter's tree, evaluated on that very version. */
import type { ResourceKey } from '../model/ids.ts';
import type { Action } from '../model/principal.ts';
import type { IndexEntries } from '../search/entries.ts';
import { holds, type Unsaved } from '../search/holds.ts';
import type { Subject } from '../search/match.ts';
import type { LinkScope } from '../search/resolve/links.ts';
import type { StoredVersion } from '../store/port.ts';
import type { FhirDeps } from './deps.ts';
import type { RequestContext } from './message.ts';

type Answer = boolean | Promise<boolean>;

/** Whether `action` may be done to the version. Without a filter it costs nothing. */
export function permits(deps: FhirDeps, context: RequestContext, action: Action, version: StoredVersion): Answer {
  const filter = context.access.restrict(version.type, action);
  if (filter === 'all' || filter === 'none') return filter === 'all';
  const { work, timeZoneOf } = deps;
  const { type, id, at: lastUpdated, body } = version;
  const judge = (entries: IndexEntries): Answer => holds(scopeOf(deps, context), filter, { type, id, lastUpdated, entries });
  const entries = work.entriesFor({ body, type, tree: filter, timeZone: timeZoneOf(context.principal.clinic) });
  return entries instanceof Promise ? entries.then(judge) : judge(entries);
}

/** The same of a resource that isn't stored, beside others that aren't. */
export function permitsSubject(deps: FhirDeps, context: RequestContext, action: Action, subject: Subject, unsaved?: Unsaved): Answer {
  const filter = context.access.restrict(subject.type, action);
  if (filter === 'all' || filter === 'none') return filter === 'all';
  return holds(scopeOf(deps, context), filter, subject, unsaved);
}

const scopeOf = ({ store }: FhirDeps, { principal, deadline }: RequestContext): LinkScope => ({
  store,
  clinic: principal.clinic,
  deadline,
});

/** Whether the caller may know of the resource with that version: who finds it or reads it, does. */
export async function knows(deps: FhirDeps, context: RequestContext, version: StoredVersion): Promise<boolean> {
  return (await permits(deps, context, 'read', version)) || (await permits(deps, context, 'search', version));
}

/** What a version is judged by: a deletion by what was deleted. Undefined where nothing of that is left. */
export function judgedBy(deps: FhirDeps, context: RequestContext, version: StoredVersion): Promise<StoredVersion | undefined> {
  if (!version.deleted) return Promise.resolve(version);
  return deps.store.readVersion(context.principal.clinic, version, version.versionId - 1);
}

/** Whether a version, which may be a deletion, may be seen. */
export function maySee(deps: FhirDeps, context: RequestContext, action: 'read' | 'search', version: StoredVersion): Answer {
  return version.deleted ? maySeeDeletion(deps, context, action, version) : permits(deps, context, action, version);
}

async function maySeeDeletion(
  deps: FhirDeps,
  context: RequestContext,
  action: 'read' | 'search',
  deletion: StoredVersion,
): Promise<boolean> {
  if (context.access.restrict(deletion.type, action) === 'all') return true;
  const live = await judgedBy(deps, context, deletion);
  return live !== undefined && !live.deleted && (await permits(deps, context, action, live));
}

export const keyText = (key: ResourceKey): string => `${key.type}/${key.id}`;

/** Single resources under the access filter: what may not be seen isn't there. */
import type { ResourceKey } from '../model/ids.ts';
import type { Action } from '../model/principal.ts';
import { fhirError, type FhirError } from '../outcome/error.ts';
import type { StoredVersion } from '../store/port.ts';
import type { FhirDeps } from './deps.ts';
import type { RequestContext } from './message.ts';
import { judgedBy, knows, maySee, permits } from './permit.ts';

/** The same, whether it never was, or isn't the caller's to know of. */
export const notFound = (key: ResourceKey): FhirError =>
  fhirError('not-found', 'there is no such resource', 'Check its type and id.', `${key.type}/${key.id}`);

const gone = (key: ResourceKey): FhirError =>
  fhirError('gone', 'the resource was deleted', `Its versions are at ${key.type}/${key.id}/_history.`, `${key.type}/${key.id}`);

/** For what the caller may know of. */
export const forbidden = (action: Action, key: ResourceKey): FhirError =>
  fhirError('forbidden', `you may not ${action} this ${key.type}`, 'Ask someone who may.', `${key.type}/${key.id}`);

/** Throws `not-found` for what may not be read. Without a filter it costs nothing. */
export function assertVisible(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<void> | undefined {
  return context.access.restrict(key.type, 'read') === 'all' ? undefined : readUnderFilter(deps, context, key).then(() => undefined);
}

/** The current version. Throws `not-found`, `gone`. */
export async function readCurrent(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<StoredVersion> {
  const version = await readUnderFilter(deps, context, key);
  if (version.deleted) throw gone(key);
  return version;
}

/** The current version, to be patched: a patch may ask for any element, so all must be visible. Throws `forbidden` as well. */
export async function readToPatch(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<StoredVersion> {
  const version = await deps.store.read(context.principal.clinic, key);
  const live = version && (await judgedBy(deps, context, version));
  if (version === undefined || live === undefined || !(await knows(deps, context, live))) throw notFound(key);
  if (version.deleted) throw gone(key);
  const whole = context.access.visibleOf(key.type) === undefined;
  if (!whole || !(await permits(deps, context, 'update', version))) throw forbidden('update', key);
  return version;
}

/** Throws `not-found` for what isn't there and for what may not be read; a deletion is judged by what was deleted. */
async function readUnderFilter(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<StoredVersion> {
  const version = await deps.store.read(context.principal.clinic, key);
  const may = version !== undefined && maySee(deps, context, 'read', version);
  if (!version || !(may === true || (await may))) throw notFound(key);
  return version;
}

/** Single resources under the access filter: what may not be seen isn't there. */
import type { ResourceKey } from '../model/ids.ts';
import { fhirError, type FhirError } from '../outcome/error.ts';
import { and } from '../search/ast.ts';
import type { StoredVersion } from '../store/port.ts';
import { settle } from './criteria.ts';
import type { FhirDeps } from './deps.ts';
import type { RequestContext } from './message.ts';

/** The same, whether it never was, or isn't the caller's to know of. */
export const notFound = (key: ResourceKey): FhirError =>
  fhirError('not-found', 'there is no such resource', 'Check its type and id.', `${key.type}/${key.id}`);

const gone = (key: ResourceKey): FhirError =>
  fhirError('gone', 'the resource was deleted', `Its versions are at ${key.type}/${key.id}/_history.`, `${key.type}/${key.id}`);

/** Keys among `keys` whose current version may be seen. Under a filter, deleted resources can't be. */
export async function visibleKeys(deps: FhirDeps, context: RequestContext, keys: readonly ResourceKey[]): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (const [type, of] of Map.groupBy(keys, (k) => k.type)) {
    const filter = context.access.restrict(type, 'read');
    if (filter === 'none') continue;
    const ids = [...new Set(of.map((k) => k.id))];
    const allowed = filter === 'all' ? ids : await idsUnderFilter(deps, context, type, ids);
    for (const id of allowed) seen.add(`${type}/${id}`);
  }
  return seen;
}

/** Throws `not-found` for what may not be seen. Without a filter it costs nothing. */
export function assertVisible(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<void> | undefined {
  return context.access.restrict(key.type, 'read') === 'all' ? undefined : assertUnderFilter(deps, context, key);
}

/** An id that exists but may not be seen can't be written: it is answered as what isn't there. */
export function assertWritable(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<void> | undefined {
  if (context.access.restrict(key.type, 'read') === 'all') return undefined;
  return deps.store
    .read(context.principal.clinic, key)
    .then((current) => (current === undefined ? undefined : assertUnderFilter(deps, context, key)));
}

/** The current version. Throws `not-found`, `gone`. */
export async function readCurrent(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<StoredVersion> {
  const check = assertVisible(deps, context, key);
  if (check) await check;
  const version = await deps.store.read(context.principal.clinic, key);
  if (version === undefined) throw notFound(key);
  if (version.deleted) throw gone(key);
  return version;
}

async function assertUnderFilter(deps: FhirDeps, context: RequestContext, key: ResourceKey): Promise<void> {
  const seen = await visibleKeys(deps, context, [key]);
  if (!seen.has(`${key.type}/${key.id}`)) throw notFound(key);
}

async function idsUnderFilter(
  deps: FhirDeps,
  context: RequestContext,
  type: ResourceKey['type'],
  ids: readonly ResourceKey['id'][],
): Promise<string[]> {
  const where = await settle(deps, context, type, and({ op: 'id', ids }));
  if (where.op === 'none') return [];
  const query = { types: [type], where, order: 'natural', limit: ids.length, bodies: false, deadline: context.deadline } as const;
  const page = await deps.store.search(context.principal.clinic, query);
  return page.items.map((v) => v.id);
}

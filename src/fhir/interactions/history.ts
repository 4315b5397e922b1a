/** https://hl7.org/fhir/R4/http.html#history */
import { asResourceType, type Seq } from '../model/ids.ts';
import { fillPage } from '../search/fill.ts';
import type { HistoryPage, StoredVersion } from '../store/port.ts';
import { bundleText, type BundleEntryText, type BundleLink } from './bundle-text.ts';
import { etagOf } from './etag.ts';
import { historyQueryOf, historyValuesOf, nextQuery, ownQuery, type HistoryScope, type HistoryValues } from './history-query.ts';
import type { FhirResponse } from './message.ts';
import type { Call } from './router.ts';
import { inSlices } from './slices.ts';
import { viewIn, type View } from './view.ts';
import { assertVisible, notFound, visibleKeys } from './visible.ts';

/** Versions of one resource, of a type, or of all, newest first: as the path says. */
export async function history(call: Call): Promise<FhirResponse> {
  const { deps, request } = call;
  const values = historyValuesOf(call);
  const check = call.id === '' ? undefined : assertVisible(deps, request.context, call);
  if (check) await check;
  const query = historyQueryOf(call, scopeOf(call), values);
  const page = await fillPage<Seq, HistoryPage>(Math.max(query.limit, 1), (limit, below) =>
    deps.store.history(request.context.principal.clinic, { ...query, limit, ...(below === undefined ? {} : { below }) }),
  );
  if (page.items.length === 0) await assertExists(call);
  const countOnly = values.get('_summary') === 'count' || query.limit === 0;
  return render(call, values, countOnly ? { items: [], total: page.total } : page);
}

function scopeOf(call: Call): HistoryScope {
  if (call.id !== '') return { type: call.type, id: call.id };
  if (call.type !== '') return { type: call.type };
  const { access } = call.request.context;
  const types = [...call.deps.definitions.resourceTypes].filter((type) => access.restrict(type) !== 'none');
  return types.length === call.deps.definitions.resourceTypes.size ? {} : { types: types.map(asResourceType) };
}

/** An instance that never was has no history; an empty page of one that was is a page. */
async function assertExists(call: Call): Promise<void> {
  if (call.id === '') return;
  const current = await call.deps.store.read(call.request.context.principal.clinic, call);
  if (current === undefined) throw notFound(call);
}

async function render(call: Call, values: HistoryValues, page: HistoryPage): Promise<FhirResponse> {
  const view = values.get('_summary') === 'count' ? undefined : viewIn(call, values);
  const seen = await seenOf(call, page.items);
  const items = seen === 'all' ? page.items : page.items.filter((v) => seen.has(`${v.type}/${v.id}`));
  const entries = await inSlices(items, (version) => entryOf(call, version, view));
  const total = seen === 'all' ? page.total : undefined;
  return { status: 200, headers: {}, body: bundleText('history', total, linksOf(call, values, page), entries) };
}

function seenOf(call: Call, versions: readonly StoredVersion[]): 'all' | Promise<ReadonlySet<string>> {
  const { context } = call.request;
  return versions.every((v) => context.access.restrict(v.type) === 'all') ? 'all' : visibleKeys(call.deps, context, versions);
}

function linksOf(call: Call, values: HistoryValues, page: HistoryPage): BundleLink[] {
  const base = [call.request.context.baseUrl, ...call.request.path].join('/');
  const url = (query: string): string => (query === '' ? base : `${base}?${query}`);
  const own = ownQuery(values).join('&');
  const cursor = values.get('_cursor');
  const self = cursor === undefined ? own : `${own}${own === '' ? '' : '&'}_cursor=${cursor}`;
  return [
    { relation: 'self', url: url(self) },
    { relation: 'first', url: url(own) },
    ...(page.next === undefined ? [] : [{ relation: 'next', url: url(nextQuery(call, values, page.next)) } as const]),
  ];
}

const METHODS = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;

async function entryOf(call: Call, version: StoredVersion, view: View | undefined): Promise<BundleEntryText> {
  const { type, id, versionId, deleted, body } = version;
  const { interaction } = version.trace;
  const request = { method: METHODS[interaction], url: interaction === 'create' ? type : `${type}/${id}` };
  const status = deleted ? '204 No Content' : versionId === 1 ? '201 Created' : '200 OK';
  const response = { status, etag: etagOf(versionId), lastModified: new Date(version.at).toISOString() };
  return {
    fullUrl: `${call.request.context.baseUrl}/${type}/${id}`,
    ...(deleted ? {} : { resource: view === undefined ? body : await call.deps.work.show({ body, view }) }),
    rest: `"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}`,
  };
}

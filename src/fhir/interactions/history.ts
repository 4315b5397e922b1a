/** https://hl7.org/fhir/R4/http.html#history */
import { asResourceType } from '../model/ids.ts';
import type { StoredVersion } from '../store/port.ts';
import { bundleText, type BundleEntryText, type BundleLink } from './bundle-text.ts';
import { etagOf } from './etag.ts';
import { historyQueryOf, historyValuesOf, nextQuery, ownQuery, type HistoryScope, type HistoryValues } from './history-query.ts';
import type { FhirResponse } from './message.ts';
import type { Call } from './router.ts';
import { inSlices } from './slices.ts';
import { seenHistory, type SeenPage } from './seen-history.ts';
import { bodyFor, viewIn, type View } from './view.ts';
import { assertVisible, notFound } from './visible.ts';

/** Versions of one resource, of a type, or of all, newest first: as the path says. */
export async function history(call: Call): Promise<FhirResponse> {
  const { deps, request } = call;
  const values = historyValuesOf(call);
  const check = call.id === '' ? undefined : assertVisible(deps, request.context, call);
  if (check) await check;
  const query = historyQueryOf(call, scopeOf(call), values);
  const page = await seenHistory(deps, request.context, { ...query, limit: Math.max(query.limit, 1) });
  if (page.items.length === 0) await assertExists(call);
  const countOnly = values.get('_summary') === 'count' || query.limit === 0;
  return render(call, values, countOnly ? { ...page, items: [], next: undefined } : page);
}

function scopeOf(call: Call): HistoryScope {
  if (call.id !== '') return { type: call.type, id: call.id };
  if (call.type !== '') return { type: call.type };
  const { access } = call.request.context;
  const types = [...call.deps.definitions.resourceTypes].filter((type) => access.restrict(type, 'search') !== 'none');
  return types.length === call.deps.definitions.resourceTypes.size ? {} : { types: types.map(asResourceType) };
}

/** An instance that never was has no history; an empty page of one that was is a page. */
async function assertExists(call: Call): Promise<void> {
  if (call.id === '') return;
  const current = await call.deps.store.read(call.request.context.principal.clinic, call);
  if (current === undefined) throw notFound(call);
}

async function render(call: Call, values: HistoryValues, page: SeenPage): Promise<FhirResponse> {
  const view = values.get('_summary') === 'count' ? undefined : viewIn(call, values);
  const entries = await inSlices(page.items, (version) => entryOf(call, version, view));
  return { status: 200, headers: {}, body: bundleText('history', page.total, linksOf(call, values, page), entries) };
}

function linksOf(call: Call, values: HistoryValues, page: SeenPage): BundleLink[] {
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

function entryOf(call: Call, version: StoredVersion, view: View | undefined): BundleEntryText {
  const { type, id, versionId, deleted, body } = version;
  const { interaction } = version.trace;
  const request = { method: METHODS[interaction], url: interaction === 'create' ? type : `${type}/${id}` };
  const status = deleted ? '204 No Content' : versionId === 1 ? '201 Created' : '200 OK';
  const response = { status, etag: etagOf(versionId), lastModified: new Date(version.at).toISOString() };
  return {
    fullUrl: `${call.request.context.baseUrl}/${type}/${id}`,
    ...(deleted ? {} : { resource: bodyFor(call, type, body, view) }),
    rest: `"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}`,
  };
}

/** https://hl7.org/fhir/R4/http.html#search */
import { toOperationOutcome } from '../representation/outcome.ts';
import { runSearch, type SearchInput, type SearchItem, type SearchResult } from '../search/run.ts';
import { bundleText, type BundleEntryText, type BundleLink } from './bundle-text.ts';
import type { FhirResponse } from './message.ts';
import { preferenceOf } from './prefer.ts';
import type { Call } from './router.ts';
import { inSlices } from './slices.ts';
import { bodyFor, viewFor, type View } from './view.ts';

const CURSOR = /(?:^|&)_cursor=([^&]*)/;

/** A page of one type or of all: as the path says. A form that was posted is part of the query. */
export const search = (call: Call): Promise<FhirResponse> => searchPage(call, call.type === '' ? {} : { type: call.type }, call.type);

/** `path` is what the links have behind the base. */
export async function searchPage(call: Call, among: Pick<SearchInput, 'type' | 'within'>, path: string): Promise<FhirResponse> {
  const { deps, request } = call;
  const { handling } = preferenceOf(request);
  const found = await runSearch(deps, request.context, { query: request.query, handling, ...among });
  const view = viewFor(found.summary === 'count' ? undefined : found.summary, found.elements);
  const entries = await inSlices(found.items, (item) => entryOf(call, item, view));
  if (found.ignored.length > 0) entries.push(outcomeEntry(found));
  return { status: 200, headers: {}, body: bundleText('searchset', found.total, linksOf(call, found, path), entries) };
}

function linksOf(call: Call, found: SearchResult, path: string): BundleLink[] {
  const { baseUrl } = call.request.context;
  const base = path === '' ? baseUrl : `${baseUrl}/${path}`;
  const url = (cursor: string | undefined): string => {
    const query = cursor === undefined ? found.selfQuery : `${found.selfQuery}${found.selfQuery === '' ? '' : '&'}_cursor=${cursor}`;
    return query === '' ? base : `${base}?${query}`;
  };
  const cursor = CURSOR.exec(call.request.query)?.[1];
  return [
    { relation: 'self', url: url(cursor) },
    { relation: 'first', url: url(undefined) },
    ...(found.nextCursor === undefined ? [] : [{ relation: 'next', url: url(found.nextCursor) } as const]),
  ];
}

function entryOf(call: Call, { version, mode }: SearchItem, view: View | undefined): BundleEntryText {
  return {
    fullUrl: `${call.request.context.baseUrl}/${version.type}/${version.id}`,
    resource: bodyFor(call, version.type, version.body, view),
    rest: mode === 'match' ? '"search":{"mode":"match"}' : '"search":{"mode":"include"}',
  };
}

/** What was passed over: https://hl7.org/fhir/R4/search.html#errors */
const outcomeEntry = (found: SearchResult): BundleEntryText => ({
  resource: Buffer.from(JSON.stringify(toOperationOutcome(found.ignored))),
  rest: '"search":{"mode":"outcome"}',
});

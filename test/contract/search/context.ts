/** What the parts of the search contract share: writing fixtures, and asking as HTTP does. */
import { asClinicId, asResourceId, asResourceType, type ClinicId, type ResourceType } from '../../../src/fhir/model/ids.ts';
import { toResourceText, type JsonObject } from '../../../src/fhir/model/json.ts';
import { runSearch, type SearchDeps, type SearchRequest, type SearchResult } from '../../../src/fhir/search/run.ts';
import type { Change, FhirStore, Trace } from '../../../src/fhir/store/port.ts';
import { references } from '../../../src/fhir/work/texts.ts';
import { createSealer } from '../../../src/platform/seal.ts';
import type { Fixture } from '../../cases/search/types.ts';
import { extractor } from '../../search/extracting.ts';
import { BASE_URL, NOW, OPEN_ACCESS, parserDeps, TIME_ZONE } from '../../search/set-up.ts';

export const CLINIC = asClinicId('search');
const TRACE: Trace = { subject: 'Device/test', requestId: 'request', interaction: 'create' };
const SEALER = createSealer([Buffer.alloc(32, 7)], 'cursor');

export interface Asked extends Partial<SearchRequest> {
  readonly clinic?: ClinicId;
  readonly subject?: string;
}
export type Search = (text: string, asked?: Asked) => Promise<SearchResult>;

/** `Patient?name=x`; `?_type=Patient` over all types. */
export function searchOn(store: () => FhirStore): Search {
  return (text, { clinic = CLINIC, subject = 'Practitioner/tester', ...asked } = {}) => {
    const request: SearchRequest = {
      principal: { subject, clinic },
      access: OPEN_ACCESS,
      baseUrl: BASE_URL,
      deadline: Date.now() + 30_000,
    };
    return runSearch(depsOf(store()), { ...request, ...asked }, inputOf(text));
  };
}

const depsOf = (store: FhirStore): SearchDeps => ({
  store,
  ...parserDeps,
  work: { references: (of) => references({ extractor }, of) },
  clock: { now: () => NOW },
  sealer: SEALER,
  timeZoneOf: () => TIME_ZONE,
  limits: { maxCount: 1000, defaultCount: 100 },
});

function inputOf(text: string): { query: string; handling: 'strict'; type?: ResourceType } {
  const at = text.indexOf('?');
  return { query: text.slice(at + 1), handling: 'strict', ...(at > 0 ? { type: asResourceType(text.slice(0, at)) } : {}) };
}

export const matchIds = (result: SearchResult): string[] => result.items.filter((i) => i.mode === 'match').map((i) => i.version.id);
export const includedIds = (result: SearchResult): string[] => result.items.filter((i) => i.mode === 'include').map((i) => i.version.id);

/** All pages of a search, with something done before each but the first. */
export async function walkPages(
  search: Search,
  text: string,
  asked: Asked = {},
  between: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<SearchResult[]> {
  const pages = [await search(text, asked)];
  for (let cursor = pages[0]?.nextCursor; cursor !== undefined; cursor = pages.at(-1)?.nextCursor) {
    if (pages.length > 500) throw new Error('The walk has no end.');
    await between(pages.length);
    pages.push(await search(`${text}&_cursor=${cursor}`, asked));
  }
  return pages;
}

export function putOf(fixture: Fixture): Change {
  const id = asResourceId(fixture.id);
  const resource = fixture as JsonObject;
  const entries = extractor.extract(resource, TIME_ZONE);
  return {
    op: 'put',
    type: asResourceType(fixture.resourceType),
    id,
    expected: 'any',
    text: toResourceText(resource, id),
    entries,
    trace: TRACE,
  };
}

export const deleteOf = (fixture: Pick<Fixture, 'id' | 'resourceType'>): Change => ({
  op: 'delete',
  type: asResourceType(fixture.resourceType),
  id: asResourceId(fixture.id),
  expected: 'any',
  trace: { ...TRACE, interaction: 'delete' },
});

export async function write(store: FhirStore, clinic: ClinicId, changes: readonly Change[]): Promise<void> {
  const outcome = await store.write(clinic, { changes, guards: [], indexVersion: extractor.indexVersion });
  if (!outcome.ok) throw new Error(`fixtures refused: ${JSON.stringify(outcome)}`);
}

/** One search from its query string to a page of resources; HTTP makes a Bundle of it. https://hl7.org/fhir/R4/http.html#search */
import type { Clock } from '../../platform/clock.ts';
import type { Definitions } from '../model/definitions.ts';
import type { ClinicId, ResourceKey, ResourceType } from '../model/ids.ts';
import type { AccessFilter, Principal } from '../model/principal.ts';
import type { Issue } from '../outcome/error.ts';
import type { FhirStore, StoredVersion } from '../store/port.ts';
import { ALL, and, type Node } from './ast.ts';
import { membersNode } from './compartment.ts';
import { openCursor, sealCursor, type CursorBinding, type Sealer, type WalkState } from './cursor.ts';
import { findIncluded } from './include.ts';
import { parseSearch, type ParsedSearch, type Summary } from './parse/index.ts';
import type { SearchRegistry } from './registry.ts';
import { countLinked, type LinkScope } from './resolve.ts';
import { rewrite } from './rewrite/index.ts';
import type { Extractor } from './values/index.ts';
import type { Units } from './values/normalise/units.ts';
import { firstPage, nextPage, type WalkPage } from './walk.ts';

export interface SearchDeps {
  readonly store: FhirStore;
  readonly definitions: Definitions;
  readonly registry: SearchRegistry;
  readonly extractor: Pick<Extractor, 'references'>;
  readonly units: Units;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly timeZoneOf: (clinic: ClinicId) => string;
  readonly limits: { readonly maxCount: number; readonly defaultCount: number };
}

/** Who asks: a `RequestContext` is one. */
export interface SearchRequest {
  readonly principal: Principal;
  readonly access: AccessFilter<Node>;
  /** The FHIR base without a final slash. */
  readonly baseUrl: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

export interface SearchInput {
  /** The query string without `?`; of a POST, the form. */
  readonly query: string;
  /** Absent: all types. */
  readonly type?: ResourceType;
  /** Only what is in the compartment of this resource. */
  readonly within?: ResourceKey;
  readonly handling: 'strict' | 'lenient';
}

export interface SearchResult {
  readonly items: readonly SearchItem[];
  /** How many match in all, where that was asked for or is known. */
  readonly total?: number;
  /** For `_cursor` of the next page, beside `selfQuery`. */
  readonly nextCursor?: string;
  /** The query as it was understood, encoded, without a cursor. */
  readonly selfQuery: string;
  readonly summary?: Summary;
  readonly elements?: readonly string[];
  /** Parameters that were left out (lenient handling only). */
  readonly ignored: readonly Issue[];
}

export interface SearchItem {
  readonly version: StoredVersion;
  readonly mode: 'match' | 'include';
}

/** Throws `unknown-parameter`, `invalid-parameter`, `invalid-cursor`, `too-costly`, and what the store throws. */
export async function runSearch(deps: SearchDeps, request: SearchRequest, input: SearchInput): Promise<SearchResult> {
  const { parsed, state, now, binding } = prepare(deps, request, input);
  const scope: LinkScope = { store: deps.store, clinic: request.principal.clinic, deadline: request.deadline };
  const within = input.within ? membersNode(deps.definitions, input.within, parsed.types, request.access) : ALL;
  const where = rewrite(and(within, parsed.where), parsed.types, request.access);
  const match = { types: parsed.types, where, deadline: request.deadline };
  if (parsed.summary === 'count') return result(parsed, [], { total: await countLinked(scope, match) });
  const query = {
    ...match,
    order: parsed.sort.length > 0 ? parsed.sort : 'natural',
    limit: parsed.count ?? deps.limits.defaultCount,
  } as const;
  const page = state ? await nextPage(scope, query, state) : await firstPage(scope, query, now);
  const total = parsed.total === 'none' ? undefined : state ? state.total : await totalOf(scope, match, page);
  const included = await includedWith(deps, request, scope, parsed, page.items);
  const nextCursor = page.next && sealCursor(deps.sealer, { ...page.next, ...(total === undefined ? {} : { total }) }, binding());
  const items = [...page.items.map(asMatch), ...included.map(asInclude)];
  return result(parsed, items, { ...(total === undefined ? {} : { total }), ...(nextCursor === undefined ? {} : { nextCursor }) });
}

interface Prepared {
  readonly parsed: ParsedSearch;
  /** Absent on the first page. */
  readonly state?: WalkState;
  readonly now: number;
  readonly binding: () => CursorBinding;
}

/** "Now" is when the walk began: on a later page the query is read again with the cursor's time. */
function prepare(deps: SearchDeps, request: SearchRequest, input: SearchInput): Prepared {
  const now = deps.clock.now();
  const parsed = parseAt(deps, request, input, now);
  const binding = (): CursorBinding => ({
    clinic: request.principal.clinic,
    subject: subjectOf(request.principal),
    query: identityOf(input, parsed),
  });
  if (parsed.cursor === undefined) return { parsed, now, binding };
  const state = openCursor(deps.sealer, parsed.cursor, binding());
  return { parsed: parseAt(deps, request, input, state.now), state, now: state.now, binding };
}

const parseAt = (deps: SearchDeps, request: SearchRequest, input: SearchInput, now: number): ParsedSearch =>
  parseSearch(deps, {
    query: input.query,
    timeZone: deps.timeZoneOf(request.principal.clinic),
    now,
    baseUrl: request.baseUrl,
    handling: input.handling,
    maxCount: deps.limits.maxCount,
    visibleOf: (type) => request.access.visibleOf(type),
    ...(input.type === undefined ? {} : { type: input.type }),
  });

/** One person may use several apps, each with other scopes. */
export const subjectOf = ({ subject, client }: Principal): string => (client === undefined ? subject : `${subject} ${client}`);

/** What a cursor belongs to: the format of the answer may change from page to page, and the way the query is encoded. */
const identityOf = (input: SearchInput, parsed: ParsedSearch): string =>
  JSON.stringify([
    input.type ?? '',
    input.within ? `${input.within.type}/${input.within.id}` : '',
    ...parsed.applied.filter((p) => p.name !== '_format' && p.name !== '_pretty').map((p) => `${p.name}=${p.value}`),
  ]);

/** A first page that is the last as well has counted already. */
const totalOf = (
  scope: LinkScope,
  match: { types: readonly ResourceType[]; where: Node; deadline: number },
  page: WalkPage,
): number | Promise<number> => (page.next ? countLinked(scope, match) : page.items.length);

function includedWith(
  deps: SearchDeps,
  request: SearchRequest,
  scope: LinkScope,
  parsed: ParsedSearch,
  matches: readonly StoredVersion[],
): readonly StoredVersion[] | Promise<StoredVersion[]> {
  const { include, revinclude } = parsed;
  if (include.length + revinclude.length === 0) return [];
  return findIncluded(deps, { scope, access: request.access, include, revinclude }, matches);
}

const asMatch = (version: StoredVersion): SearchItem => ({ version, mode: 'match' });
const asInclude = (version: StoredVersion): SearchItem => ({ version, mode: 'include' });

function result(parsed: ParsedSearch, items: readonly SearchItem[], found: Pick<SearchResult, 'total' | 'nextCursor'>): SearchResult {
  return {
    items,
    ...found,
    selfQuery: parsed.applied.map((p) => p.raw).join('&'),
    ...(parsed.summary === undefined ? {} : { summary: parsed.summary }),
    ...(parsed.elements === undefined ? {} : { elements: parsed.elements }),
    ignored: parsed.ignored,
  };
}

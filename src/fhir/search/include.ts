/** Resources that go along with the matches. https://hl7.org/fhir/R4/search.html#include */
import type { Definitions } from '../model/definitions.ts';
import { asResourceId, asResourceType, type ResourceKey, type ResourceType } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { AccessFilter } from '../model/principal.ts';
import { createSlice } from '../model/slices.ts';
import { fhirError } from '../outcome/error.ts';
import type { StoredVersion } from '../store/port.ts';
import { and, or, type Node } from './ast.ts';
import type { Include } from './parse/index.ts';
import type { SearchRegistry } from './registry.ts';
import { searchLinked, type LinkScope } from './resolve.ts';
import { mayAskBy } from './parse/lookup.ts';
import { keysNode } from './resolve/links.ts';
import { visible } from './rewrite/permission.ts';
import type { Extractor } from './values/index.ts';

export interface IncludeDeps {
  readonly definitions: Definitions;
  readonly registry: SearchRegistry;
  readonly extractor: Pick<Extractor, 'references'>;
}

export interface IncludeRequest {
  readonly scope: LinkScope;
  /** Holds at every hop: what is referred to must be readable, what refers searchable. */
  readonly access: AccessFilter<Node>;
  readonly include: readonly Include[];
  readonly revinclude: readonly Include[];
  /** Only resources of these types are included for being referred to; absent: of any. */
  readonly among?: ReadonlySet<string>;
}

/** As many may go along with one page. */
const MAX_INCLUDED = 1000;

/** What the matches refer to and what refers to them, each resource once and never a match. Throws `too-costly` above 1,000. */
export async function findIncluded(
  deps: IncludeDeps,
  request: IncludeRequest,
  matches: readonly StoredVersion[],
): Promise<StoredVersion[]> {
  const seen = new Set(matches.map(keyText));
  const included: StoredVersion[] = [];
  let specs = request;
  for (let fresh = matches; fresh.length > 0;) {
    const found = [...(await referred(deps, specs, fresh, seen)), ...(await referring(deps, specs, fresh))];
    fresh = found.filter((v) => !seen.has(keyText(v)) && seen.add(keyText(v)));
    included.push(...fresh);
    if (included.length > MAX_INCLUDED) throw tooMany();
    specs = { ...request, include: request.include.filter((i) => i.iterate), revinclude: request.revinclude.filter((i) => i.iterate) };
  }
  return included;
}

const keyText = (key: ResourceKey): string => `${key.type}/${key.id}`;

const tooMany = (): Error =>
  fhirError(
    'too-costly',
    `more than ${MAX_INCLUDED} resources go along with one page`,
    'Lower _count, or name the parameters to include.',
    '_include',
  );

async function referred(
  deps: IncludeDeps,
  request: IncludeRequest,
  from: readonly StoredVersion[],
  seen: ReadonlySet<string>,
): Promise<StoredVersion[]> {
  const keys = new Map<string, ResourceKey>();
  const slice = createSlice();
  for (const version of from) {
    const specs = request.include.filter((i) => i.source === undefined || i.source === version.type);
    for (const key of specs.length === 0 ? [] : keysIn(deps, request.access, specs, version))
      if (!seen.has(keyText(key)) && (request.among?.has(key.type) ?? true)) keys.set(keyText(key), key);
    const pause = slice.breathe();
    if (pause) await pause;
  }
  if (keys.size > MAX_INCLUDED) throw tooMany();
  return keys.size === 0 ? [] : readVisible(request, [...keys.values()]);
}

/** What the version refers to, here and by type: a version in a reference is passed over, URLs of elsewhere lead nowhere. */
function keysIn(deps: IncludeDeps, access: AccessFilter<Node>, specs: readonly Include[], version: StoredVersion): ResourceKey[] {
  const resource = JSON.parse(Buffer.from(version.body).toString()) as JsonObject;
  const visible = access.visibleOf(version.type);
  return specs.flatMap((spec) =>
    paramsOf(deps, version.type, spec)
      .filter((param) => mayAskBy(visible, param))
      .flatMap((param) => deps.extractor.references(resource, version.type, param))
      .filter(({ type }) => (spec.target === undefined ? deps.definitions.resourceTypes.has(type) : type === spec.target))
      .map(({ type, id }) => ({ type: asResourceType(type), id: asResourceId(id) })),
  );
}

const paramsOf = (deps: IncludeDeps, type: string, spec: Include): string[] =>
  spec.param === undefined
    ? deps.registry
        .all(type)
        .filter((p) => p.type === 'reference')
        .map((p) => p.code)
    : [spec.param];

/** Without a filter on its type a resource is read by its key; with one it is searched. */
async function readVisible(request: IncludeRequest, keys: readonly ResourceKey[]): Promise<StoredVersion[]> {
  const { scope, access } = request;
  const byType = Map.groupBy(keys, (k) => k.type);
  const open = [...byType].filter(([type]) => access.restrict(type, 'read') === 'all').flatMap(([, of]) => of);
  const found = open.length === 0 ? [] : await scope.store.readMany(scope.clinic, open);
  for (const [type, of] of byType) {
    const filter = access.restrict(type, 'read');
    if (filter === 'all' || filter === 'none') continue;
    found.push(...(await search(request, [type], and(keysNode([type], of), filter))));
  }
  return found;
}

async function search(request: IncludeRequest, types: readonly ResourceType[], where: Node): Promise<readonly StoredVersion[]> {
  const { scope } = request;
  const page = await searchLinked(scope, { types, where, order: 'natural', limit: MAX_INCLUDED, deadline: scope.deadline });
  if (page.next !== undefined) throw tooMany();
  return page.items;
}

async function referring(deps: IncludeDeps, request: IncludeRequest, to: readonly StoredVersion[]): Promise<StoredVersion[]> {
  const found: StoredVersion[] = [];
  for (const spec of request.revinclude) {
    const keys = spec.target === undefined ? to : to.filter((v) => v.type === spec.target);
    if (keys.length === 0) continue;
    const types = (spec.source === undefined ? [...deps.definitions.resourceTypes] : [spec.source]).map(asResourceType);
    const targets = keys.map(({ type, id }) => ({ type, id }));
    const refer = (of: readonly ResourceType[]): Node => {
      const params = spec.param === undefined ? paramsTo(deps, of, new Set(keys.map((k) => k.type)), request.access) : [spec.param];
      return or(...params.map((param): Node => ({ op: 'reference-in', param, targets })));
    };
    found.push(...(await search(request, types, and(visible(types, request.access, 'search'), refersBy(types, request.access, refer)))));
  }
  return found;
}

/** A type of which only a part is visible has parameters of its own. */
function refersBy(types: readonly ResourceType[], access: AccessFilter<Node>, refer: (of: readonly ResourceType[]) => Node): Node {
  const [whole, parts] = [types.filter((t) => !access.visibleOf(t)), types.filter((t) => access.visibleOf(t))];
  if (parts.length === 0 || types.length === 1) return refer(types);
  return or(...[whole, ...parts.map((t) => [t])].filter((of) => of.length > 0).map((of) => and({ op: 'type', types: of }, refer(of))));
}

/** Codes of parameters by which some resource of `types` may refer to one of `targets`. */
const paramsTo = (deps: IncludeDeps, types: readonly string[], targets: ReadonlySet<string>, access: AccessFilter<Node>): string[] => [
  ...new Set(
    types.flatMap((type) =>
      deps.registry
        .all(type)
        .filter((p) => p.type === 'reference' && (!p.targets || p.targets.some((t) => targets.has(t))))
        .map((p) => p.code)
        .filter((code) => mayAskBy(access.visibleOf(type), code)),
    ),
  ),
];

/**
 * One table of what can be asked: the HTTP surface and batch entries are dispatched by it, and the CapabilityStatement
 * is generated from it. https://hl7.org/fhir/R4/http.html#summary
 */
import { fhirError, FhirError, issue } from '../outcome/error.ts';
import { asResourceId, asResourceType, isResourceId, type ResourceId, type ResourceType } from '../model/ids.ts';
import type { FhirDeps } from './deps.ts';
import type { FhirRequest, FhirResponse } from './message.ts';
import { assertChangeable, mayChange } from './read-only.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Codes of https://hl7.org/fhir/R4/valueset-type-restful-interaction.html and valueset-system-restful-interaction.html. */
export type InteractionCode =
  | 'read'
  | 'vread'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history-instance'
  | 'history-type'
  | 'history-system'
  | 'search-type'
  | 'search-system'
  | 'search-compartment'
  | 'batch'
  | 'transaction'
  | 'capabilities'
  | 'operation';

export interface Route {
  readonly method: Method;
  /** Segments below the base: `:type`, `:id`, `:vid` and `:member` take any, the others are literal. `''` is the base itself. */
  readonly pattern: string;
  /** Several where one URL serves several: POST to the base is batch and transaction. */
  readonly interactions: readonly InteractionCode[];
  /** For the CapabilityStatement: the route is the conditional form of its interaction. */
  readonly conditional?: true;
  /** The operation that is served, with the URL of its definition by the type that it is of. */
  readonly operation?: { readonly name: string; readonly definitions: Readonly<Record<string, string>> };
  readonly handle: Handler;
}

export type Handler = (call: Call) => Promise<FhirResponse>;

/** A request with what its path says. `type`, `id` and `versionId` are there if the pattern names them. */
export interface Call {
  readonly deps: FhirDeps;
  readonly request: FhirRequest;
  readonly type: ResourceType;
  readonly id: ResourceId;
  /** The `:vid` segment as sent. */
  readonly versionId: string;
  /** The `:member` segment as sent: the type searched in a compartment, or `*`. */
  readonly member: string;
  /** The same router, for what re-enters it. */
  readonly dispatch: Dispatch;
  readonly routes: readonly Route[];
}

/** Throws FhirError; whoever dispatches turns it into an answer (`errorResponse`). */
export type Dispatch = (request: FhirRequest) => Promise<FhirResponse>;

/** A pattern with its routes. */
interface Place {
  readonly segments: readonly string[];
  /** Where the variables stand; -1: nowhere. */
  readonly at: { readonly type: number; readonly id: number; readonly vid: number; readonly member: number };
  readonly byMethod: ReadonlyMap<FhirRequest['method'], Route>;
}

/** The router over the given routes. The most literal pattern that fits counts, whatever its methods: `metadata` is no type. */
export function createRouter(deps: FhirDeps, routes: readonly Route[]): Dispatch {
  const byLength = compile(routes);
  const dispatch: Dispatch = async (request) => {
    const place = byLength[request.path.length]?.find((p) => fits(p.segments, request.path));
    if (place === undefined) throw fhirError('not-found', 'nothing is served at this path', 'See /metadata for what there is.', 'URL');
    const type = place.at.type < 0 ? '' : checkedType(deps, request.path[place.at.type] as string);
    const route = place.byMethod.get(request.method);
    if (route === undefined) throw unsupported(place, request);
    if (mayChange(request)) assertChangeable(type, 'URL');
    const id = place.at.id < 0 ? '' : checkedId(request.path[place.at.id] as string);
    const segment = (index: number): string => (index < 0 ? '' : (request.path[index] as string));
    const [versionId, member] = [segment(place.at.vid), segment(place.at.member)];
    return route.handle({ deps, request, type: asResourceType(type), id: asResourceId(id), versionId, member, dispatch, routes });
  };
  return dispatch;
}

/** Places by the number of their segments, the most literal first. */
function compile(routes: readonly Route[]): readonly (readonly Place[] | undefined)[] {
  const byLength: Place[][] = [];
  for (const [pattern, of] of Map.groupBy(routes, (r) => r.pattern)) {
    const segments = pattern === '' ? [] : pattern.split('/');
    const place = (name: string): number => segments.indexOf(name);
    const at = { type: place(':type'), id: place(':id'), vid: place(':vid'), member: place(':member') };
    (byLength[segments.length] ??= []).push({ segments, at, byMethod: new Map(of.flatMap(methodsOf)) });
  }
  const variables = (p: Place): number => p.segments.filter(isVariable).length;
  for (const places of byLength) places?.sort((a, b) => variables(a) - variables(b));
  return byLength;
}

/** HEAD is GET; the body is left out where the answer is sent. */
const methodsOf = (route: Route): [FhirRequest['method'], Route][] =>
  route.method === 'GET'
    ? [
        ['GET', route],
        ['HEAD', route],
      ]
    : [[route.method, route]];

const isVariable = (segment: string): boolean => segment.startsWith(':');

/** A variable takes what could be a type or an id: not `_history`, not `$everything`. */
function fits(segments: readonly string[], path: readonly string[]): boolean {
  for (let i = 0; i < segments.length; i++) {
    const [pattern, given] = [segments[i] as string, path[i] as string];
    if (isVariable(pattern) ? given.startsWith('_') || given.startsWith('$') : pattern !== given) return false;
  }
  return true;
}

/** https://hl7.org/fhir/R4/http.html#read: a type that the server doesn't know is 404. */
function checkedType(deps: FhirDeps, type: string): string {
  if (deps.definitions.resourceTypes.has(type)) return type;
  throw fhirError('not-found', 'no such resource type in R4', 'Type names are case-sensitive: Patient, Observation, …', 'URL');
}

function checkedId(id: string): string {
  if (isResourceId(id)) return id;
  throw fhirError('invalid-value', 'an id has 1 to 64 of the characters A-Z, a-z, 0-9, "-" and "."', 'Correct the id in the URL.', 'URL');
}

/** 405 with `Allow`. */
function unsupported(place: Place, request: FhirRequest): FhirError {
  const allow = [...place.byMethod.keys()].join(', ');
  const problem = issue('not-supported', `${request.method} is not supported here`, `Supported: ${allow}.`, 'URL');
  return new FhirError([problem], { headers: { Allow: allow } });
}

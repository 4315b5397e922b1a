/**
 * One table of what can be asked: the HTTP surface and batch entries are dispatched by it, and the CapabilityStatement
 * is generated from it. https://hl7.org/fhir/R4/http.html#summary
 */
import { fhirError, FhirError, issue } from '../outcome/error.ts';
import { asResourceId, asResourceType, isResourceId, type ResourceId, type ResourceType } from '../model/ids.ts';
import type { FhirDeps } from './deps.ts';
import type { FhirRequest, FhirResponse } from './message.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Codes of https://hl7.org/fhir/R4/valueset-type-restful-interaction.html and valueset-system-restful-interaction.html. */
export type InteractionCode =
  | 'read' | 'vread' | 'create' | 'update' | 'patch' | 'delete' | 'history-instance' | 'history-type' | 'history-system'
  | 'search-type' | 'search-system' | 'batch' | 'transaction' | 'capabilities' | 'operation';

export interface Route {
  readonly method: Method;
  /** Segments below the base: `:type`, `:id` and `:vid` take any, the others are literal. `''` is the base itself. */
  readonly pattern: string;
  /** Several where one URL serves several: POST to the base is batch and transaction. */
  readonly interactions: readonly InteractionCode[];
  /** For the CapabilityStatement: the route is the conditional form of its interaction. */
  readonly conditional?: true;
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
  /** The same router, for what re-enters it. */
  readonly dispatch: Dispatch;
  readonly routes: readonly Route[];
}

/** Throws FhirError; whoever dispatches turns it into an answer (`errorResponse`). */
export type Dispatch = (request: FhirRequest) => Promise<FhirResponse>;

interface CompiledRoute {
  readonly route: Route;
  readonly segments: readonly string[];
  /** Where the variables stand; -1: nowhere. */
  readonly at: { readonly type: number; readonly id: number; readonly vid: number };
}

/** The router over the given routes. Literals go before variables; the first route that fits counts. */
export function createRouter(deps: FhirDeps, routes: readonly Route[]): Dispatch {
  const byLength = compile(routes);
  const dispatch: Dispatch = async (request) => {
    const candidates = byLength[request.path.length];
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const found = candidates?.find((c) => c.route.method === method && fits(c.segments, request.path));
    if (found === undefined) throw notRouted(deps, candidates, request);
    return found.route.handle(callOf(deps, request, found, dispatch, routes));
  };
  return dispatch;
}

/** Routes by the number of their segments, the most literal first. */
function compile(routes: readonly Route[]): readonly (readonly CompiledRoute[] | undefined)[] {
  const byLength: CompiledRoute[][] = [];
  for (const route of routes) {
    const segments = route.pattern === '' ? [] : route.pattern.split('/');
    const at = { type: segments.indexOf(':type'), id: segments.indexOf(':id'), vid: segments.indexOf(':vid') };
    (byLength[segments.length] ??= []).push({ route, segments, at });
  }
  const variables = (r: CompiledRoute): number => r.segments.filter(isVariable).length;
  for (const group of byLength) group?.sort((a, b) => variables(a) - variables(b));
  return byLength;
}

const isVariable = (segment: string): boolean => segment.startsWith(':');

/** A variable takes what could be a type or an id: not `_history`, not `$everything`. */
function fits(segments: readonly string[], path: readonly string[]): boolean {
  for (let i = 0; i < segments.length; i++) {
    const [pattern, given] = [segments[i] as string, path[i] as string];
    if (isVariable(pattern) ? given.startsWith('_') || given.startsWith('$') : pattern !== given) return false;
  }
  return true;
}

function callOf(deps: FhirDeps, request: FhirRequest, found: CompiledRoute, dispatch: Dispatch, routes: readonly Route[]): Call {
  const { type: typeAt, id: idAt, vid: vidAt } = found.at;
  const type = typeAt < 0 ? '' : checkedType(deps, request.path[typeAt] as string);
  const id = idAt < 0 ? '' : checkedId(request.path[idAt] as string);
  const versionId = vidAt < 0 ? '' : (request.path[vidAt] as string);
  return { deps, request, type: asResourceType(type), id: asResourceId(id), versionId, dispatch, routes };
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

/** 405 with `Allow` where the path serves other methods, 404 where it serves none. */
function notRouted(deps: FhirDeps, candidates: readonly CompiledRoute[] | undefined, request: FhirRequest): FhirError {
  const fitting = candidates?.filter((c) => fits(c.segments, request.path)) ?? [];
  const [first] = fitting;
  if (first === undefined) return fhirError('not-found', 'nothing is served at this path', 'See /metadata for what there is.', 'URL');
  if (first.at.type >= 0) checkedType(deps, request.path[first.at.type] as string);
  const methods = fitting.flatMap((c) => (c.route.method === 'GET' ? ['GET', 'HEAD'] : [c.route.method]));
  const allow = [...new Set(methods)].join(', ');
  const rule = `${request.method} is not supported here`;
  return new FhirError([issue('not-supported', rule, `Supported: ${allow}.`, 'URL')], { headers: { Allow: allow } });
}

/** Finds the route of a request. The most literal pattern that fits counts, whatever its methods. */
import { fhirError, FhirError, issue } from '../fhir/outcome/error.ts';
import type { ApiMethod, Route } from './route.ts';

export interface Found {
  readonly route: Route;
  /** The variables of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
}

export interface RouteTable {
  readonly routes: readonly Route[];
  /** Undefined where no pattern fits. Throws `not-supported` for a method that the place doesn't have, `invalid-value`. */
  find(method: string, path: string): Found | undefined;
  /** `/users/:id` for `/users/7`; undefined where no pattern fits. */
  patternOf(path: string): string | undefined;
}

interface Place {
  readonly pattern: string;
  readonly segments: readonly string[];
  readonly byMethod: ReadonlyMap<string, Route>;
}

/** Throws where two routes have the same method and path. */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const byLength: Place[][] = [];
  for (const of of Map.groupBy(routes, (r) => shapeOf(r.path)).values()) {
    const pattern = (of[0] as Route).path;
    const segments = pattern.split('/').slice(1);
    (byLength[segments.length] ??= []).push({ pattern, segments, byMethod: methodsIn(pattern, of) });
  }
  for (const places of byLength) places?.sort((a, b) => variablesIn(a) - variablesIn(b));
  const placeOf = (path: string): { readonly place: Place; readonly given: readonly string[] } | undefined => {
    const given = path.slice(1).split('/');
    const place = byLength[given.length]?.find((p) => fits(p.segments, given));
    return place && { place, given };
  };
  return {
    routes,
    find(method, path) {
      const found = placeOf(path);
      if (!found) return undefined;
      const { place, given } = found;
      const route = place.byMethod.get(method === 'HEAD' ? 'GET' : method);
      if (!route) throw unsupported(method, allowed(place));
      return { route, params: paramsOf(route.path.split('/').slice(1), given) };
    },
    patternOf: (path) => placeOf(path)?.place.pattern,
  };
}

const isVariable = (segment: string): boolean => segment.startsWith(':');
const shapeOf = (path: string): string => path.replace(/:[^/]+/g, ':');
const variablesIn = (place: Place): number => place.segments.filter(isVariable).length;

function methodsIn(pattern: string, routes: readonly Route[]): ReadonlyMap<ApiMethod, Route> {
  const byMethod = new Map(routes.map((r) => [r.method, r]));
  if (byMethod.size < routes.length) throw new TypeError(`two routes have the same method and path: ${pattern}`);
  return byMethod;
}

const allowed = ({ byMethod }: Place): string[] => [...byMethod.keys(), ...(byMethod.has('GET') ? ['HEAD'] : [])];

const fits = (segments: readonly string[], given: readonly string[]): boolean =>
  segments.every((segment, i) => (isVariable(segment) ? given[i] !== '' : segment === given[i]));

function paramsOf(segments: readonly string[], given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(segments.flatMap((segment, i) => (isVariable(segment) ? [[segment.slice(1), decoded(given[i] ?? '')]] : [])));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw fhirError('invalid-value', 'the path is not percent-encoded UTF-8', 'Write a literal % as %25.', 'URL');
  }
}

function unsupported(method: string, allow: readonly string[]): FhirError {
  const list = allow.join(', ');
  return new FhirError([issue('not-supported', `${method} is not supported here`, `Supported: ${list}.`, 'method')], {
    headers: { Allow: list },
  });
}

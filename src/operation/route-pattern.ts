/**
 * What logs and metrics may say of a URL: which route it is, without any value in it. Every segment that isn't a word of
 * the table here is replaced by what it stands for.
 */
export interface RoutePattern {
  /** `/fhir/R4/:type/:id` */
  readonly route: string;
  /** A code of https://hl7.org/fhir/R4/valueset-system-restful-interaction.html, or what else was asked for. */
  readonly interaction: string;
}

const BASE = /^(\/clinics\/[^/]+)?\/fhir\/R4(?=\/|$)/;
const OPERATION = new Set(['/healthz', '/readyz', '/metrics']);
const ON_INSTANCE: Readonly<Record<string, string>> = { GET: 'read', HEAD: 'read', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const ON_TYPE: Readonly<Record<string, string>> = {
  GET: 'search-type',
  HEAD: 'search-type',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const ON_SYSTEM: Readonly<Record<string, string>> = { GET: 'search-system', HEAD: 'search-system', POST: 'batch', DELETE: 'delete' };
/** Segments that the standard names: they may be shown. */
const WORDS: Readonly<Record<string, string>> = { _history: 'history', _search: 'search', metadata: 'capabilities' };

/** The pattern of a path of the clinic API, `/users/:id`; undefined for any other path. */
export type ApiPattern = (path: string) => string | undefined;

/** Costs about a microsecond: it runs once a request. `url` may carry a query, which is left out. */
export function routePattern(method: string, url: string, api: ApiPattern = () => undefined): RoutePattern {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const base = BASE.exec(path);
  if (!base) return elsewhere(path, api(path));
  const segments = path
    .slice(base[0].length)
    .split('/')
    .filter((s) => s !== '');
  const prefix = base[1] === undefined ? '/fhir/R4' : '/clinics/:clinic/fhir/R4';
  return { route: segments.reduce((route, s, i) => `${route}/${shown(s, i)}`, prefix), interaction: interactionOf(method, segments) };
}

function elsewhere(path: string, pattern: string | undefined): RoutePattern {
  if (OPERATION.has(path)) return { route: path, interaction: 'operation' };
  return pattern === undefined ? { route: ':other', interaction: 'other' } : { route: pattern, interaction: 'api' };
}

const PLACES = [':type', ':id', ':more', ':vid'];

function shown(segment: string, index: number): string {
  if (Object.hasOwn(WORDS, segment)) return segment;
  if (segment.startsWith('$')) return ':operation';
  return PLACES[index] ?? ':more';
}

function interactionOf(method: string, segments: readonly string[]): string {
  const last = segments.at(-1);
  if (last === undefined) return ON_SYSTEM[method] ?? 'other';
  if (last.startsWith('$')) return 'operation';
  if (last === '_history') return ['history-system', 'history-type', 'history-instance'][segments.length - 1] ?? 'other';
  if (last === '_search') return segments.length === 1 ? 'search-system' : 'search-type';
  if (last === 'metadata') return 'capabilities';
  if (segments.length === 1) return ON_TYPE[method] ?? 'other';
  if (segments.length === 2) return ON_INSTANCE[method] ?? 'other';
  if (segments.length === 4 && segments[2] === '_history') return 'vread';
  return segments.length === 3 ? 'search-compartment' : 'other';
}

/**
 * Cross-origin requests of browsers: from the origins of registered apps and CORS_ORIGINS to the FHIR API and the token
 * endpoints; documents of discovery say themselves that any origin may read them. No cookies are taken along: who asks is in
 * the Authorization header, so that a page of someone else can't act in a user's name.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../platform/clock.ts';

export interface CorsOptions {
  /** CORS_ORIGINS. */
  readonly origins: readonly string[];
  /** Whether an active app has this origin. */
  readonly isOriginOfApp: (origin: string) => Promise<boolean>;
  readonly clock: Clock;
}

/**
 * Sets the headers of an answer, and answers preflights: true then. A promise only where the origin must be looked up.
 * Requests without an origin, and of origins that aren't known, go on without headers: the browser keeps the answer back.
 */
export type Cors = (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;

const EXPOSED = 'ETag, Location, Content-Location, X-Request-Id, WWW-Authenticate, Retry-After';
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const HEADERS =
  'Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-Modified-Since, If-None-Exist, Idempotency-Key, X-Request-Id, X-Break-Glass, traceparent';
const PREFLIGHT_SECONDS = '600';
/** Pages that a person looks at are of one origin alone. */
const OWN_ORIGIN = [
  ...['authorize', 'login', 'second-factor', 'clinic', 'patient', 'consent', 'apps', 'sign-out'].map((page) => `/oauth2/${page}`),
  ...['/password', '/docs', '/console'],
];
/** An app that was ended keeps its origin for so long; its tokens end at once. */
const KNOWN_MS = 10_000;
const KNOWN = 1000;

export function createCors({ origins, isOriginOfApp, clock }: CorsOptions): Cors {
  const always = new Set(origins.map((origin) => new URL(origin).origin));
  const known = new LRUCache<string, { readonly isAllowed: boolean; readonly until: number }>({ max: KNOWN });
  const isAllowed = (origin: string): boolean | Promise<boolean> => {
    if (always.has(origin)) return true;
    const entry = known.get(origin);
    return entry && clock.now() < entry.until ? entry.isAllowed : learn(origin);
  };
  const learn = async (origin: string): Promise<boolean> => {
    const allowed = URL.parse(origin)?.origin === origin && (await isOriginOfApp(origin));
    known.set(origin, { isAllowed: allowed, until: clock.now() + KNOWN_MS });
    return allowed;
  };
  return (request, response) => {
    const { origin } = request.headers;
    if (origin === undefined) return false;
    const path = request.url?.split('?', 1)[0] ?? '';
    if (path.includes('/.well-known/')) return answered(request, response, '*');
    response.setHeader('Vary', 'Origin');
    if (OWN_ORIGIN.some((own) => path === own || path.startsWith(`${own}/`))) return false;
    const allowed = isAllowed(origin);
    // A store that is away lets no origin in, and the request itself is told so.
    if (typeof allowed !== 'boolean') return allowed.catch(() => false).then((yes) => yes && answered(request, response, origin));
    return allowed && answered(request, response, origin);
  };
}

function answered(request: IncomingMessage, response: ServerResponse, origin: string): boolean {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', EXPOSED);
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  response.setHeader('Access-Control-Allow-Methods', METHODS);
  response.setHeader('Access-Control-Allow-Headers', HEADERS);
  response.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS);
  response.writeHead(204).end();
  return true;
}

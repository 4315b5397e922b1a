/** `/healthz`, `/readyz` and `/metrics`: open to all, and without anything about clinics or patients. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics } from '../platform/metrics.ts';

/** What the process needs to serve, by the name that `/readyz` shows. A check throws if it can't be used. */
export type Dependencies = Readonly<Record<string, () => Promise<void>>>;

export interface OperationDeps {
  readonly dependencies: Dependencies;
  readonly metrics: Metrics;
  /** From then on no new requests should come: `/readyz` says so. */
  readonly isDraining: () => boolean;
}

/** Answers the paths of operation; false for any other path. */
export type OperationHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Where they are, and why nobody has to sign in. */
export const OPERATION_PATHS: Readonly<Record<string, string>> = {
  '/healthz': 'says that the process runs',
  '/readyz': 'names dependencies and whether they answer',
  '/metrics': 'figures by route, without anything of a request',
};

const CHECK_MS = 2000;
const RETRY_AFTER = '5';

export function createOperationHandler(deps: OperationDeps): OperationHandler {
  const routes: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    '/healthz': async (response) => send(response, 200, 'application/json', '{"status":"up"}'),
    '/readyz': (response) => answerReadiness(deps, response),
    '/metrics': async (response) => {
      const { contentType, text } = await deps.metrics.expose();
      send(response, 200, contentType, text);
    },
  };
  return (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '';
    const answer = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (!answer) return false;
    if (request.method === 'GET' || request.method === 'HEAD') void answer(response).catch(() => send(response, 500, 'text/plain', ''));
    else send(response, 405, 'text/plain', '', { Allow: 'GET, HEAD' });
    return true;
  };
}

async function answerReadiness(deps: OperationDeps, response: ServerResponse): Promise<void> {
  const checked = await Promise.all(Object.entries(deps.dependencies).map(async ([name, check]) => [name, await stateOf(check)] as const));
  const isReady = !deps.isDraining() && checked.every(([, state]) => state === 'up');
  const status = deps.isDraining() ? 'draining' : isReady ? 'ready' : 'unavailable';
  const body = JSON.stringify({ status, dependencies: Object.fromEntries(checked) });
  send(response, isReady ? 200 : 503, 'application/json', body, isReady ? {} : { 'Retry-After': RETRY_AFTER });
}

async function stateOf(check: () => Promise<void>): Promise<'up' | 'down'> {
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(() => timer.reject(new Error('no answer in time')), CHECK_MS);
  try {
    await Promise.race([check(), timer.promise]);
    return 'up';
  } catch {
    return 'down';
  } finally {
    clearTimeout(timeout);
  }
}

function send(response: ServerResponse, status: number, contentType: string, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

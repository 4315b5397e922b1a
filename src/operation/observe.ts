/** One line of log and two figures for each request, once its answer has ended. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { routePattern } from './route-pattern.ts';

export interface ObserverDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds, from any start. */
  readonly timer: () => number;
}

/** Call it with each request as it arrives. */
export type Observer = (request: IncomingMessage, response: ServerResponse) => void;

export function createObserver(deps: ObserverDeps): Observer {
  return (request, response) => {
    const start = deps.timer();
    response.once('close', () => record(deps, request, response, deps.timer() - start));
  };
}

/** The correlation id is the one that the answer carries: it has been checked. The URL is shown as its route alone. */
function record(deps: ObserverDeps, request: IncomingMessage, response: ServerResponse, ms: number): void {
  const method = request.method ?? '';
  const { route, interaction } = routePattern(method, (request as { originalUrl?: string }).originalUrl ?? request.url ?? '');
  // 499, as others write it: the caller went away before the answer had ended.
  const status = response.writableFinished ? response.statusCode : 499;
  deps.metrics.countRequest(interaction, status, ms);
  deps.logger.info(
    { requestId: response.getHeader('x-request-id'), method, route, interaction, status, ms: Math.round(ms * 100) / 100 },
    'request',
  );
}

/** One line of log, two figures and, where it is configured, a span for each request, once its answer has ended. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';
import { traceParentOf } from '../platform/trace-context.ts';
import type { Tracing } from '../platform/tracing.ts';
import { routePattern, type ApiPattern } from './route-pattern.ts';

export interface ObserverDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Milliseconds, from any start. */
  readonly timer: () => number;
  readonly clock: Clock;
  readonly tracing?: Tracing;
  /** Patterns of the clinic API's paths. */
  readonly api?: ApiPattern;
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
  const { route, interaction } = routePattern(method, (request as { originalUrl?: string }).originalUrl ?? request.url ?? '', deps.api);
  // 499, as others write it: the caller went away before the answer had ended.
  const status = response.writableFinished ? response.statusCode : 499;
  const requestId = response.getHeader('x-request-id');
  const parent = traceParentOf(request.headers['traceparent']);
  deps.metrics.countRequest(interaction, status, ms);
  const trace = parent === undefined ? {} : { traceId: parent.traceId };
  deps.logger.info({ requestId, ...trace, method, route, interaction, status, ms: Math.round(ms * 100) / 100 }, 'request');
  if (!deps.tracing) return;
  const endedAt = deps.clock.now();
  const attributes = {
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'fhir.interaction': interaction,
    ...(typeof requestId === 'string' ? { 'nadi.request_id': requestId } : {}),
  };
  deps.tracing.record({ name: `${method} ${route}`, parent, startedAt: endedAt - ms, endedAt, status, attributes });
}

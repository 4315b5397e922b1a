/** The Express app: what is served where, and what holds for every answer. */
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Cors } from './api/cors.ts';
import type { ErrorLog } from './fhir/http/errors.ts';
import type { FhirHandler } from './fhir/http/fhir-handler.ts';
import { sendProblem } from './fhir/http/problem.ts';
import { requestIdOf } from './fhir/http/request-id.ts';

export interface AppOptions {
  readonly fhir: FhirHandler;
  /** Answers paths of its own; false for any other. Tried after FHIR, in order. */
  readonly handlers: readonly ((request: IncomingMessage, response: ServerResponse, requestId: string) => boolean)[];
  /** Absent: no page of another origin reads what is answered here. */
  readonly cors?: Cors;
  /** Whether the public address is an https one: then browsers are to use no other from now on. */
  readonly isSecure: boolean;
  /** Told of each request as it arrives, once it has its id. */
  readonly observe: (request: IncomingMessage, response: ServerResponse) => void;
  readonly newId: () => string;
  readonly log: ErrorLog;
}

/** One handler goes through the surfaces, for each layer of Express costs as much as an index lookup. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(entrance(options));
  app.use(failure(options));
  return app;
}

/** A year: https://www.rfc-editor.org/rfc/rfc6797. Other hosts of the domain are not ours to speak for. */
const HSTS = 'max-age=31536000';

function entrance({ fhir, handlers, cors, isSecure, observe, newId }: AppOptions): RequestHandler {
  const serve = (request: IncomingMessage, response: ServerResponse, requestId: string): void => {
    if (fhir(request, response, requestId) || handlers.some((handle) => handle(request, response, requestId))) return;
    sendProblem(response, 'not-found', 'nothing is served at this path', requestId);
  };
  return (request, response, next) => {
    const requestId = requestIdOf(request.headers['x-request-id'], newId);
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (isSecure) response.setHeader('Strict-Transport-Security', HSTS);
    observe(request, response);
    const answered = cors?.(request, response) ?? false;
    if (answered instanceof Promise) answered.then((done) => done || serve(request, response, requestId)).catch(next);
    else if (!answered) serve(request, response, requestId);
  };
}

/** Express takes four parameters for an error handler. */
function failure({ log, newId }: AppOptions): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const requestId = requestIdOf(request.headers['x-request-id'], newId);
    log.error({ requestId, err: error }, 'request failed');
    if (response.headersSent) response.destroy();
    else sendProblem(response, 'internal', 'the server failed to answer this request', requestId);
  };
}

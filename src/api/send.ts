/** From the answer of a route, or an error, to bytes on the wire. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FhirError } from '../fhir/outcome/error.ts';
import { endWithTurn } from '../platform/end-of-turn.ts';
import { problemOf, problemOfKind } from './problem.ts';
import type { ApiAnswer } from './route.ts';

/** Where faults of ours are written down. */
export interface ApiLog {
  error(fields: { readonly requestId: string; readonly err: unknown }, message: string): void;
}

/** Answers are of one caller at one moment, unless the route says otherwise. */
export function sendAnswer(request: IncomingMessage, response: ServerResponse, { status, headers, body }: ApiAnswer): void {
  if (response.destroyed) return;
  response.setHeader('Cache-Control', 'no-store');
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
  response.statusCode = status;
  if (body === undefined) {
    if (status !== 204 && status !== 304) response.setHeader('Content-Length', 0);
    endWithTurn(response);
    return;
  }
  const bytes = bytesOf(body, response);
  response.setHeader('Content-Length', bytes.length);
  endWithTurn(response, request.method === 'HEAD' ? undefined : bytes);
}

function bytesOf(body: unknown, response: ServerResponse): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string' && response.hasHeader('Content-Type')) return Buffer.from(body);
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'application/json');
  return Buffer.from(JSON.stringify(body));
}

export function sendError(response: ServerResponse, error: unknown, requestId: string, log: ApiLog): void {
  const isKnown = error instanceof FhirError && error.kind !== 'internal';
  if (!isKnown) log.error({ requestId, err: error }, 'request failed');
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = isKnown ? problemOf(error, requestId) : problemOfKind('internal', 'the server failed to answer this request', requestId);
  const body = Buffer.from(JSON.stringify(problem));
  const known = error instanceof FhirError ? error : undefined;
  response.writeHead(problem.status, {
    ...known?.headers,
    ...(known?.retryAfter === undefined ? {} : { 'Retry-After': String(known.retryAfter) }),
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    'Content-Length': body.length,
  });
  response.end(body);
}

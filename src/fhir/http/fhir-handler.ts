/** The FHIR surfaces over HTTP: one function from request to answer, since this is the hot path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FhirDeps } from '../interactions/deps.ts';
import type { FhirRequest } from '../interactions/message.ts';
import type { Dispatch } from '../interactions/router.ts';
import { FhirError, issue } from '../outcome/error.ts';
import { RequestAborted } from './body.ts';
import { errorAnswer, type ErrorLog } from './errors.ts';
import { createNegotiator, PLAIN_JSON, type Negotiate, type Rendering } from './negotiate.ts';
import type { Identify } from './principal.ts';
import { receive } from './receive.ts';
import { send, type Connection } from './send.ts';
import { segmentsOf, targetOf, type Target } from './target.ts';

export interface FhirHttpOptions {
  readonly deps: Pick<FhirDeps, 'clock' | 'definitions' | 'limits'>;
  readonly dispatch: Dispatch;
  readonly identify: Identify;
  /** The public address without a final slash, `https://clinic.example`. */
  readonly publicUrl: string;
  readonly log: ErrorLog;
}

/** Answers requests to the FHIR surfaces; false for any other path. The answer's `X-Request-Id` is set already. */
export type FhirHandler = (request: IncomingMessage, response: ServerResponse, requestId: string) => boolean;

export function createFhirHandler(options: FhirHttpOptions): FhirHandler {
  const negotiate = createNegotiator();
  return (request, response, requestId) => {
    const target = targetOf(request.url ?? '');
    // https://www.rfc-editor.org/rfc/rfc8615: what is said about the server isn't a resource of it.
    if (target === undefined || target.rest.startsWith('/.well-known/')) return false;
    void serve(options, negotiate, { request, response, requestId, target, definitions: options.deps.definitions });
    return true;
  };
}

interface Exchange extends Connection {
  readonly requestId: string;
  readonly target: Target;
}

async function serve(options: FhirHttpOptions, negotiate: Negotiate, exchange: Exchange): Promise<void> {
  const { request, target } = exchange;
  let rendering = PLAIN_JSON;
  try {
    rendering = negotiate(target.query, request.headers.accept);
    await send(exchange, await options.dispatch(await fhirRequestOf(options, exchange)), rendering);
  } catch (error) {
    if (!(error instanceof RequestAborted)) await fail(options, exchange, error, rendering);
  }
}

/** An answer that has begun can't become another one: then the connection ends. */
async function fail({ log }: FhirHttpOptions, exchange: Exchange, error: unknown, rendering: Rendering): Promise<void> {
  const { response, requestId } = exchange;
  const answer = errorAnswer(error, requestId, log);
  try {
    if (response.headersSent) response.destroy();
    else await send(exchange, answer, rendering);
  } catch (second) {
    log.error({ requestId, err: second }, 'answer failed');
    response.destroy();
  }
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

async function fhirRequestOf(options: FhirHttpOptions, { request, requestId, target }: Exchange): Promise<FhirRequest> {
  const method = request.method as FhirRequest['method'];
  if (!METHODS.has(method)) throw unknownMethod();
  const path = segmentsOf(target.rest);
  const identified = options.identify(request.headers, target.clinic);
  const { principal, access } = identified instanceof Promise ? await identified : identified;
  const { deps } = options;
  const context = {
    principal,
    access,
    requestId,
    baseUrl: options.publicUrl + target.base,
    deadline: deps.clock.now() + deps.limits.searchMs,
  };
  const headers = request.headers as FhirRequest['headers'];
  const plain = { method, path, query: target.query, headers, context };
  return method === 'POST' || method === 'PUT' || method === 'PATCH' ? receive(deps, request, plain) : plain;
}

function unknownMethod(): FhirError {
  const allow = [...METHODS].join(', ');
  return new FhirError([issue('not-supported', 'this method is not supported', `Supported: ${allow}.`, 'method')], {
    headers: { Allow: allow },
  });
}

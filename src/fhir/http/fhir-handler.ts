/** The FHIR surfaces over HTTP: one function from request to answer, since this is the hot path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FhirDeps } from '../interactions/deps.ts';
import type { FhirRequest, FhirResponse } from '../interactions/message.ts';
import type { Dispatch } from '../interactions/router.ts';
import { FhirError, issue } from '../outcome/error.ts';
import { RequestAborted } from './body.ts';
import type { BodyBudget, Share } from './body-budget.ts';
import { errorAnswer, type ErrorLog } from './errors.ts';
import { createNegotiator, PLAIN_JSON, type Negotiate, type Rendering } from './negotiate.ts';
import type { Identify } from './principal.ts';
import { receive } from './receive.ts';
import { send, type Connection } from './send.ts';
import { segmentsOf, targetOf, type Target } from './target.ts';

export interface FhirHttpOptions {
  readonly deps: Pick<FhirDeps, 'clock' | 'work' | 'limits'>;
  readonly dispatch: Dispatch;
  readonly identify: Identify;
  /** For bodies of all requests together. */
  readonly budget: BodyBudget;
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
    if (target === undefined) return false;
    void serve(options, negotiate, { request, response, requestId, target, work: options.deps.work });
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
    await send(exchange, await answerOf(options, exchange), rendering);
  } catch (error) {
    if (!(error instanceof RequestAborted)) await fail(options, exchange, error, rendering);
  }
}

/** The share is given back with the answer: how fast that is read is no matter of the body's. */
async function answerOf(options: FhirHttpOptions, exchange: Exchange): Promise<FhirResponse> {
  const share = options.budget.open();
  try {
    return await options.dispatch(await fhirRequestOf(options, exchange, share));
  } finally {
    share.release();
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

async function fhirRequestOf(options: FhirHttpOptions, { request, requestId, target }: Exchange, share: Share): Promise<FhirRequest> {
  const method = request.method as FhirRequest['method'];
  if (!METHODS.has(method)) throw unknownMethod();
  const path = segmentsOf(target.rest);
  const identified = options.identify(request.headers, target.clinic);
  const { principal, access } = identified instanceof Promise ? await identified : identified;
  const { deps } = options;
  const deadline = (): number => deps.clock.now() + deps.limits.searchMs;
  const context = { principal, access, requestId, baseUrl: options.publicUrl + target.base, deadline: deadline() };
  const headers = request.headers as FhirRequest['headers'];
  const plain = { method, path, query: target.query, headers, context };
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return plain;
  const received = await receive(deps, request, plain, share);
  // The time that a body takes to come is the client's.
  return { ...received, context: { ...context, deadline: deadline() } };
}

function unknownMethod(): FhirError {
  const allow = [...METHODS].join(', ');
  return new FhirError([issue('not-supported', 'this method is not supported', `Supported: ${allow}.`, 'method')], {
    headers: { Allow: allow },
  });
}

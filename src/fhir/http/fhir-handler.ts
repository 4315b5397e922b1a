/** The FHIR surfaces over HTTP: one function from request to answer, since this is the hot path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FhirDeps } from '../interactions/deps.ts';
import type { FhirRequest, FhirResponse } from '../interactions/message.ts';
import type { Dispatch } from '../interactions/router.ts';
import type { AuditLog } from '../model/audit.ts';
import { FhirError, issue } from '../outcome/error.ts';
import { createAuditor, NO_AUDIT, type Auditor } from './audit.ts';
import { RequestAborted } from './body.ts';
import { errorAnswer, type ErrorLog } from './errors.ts';
import { createNegotiator, PLAIN_JSON, type Negotiate, type Rendering } from './negotiate.ts';
import type { Identify } from './principal.ts';
import { receive } from './receive.ts';
import { send, type Connection } from './send.ts';
import { segmentsOf, targetOf, type Target } from './target.ts';

export interface FhirHttpOptions {
  readonly deps: Pick<FhirDeps, 'clock' | 'definitions' | 'limits' | 'newId'>;
  readonly dispatch: Dispatch;
  readonly identify: Identify;
  /** The public address without a final slash, `https://clinic.example`. */
  readonly publicUrl: string;
  readonly log: ErrorLog;
  /** Where every interaction is recorded before its answer goes out; undefined: nowhere. */
  readonly audit?: AuditLog | undefined;
}

/** Answers requests to the FHIR surfaces; false for any other path. The answer's `X-Request-Id` is set already. */
export type FhirHandler = (request: IncomingMessage, response: ServerResponse, requestId: string) => boolean;

export function createFhirHandler(options: FhirHttpOptions): FhirHandler {
  const negotiate = createNegotiator();
  const { audit, deps } = options;
  const parts = { negotiate, auditor: audit ? createAuditor({ log: audit, newId: deps.newId }) : NO_AUDIT };
  return (request, response, requestId) => {
    const target = targetOf(request.url ?? '');
    // https://www.rfc-editor.org/rfc/rfc8615: what is said about the server isn't a resource of it.
    if (target === undefined || target.rest.startsWith('/.well-known/')) return false;
    void serve(options, parts, { request, response, requestId, target, definitions: deps.definitions });
    return true;
  };
}

interface Exchange extends Connection {
  readonly requestId: string;
  readonly target: Target;
}

interface Parts {
  readonly negotiate: Negotiate;
  readonly auditor: Auditor;
}

async function serve(options: FhirHttpOptions, { negotiate, auditor }: Parts, exchange: Exchange): Promise<void> {
  const { request, target } = exchange;
  let rendering = PLAIN_JSON;
  try {
    const plain = await orRefused(auditor, exchange, () => {
      rendering = negotiate(target.query, request.headers.accept);
      return plainRequestOf(options, exchange);
    });
    await send(exchange, await answerTo(options, auditor, exchange, plain), rendering);
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

/** What fails before anyone is identified is on record before it is answered. */
async function orRefused<T>(auditor: Auditor, { request, requestId, target }: Exchange, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const path = target.rest.split('/').slice(1);
    await auditor.refused(request, { requestId, clinic: target.clinic, path, query: target.query }, error);
    throw error;
  }
}

function answerTo({ deps, dispatch }: FhirHttpOptions, auditor: Auditor, { request }: Exchange, plain: FhirRequest): Promise<FhirResponse> {
  const { method } = plain;
  const hasBody = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return auditor.answer(plain, request.socket.remoteAddress, {
    receive: () => (hasBody ? receive(deps, request, plain) : plain),
    dispatch,
  });
}

/** All but the body. */
async function plainRequestOf(options: FhirHttpOptions, { request, requestId, target }: Exchange): Promise<FhirRequest> {
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
  return { method, path, query: target.query, headers, context };
}

function unknownMethod(): FhirError {
  const allow = [...METHODS].join(', ');
  return new FhirError([issue('not-supported', 'this method is not supported', `Supported: ${allow}.`, 'method')], {
    headers: { Allow: allow },
  });
}

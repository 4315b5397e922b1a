/** The FHIR surfaces over HTTP: one function from request to answer, since this is the hot path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressOf } from '../../platform/peer.ts';
import type { FhirDeps } from '../interactions/deps.ts';
import type { FhirRequest, FhirResponse } from '../interactions/message.ts';
import type { Dispatch } from '../interactions/router.ts';
import type { AuditLog } from '../model/audit.ts';
import { FhirError, issue } from '../outcome/error.ts';
import { createAuditor, NO_AUDIT, type Auditor } from './audit.ts';
import { RequestAborted } from './body.ts';
import type { BodyBudget, Share } from './body-budget.ts';
import { errorAnswer, type ErrorLog } from './errors.ts';
import { createNegotiator, PLAIN_JSON, type Negotiate, type Rendering } from './negotiate.ts';
import { ANYONE, type Arrival, type Identify } from './principal.ts';
import { receive } from './receive.ts';
import { send, type Connection } from './send.ts';
import { segmentsOf, targetOf, type Target } from './target.ts';

export interface FhirHttpOptions {
  readonly deps: Pick<FhirDeps, 'clock' | 'work' | 'limits' | 'newId'>;
  readonly dispatch: Dispatch;
  readonly identify: Identify;
  /** For bodies of all requests together. */
  readonly budget: BodyBudget;
  /** The caller's address, behind trusted proxies. */
  readonly addressOf: AddressOf;
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
  const parts = { negotiate, auditor: audit ? createAuditor({ log: audit }) : NO_AUDIT };
  return (request, response, requestId) => {
    const target = targetOf(request.url ?? '');
    // https://www.rfc-editor.org/rfc/rfc8615: what is said about the server isn't a resource of it.
    if (target === undefined || target.rest.startsWith('/.well-known/')) return false;
    void serve(options, parts, { request, response, requestId, target, address: options.addressOf(request), work: deps.work });
    return true;
  };
}

interface Exchange extends Connection {
  readonly requestId: string;
  readonly target: Target;
  /** Empty where the connection is gone. */
  readonly address: string;
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
async function orRefused<T>(auditor: Auditor, { request, requestId, target, address }: Exchange, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const path = target.rest.split('/').slice(1);
    await auditor.refused(request, { requestId, address, clinic: target.clinic, path, query: target.query }, error);
    throw error;
  }
}

/** The share of the body's memory is given back with the answer: how fast that is read is no matter of the body's. */
async function answerTo(
  options: FhirHttpOptions,
  auditor: Auditor,
  { request, address }: Exchange,
  plain: FhirRequest,
): Promise<FhirResponse> {
  const share = options.budget.open();
  try {
    return await auditor.answer(plain, address === '' ? undefined : address, {
      receive: () => received(options, request, plain, share),
      dispatch: options.dispatch,
    });
  } finally {
    share.release();
  }
}

/** The time that a body takes to come is the client's. */
async function received({ deps }: FhirHttpOptions, request: IncomingMessage, plain: FhirRequest, share: Share): Promise<FhirRequest> {
  const { method } = plain;
  if (method !== 'POST' && method !== 'PUT' && method !== 'PATCH') return plain;
  const whole = await receive(deps, request, plain, share);
  return { ...whole, context: { ...whole.context, deadline: deadlineOf(deps) } };
}

const deadlineOf = ({ clock, limits }: Pick<FhirDeps, 'clock' | 'limits'>): number => clock.now() + limits.searchMs;

/** All but the body. */
async function plainRequestOf(options: FhirHttpOptions, { request, requestId, target, address }: Exchange): Promise<FhirRequest> {
  const method = request.method as FhirRequest['method'];
  if (!METHODS.has(method)) throw unknownMethod();
  const path = segmentsOf(target.rest);
  const identified = isOpen(path) ? ANYONE : options.identify(request.headers, target.clinic, arrivalOf(requestId, address));
  const { principal, access } = identified instanceof Promise ? await identified : identified;
  const context = { principal, access, requestId, baseUrl: options.publicUrl + target.base, deadline: deadlineOf(options.deps) };
  const headers = request.headers as FhirRequest['headers'];
  return { method, path, query: target.query, headers, context };
}

const arrivalOf = (requestId: string, address: string): Arrival => (address === '' ? { requestId } : { requestId, address });

/** What a server can do is told before anyone signs in: https://hl7.org/fhir/R4/http.html#capabilities */
const isOpen = (path: readonly string[]): boolean => path.length === 1 && path[0] === 'metadata';

function unknownMethod(): FhirError {
  const allow = [...METHODS].join(', ');
  return new FhirError([issue('not-supported', 'this method is not supported', `Supported: ${allow}.`, 'method')], {
    headers: { Allow: allow },
  });
}

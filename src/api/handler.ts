/** Serves the routes: finds one, tells who asks, decides, checks what was sent, and answers. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AuditLog } from '../fhir/model/audit.ts';
import type { ClinicId } from '../fhir/model/ids.ts';
import { FhirError, fhirError } from '../fhir/outcome/error.ts';
import { readBody, RequestAborted } from '../fhir/http/body.ts';
import type { Arrival } from '../fhir/http/principal.ts';
import type { BodyBudget } from '../fhir/http/body-budget.ts';
import type { AddressOf } from '../platform/peer.ts';
import { auditOf, withAudit } from './audit.ts';
import { readContent, type Content } from './body.ts';
import { createChecks, type RouteCheck } from './check.ts';
import type { Idempotency } from './idempotency.ts';
import {
  isOpen,
  type ApiAnswer,
  type ApiCall,
  type ApiIdentity,
  type ApiMethod,
  type ClosedRule,
  type GroupRule,
  type KnownCall,
  type Route,
  type RouteRule,
} from './route.ts';
import { sendAnswer, sendError, type ApiLog } from './send.ts';
import type { Found, RouteTable } from './table.ts';

export interface ApiOptions {
  readonly table: RouteTable;
  /** Throws `unauthenticated`, `unavailable`. */
  readonly identify: (headers: IncomingHttpHeaders, clinic: undefined, arrival: Arrival) => ApiIdentity | Promise<ApiIdentity>;
  /** What the table of roles and the token's scopes say of a route; what they don't know is denied. */
  readonly permits: (identity: ApiIdentity, rule: ClosedRule, method: ApiMethod) => boolean;
  /** Whether using a route is reaching beyond the everyday: what the audit trail files under break-glass. */
  readonly isBreakGlass: (identity: ApiIdentity, rule: GroupRule) => boolean;
  /** Whether someone may use a route of a clinic that isn't the token's own. */
  readonly crossesClinics: (identity: ApiIdentity) => boolean;
  readonly idempotency: Idempotency;
  /** For bodies of all requests together. */
  readonly budget: BodyBudget;
  readonly audit: AuditLog;
  /** The clinic in whose trail requests without a token are written. */
  readonly homeClinic: ClinicId;
  readonly addressOf: AddressOf;
  readonly publicUrl: string;
  readonly log: ApiLog;
}

/** Answers the paths of its routes; false for any other. */
export type ApiHandler = (request: IncomingMessage, response: ServerResponse, requestId: string) => boolean;

export function createApiHandler(options: ApiOptions): ApiHandler {
  const serving: Serving = { ...options, checkOf: createChecks() };
  return (request, response, requestId) => {
    const url = request.url ?? '';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    if (options.table.patternOf(path) === undefined) return false;
    void serve(serving, { request, response, requestId, path, query: mark < 0 ? '' : url.slice(mark + 1) });
    return true;
  };
}

type Serving = ApiOptions & { readonly checkOf: (route: Route) => RouteCheck };

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly path: string;
  readonly query: string;
}

async function serve(serving: Serving, exchange: Exchange): Promise<void> {
  const { request, response, requestId } = exchange;
  try {
    const found = serving.table.find(request.method ?? '', exchange.path);
    if (!found) throw fhirError('not-found', 'nothing is served at this path', 'See /openapi.json for what there is.', 'URL');
    sendAnswer(request, response, await answer(serving, exchange, found));
  } catch (error) {
    if (!(error instanceof RequestAborted)) sendError(response, error, requestId, serving.log);
  }
}

/** The trail hears of every answer of a route before the caller does, whoever was refused and why. */
async function answer(serving: Serving, exchange: Exchange, found: Found): Promise<ApiAnswer> {
  const { route } = found;
  const known: { identity?: ApiIdentity } = {};
  const work = (): Promise<ApiAnswer> => decide(serving, exchange, found, known).catch((error: unknown) => refused(route, error));
  if (route.audit === null) return work();
  return withAudit(serving.audit, work, (outcome) =>
    auditOf({
      route,
      identity: known.identity,
      isBeyond: known.identity !== undefined && isOfGroup(route.rule) && serving.isBreakGlass(known.identity, route.rule),
      clinic: known.identity?.principal.clinic ?? serving.homeClinic,
      requestId: exchange.requestId,
      address: serving.addressOf(exchange.request),
      outcome,
    }),
  );
}

/** A fault of ours, and what a dependency does, is a problem whatever the protocol. */
function refused({ refuse }: Route, error: unknown): ApiAnswer {
  if (refuse && error instanceof FhirError && error.status < 500) return refuse(error);
  throw error;
}

async function decide(serving: Serving, exchange: Exchange, found: Found, known: { identity?: ApiIdentity }): Promise<ApiAnswer> {
  const { route, params } = found;
  const { request } = exchange;
  const { rule, method } = route;
  if (!isOpen(rule)) {
    known.identity = await serving.identify(request.headers, undefined, {
      requestId: exchange.requestId,
      address: serving.addressOf(request),
    });
    assertPermitted(serving, { rule, method }, params['clinicId'], known.identity);
  }
  const content = await contentOf(serving, request, route);
  const check = serving.checkOf(route);
  const call: ApiCall<unknown, unknown> = {
    params,
    query: check.query(new URLSearchParams(exchange.query)),
    body: check.body(content.value),
    headers: request.headers,
    requestId: exchange.requestId,
    address: serving.addressOf(request),
    publicUrl: serving.publicUrl,
  };
  return handled(serving, exchange, route, { call, content, identity: known.identity });
}

/** The share of the memory is given back as soon as the body is read: these are small. */
async function contentOf({ budget }: Serving, request: IncomingMessage, route: Route): Promise<Content> {
  const share = budget.open();
  try {
    return await readContent(request, route, (from, limit) => readBody(from, { limit, share, graceMs: BODY_GRACE_MS }));
  } finally {
    share.release();
  }
}

const BODY_GRACE_MS = 10_000;

interface Ready {
  readonly call: ApiCall<unknown, unknown>;
  readonly content: Content;
  readonly identity: ApiIdentity | undefined;
}

async function handled(serving: Serving, { request, path }: Exchange, route: Route, ready: Ready): Promise<ApiAnswer> {
  const { call, content, identity } = ready;
  const handle = route.handle as (call: ApiCall<unknown, unknown>) => Promise<ApiAnswer>;
  const given: ApiCall<unknown, unknown> | KnownCall<unknown, unknown> = identity ? { ...call, identity } : call;
  const key = request.headers['idempotency-key'];
  if (route.method !== 'POST' || typeof key !== 'string' || route.replayable === false) return handle(given);
  const { clinic, subject } = identity ? identity.principal : { clinic: serving.homeClinic, subject: call.address };
  return serving.idempotency.once({ clinic, subject, route: `POST ${path}`, key, body: content.bytes }, (idempotencyToken) =>
    handle({ ...given, idempotencyToken }),
  );
}

const isOfGroup = (rule: RouteRule | undefined): rule is GroupRule => rule !== undefined && 'group' in rule;

interface Judged {
  readonly rule: ClosedRule | undefined;
  readonly method: ApiMethod;
}

/** Another clinic's route is not there, for whoever works in one. A route without a rule, which types don't let pass, is nobody's. */
function assertPermitted(serving: Serving, { rule, method }: Judged, clinic: string | undefined, identity: ApiIdentity): void {
  if (clinic !== undefined && clinic !== identity.principal.clinic && !serving.crossesClinics(identity)) {
    throw fhirError('not-found', 'there is no such clinic', 'Check its id.', 'clinicId');
  }
  if (rule !== undefined && ('own' in rule || 'group' in rule) && serving.permits(identity, rule, method)) return;
  const where = rule !== undefined && 'group' in rule ? `${rule.group}.${rule.action}` : undefined;
  throw fhirError('forbidden', 'this role, or this token, may not do that', 'See docs/permissions.md for who may.', where);
}

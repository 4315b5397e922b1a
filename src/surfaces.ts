/** What the server answers, put together once it is known where it listens: FHIR, the clinic API, pages, operation. */
import type { RequestListener } from 'node:http';
import { createCors } from './api/cors.ts';
import { docsRoutes } from './api/docs.ts';
import { createApiHandler } from './api/handler.ts';
import { createIdempotency } from './api/idempotency.ts';
import type { ApiIdentity, Route, RouteRule } from './api/route.ts';
import { createRouteTable, type RouteTable } from './api/table.ts';
import { createApp } from './app.ts';
import { auditRoutes } from './audit/routes/index.ts';
import { outboxOf, type Services } from './compose.ts';
import type { Config } from './config.ts';
import { BODY_BUDGET, createBodyBudget } from './fhir/http/body-budget.ts';
import { createFhirHandler } from './fhir/http/fhir-handler.ts';
import { systemIdentity } from './fhir/http/principal.ts';
import { fhirRoutes } from './fhir/index.ts';
import type { AuditLog } from './fhir/model/audit.ts';
import { createObserver } from './operation/observe.ts';
import { createOperationHandler, OPERATION_PATHS } from './operation/routes.ts';
import { systemClock } from './platform/clock.ts';
import type { Log } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { createOutbound } from './platform/outbound.ts';
import { createAddressOf } from './platform/peer.ts';
import type { Tracing } from './platform/tracing.ts';
import { createSmartAuth, type SmartAuth } from './smart-auth/index.ts';
import type { IdentifyRequest } from './smart-auth/identify.ts';
import { createOutbox } from './smart-auth/messages/outbox.ts';
import type { MessageSender } from './smart-auth/messages/port.ts';
import { createSmtpSender } from './smart-auth/messages/smtp.ts';

export interface SurfacesOptions {
  readonly config: Config;
  readonly services: Services;
  readonly log: Log;
  readonly tracing: Tracing | undefined;
  /** Without a final slash. */
  readonly publicUrl: string;
  readonly version: string;
  readonly isDraining: () => boolean;
}

/** A route of any surface. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  /** `filtered`: whoever is signed in may ask, and is shown what the table of roles lets them see. */
  readonly rule: RouteRule | { readonly filtered: true };
}

export interface Surfaces {
  readonly listener: RequestListener;
  readonly routes: readonly ServedRoute[];
  readonly smartAuth: SmartAuth;
}

export function createSurfaces(options: SurfacesOptions): Surfaces {
  const { config, services, log, tracing, publicUrl, isDraining } = options;
  const { deps, dispatch, dependencies } = services;
  const logger = log.logger;
  const smartAuth = createSmartAuth({
    ...services,
    audit: services.audit.log,
    homeClinic: services.defaultClinic,
    outbound: createOutbound({ allow: config.OUTBOUND_ALLOW ?? [], clock: systemClock }),
    sender: senderOf(config, deps.newId),
    publicUrl: () => publicUrl,
    log: logger,
  });
  const table = tableOf([...smartAuth.routes, ...auditRoutes({ dispatch, clock: systemClock })], options);
  const identify = config.AUTH === 'none' ? everyone(services) : smartAuth.identify;
  const audit = isAudited(config) ? services.audit.log : undefined;
  const [addressOf, budget] = [createAddressOf(config.TRUST_PROXY ?? []), createBodyBudget(BODY_BUDGET)];
  const shared = { addressOf, budget, identify, publicUrl, log: logger };
  const metrics = createMetrics();
  const observed = { logger, metrics, clock: systemClock, timer: () => performance.now(), ...(tracing ? { tracing } : {}) };
  const api = createApiHandler({
    ...shared,
    table,
    permits: smartAuth.permits,
    isBreakGlass: smartAuth.isBreakGlass,
    crossesClinics: smartAuth.crossesClinics,
    idempotency: createIdempotency(services.records, systemClock),
    audit: audit ?? NO_TRAIL,
    homeClinic: services.defaultClinic,
  });
  const listener = createApp({
    fhir: createFhirHandler({ ...shared, deps, dispatch, audit }),
    handlers: [createOperationHandler({ dependencies, metrics, isDraining }), api],
    cors: createCors({ origins: config.CORS_ORIGINS ?? [], isOriginOfApp: smartAuth.isOriginOfApp, clock: systemClock }),
    isSecure: publicUrl.startsWith('https:'),
    observe: createObserver({ ...observed, api: (path) => table.patternOf(path) }),
    ...{ newId: deps.newId, log: logger },
  }) as RequestListener;
  return { listener, smartAuth, routes: [...table.routes, ...fhirServed(), ...operationServed()] };
}

/** Where everyone is the same, a trail would tell nothing. */
export const isAudited = ({ AUTH }: Pick<Config, 'AUTH'>): boolean => AUTH !== 'none';

const NO_TRAIL: AuditLog = { append: () => Promise.resolve('') };

/** The descriptions describe themselves as well. */
function tableOf(routes: readonly Route[], { publicUrl, version }: SurfacesOptions): RouteTable {
  const described: Route[] = [];
  const description = { title: 'Nadi: the clinic API', version, server: publicUrl };
  described.push(...routes, ...docsRoutes(() => ({ routes: described, description })));
  return createRouteTable(described);
}

const operationServed = (): ServedRoute[] =>
  Object.entries(OPERATION_PATHS).map(([path, open]) => ({ method: 'GET', path, rule: { open } }));

const fhirServed = (): ServedRoute[] =>
  ['/fhir/R4', '/clinics/:clinicId/fhir/R4'].flatMap((base) =>
    fhirRoutes().map(({ method, pattern }) => ({
      method,
      path: pattern === '' ? base : `${base}/${pattern}`,
      rule: pattern === 'metadata' ? { open: 'what a server can do is told before anyone signs in' } : { filtered: true },
    })),
  );

function senderOf({ SMTP_URL, MAIL_FROM, DATA_DIR }: Config, newId: () => string): MessageSender {
  return SMTP_URL === undefined ? createOutbox(outboxOf({ DATA_DIR }), newId) : createSmtpSender({ url: SMTP_URL, from: MAIL_FROM });
}

/** `AUTH=none`: everyone is the system client, on all surfaces. */
function everyone({ defaultClinic }: Services): IdentifyRequest {
  const identify = systemIdentity(defaultClinic);
  return async (headers, clinic, arrival): Promise<ApiIdentity> => ({
    ...(await identify(headers, clinic, arrival)),
    session: 'none',
    scope: 'system/*.cruds',
  });
}

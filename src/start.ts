/** The life of a server: from the lock on its data to the last answer. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { STORE_COMMANDS } from './cli/commands.ts';
import { openCommandSocket } from './cli/socket-server.ts';
import { openServices, type Services } from './compose.ts';
import type { Config } from './config.ts';
import { createFhirHandler } from './fhir/http/fhir-handler.ts';
import { systemIdentity } from './fhir/http/principal.ts';
import type { AuditLog } from './fhir/model/audit.ts';
import { lockDataDirectory } from './operation/data-directory.ts';
import { createObserver } from './operation/observe.ts';
import { createOperationHandler } from './operation/routes.ts';
import { closeServer, stopAll, type Stop } from './operation/shutdown.ts';
import { systemClock } from './platform/clock.ts';
import { createLog, type Log } from './platform/logger.ts';
import { createMetrics } from './platform/metrics.ts';
import { openTracing, type Tracing } from './platform/tracing.ts';

export interface RunningServer {
  /** Where it listens. */
  readonly address: string;
  readonly log: Log;
  /** Answers what was accepted, then closes everything; resolves to the names of what couldn't be closed. */
  drain(): Promise<string[]>;
}

/** Starts a server. Throws DataDirectoryError where another one has the data, and what opening the stores throws. */
export async function startServer(config: Config): Promise<RunningServer> {
  const directory = lockDataDirectory(config.DATA_DIR);
  const log = createLog(config.LOG_LEVEL);
  const [services, tracing] = await Promise.all([openServices(config), tracingOf(config)]);
  const server = createServer(config);
  const address = await listen(server, config);
  const publicUrl = (config.BASE_URL ?? address).replace(/\/+$/, '');
  const state = { draining: false };
  server.on(
    'request',
    requestListener({
      services,
      log,
      tracing,
      publicUrl,
      audit: isAudited(config.AUTH) ? services.audit.log : undefined,
      isDraining: () => state.draining,
    }),
  );
  const socket = await openCommandSocket(directory.socket, STORE_COMMANDS, { ...services, baseUrl: `${publicUrl}/fhir/R4` });
  const runner = isAudited(config.AUTH)
    ? services.audit.start((error) => log.logger.error({ err: error }, 'AuditEvents could not be made'))
    : undefined;
  const stops: readonly Stop[] = [
    { name: 'HTTP', stop: () => closeServer(server) },
    { name: 'the command socket', stop: () => socket.close() },
    { name: 'the AuditEvents', stop: () => runner?.stop() },
    { name: 'the stores', stop: () => services.close() },
    { name: 'the traces', stop: async () => tracing?.close() },
    { name: 'the log', stop: () => log.flush() },
    { name: 'the data directory', stop: () => directory.release() },
  ];
  return {
    address,
    log,
    drain() {
      state.draining = true;
      return stopAll(stops);
    },
  };
}

/** Where everyone is the same, a trail would tell nothing. */
const isAudited = (auth: string): boolean => auth !== 'none';

interface ListenerOptions {
  readonly services: Services;
  readonly log: Log;
  readonly tracing: Tracing | undefined;
  readonly publicUrl: string;
  readonly audit: AuditLog | undefined;
  readonly isDraining: () => boolean;
}

function requestListener({ services, log, tracing, publicUrl, audit, isDraining }: ListenerOptions): RequestListener {
  const { deps, dispatch, dependencies, defaultClinic } = services;
  const metrics = createMetrics();
  const logger = log.logger;
  return createApp({
    fhir: createFhirHandler({ deps, dispatch, identify: systemIdentity(defaultClinic), publicUrl, log: logger, audit }),
    handlers: [createOperationHandler({ dependencies, metrics, isDraining })],
    observe: createObserver({ logger, metrics, timer: () => performance.now(), clock: systemClock, ...(tracing ? { tracing } : {}) }),
    newId: deps.newId,
    log: logger,
  }) as RequestListener;
}

async function tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }: Config): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return openTracing({ endpoint, version });
}

/** Longer than proxies keep a connection, so that it is they who close it and no request meets a closed one. */
const KEEP_ALIVE_MS = 65_000;

function createServer({ TLS_CERT, TLS_KEY }: Config): Server {
  const server = TLS_CERT && TLS_KEY ? createTlsServer({ cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) }) : createHttpServer();
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
}

async function listen(server: Server, { HOST, PORT, TLS_CERT }: Config): Promise<string> {
  const listening = Promise.withResolvers<undefined>();
  server.once('error', listening.reject).once('listening', () => listening.resolve(undefined));
  server.listen(PORT, HOST);
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  return `${TLS_CERT ? 'https' : 'http'}://${HOST.includes(':') ? `[${HOST}]` : HOST}:${port}`;
}

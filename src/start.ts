/** The life of a server: from the lock on its data to the last answer. */
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { STORE_COMMANDS } from './cli/commands.ts';
import { openCommandSocket } from './cli/socket-server.ts';
import { openServices } from './compose.ts';
import type { Config } from './config.ts';
import { answerClientErrors } from './fhir/http/client-errors.ts';
import { endUnreadBodies } from './fhir/http/unread.ts';
import { asClinicId } from './fhir/model/ids.ts';
import { lockDataDirectory } from './operation/data-directory.ts';
import { closeServer, silentConnections, stopAll, type Stop } from './operation/shutdown.ts';
import { createLog, type Log } from './platform/logger.ts';
import { openTracing, type Tracing } from './platform/tracing.ts';
import type { SmartAuth } from './smart-auth/index.ts';
import { createSurfaces, isAudited, type ServedRoute } from './surfaces.ts';

export interface RunningServer {
  /** Where it listens. */
  readonly address: string;
  readonly log: Log;
  /** All that it serves. */
  readonly routes: readonly ServedRoute[];
  /** Of the first administrator, where this start generated it: to be shown once. */
  readonly password?: string;
  /** Answers what was accepted, then closes everything; resolves to the names of what couldn't be closed. */
  drain(): Promise<string[]>;
}

/** Starts a server. Throws DataDirectoryError where another one has the data, and what opening the stores throws. */
export async function startServer(config: Config): Promise<RunningServer> {
  const directory = lockDataDirectory(config.DATA_DIR);
  const log = createLog(config.LOG_LEVEL);
  const [services, tracing] = await Promise.all([openServices(config), tracingOf(config)]);
  const server = createServer(config);
  const silent = silentConnections(server);
  const address = await listen(server, config);
  const publicUrl = (config.BASE_URL ?? address).replace(/\/+$/, '');
  const state = { draining: false };
  const { listener, smartAuth, routes } = createSurfaces({
    ...{ config, services, log, tracing, publicUrl, version: versionOf(), isDraining: () => state.draining },
  });
  const password = await openClinic(config, smartAuth, publicUrl);
  answerClientErrors(server, services.deps.newId);
  endUnreadBodies(server);
  server.on('request', listener);
  const socket = await openCommandSocket(directory.socket, STORE_COMMANDS, { ...services, baseUrl: `${publicUrl}/fhir/R4` });
  const runner = isAudited(config)
    ? services.audit.start((error) => log.logger.error({ err: error }, 'AuditEvents could not be made'))
    : undefined;
  const stops: readonly Stop[] = [
    { name: 'HTTP', stop: () => closeServer(server, silent) },
    { name: 'the command socket', stop: () => socket.close() },
    { name: 'sign-in', stop: () => smartAuth.close() },
    { name: 'the AuditEvents', stop: () => runner?.stop() },
    { name: 'the stores', stop: () => services.close() },
    { name: 'the traces', stop: async () => tracing?.close() },
    { name: 'the log', stop: () => log.flush() },
    { name: 'the data directory', stop: () => directory.release() },
  ];
  return {
    ...{ address, log, routes },
    ...(password === undefined ? {} : { password }),
    drain() {
      state.draining = true;
      return stopAll(stops);
    },
  };
}

/** The first start makes a clinic, its administrator and, where asked, a client. Resolves to the password that it generated. */
async function openClinic(config: Config, { people }: SmartAuth, publicUrl: string): Promise<string | undefined> {
  if (config.AUTH === 'none') return undefined;
  people.start();
  const { BOOTSTRAP_CLIENT_ID: id, BOOTSTRAP_CLIENT_SECRET: secret } = config;
  return people.bootstrap({
    clinic: asClinicId(config.BOOTSTRAP_CLINIC),
    timeZone: config.CLINIC_TIME_ZONE,
    adminEmail: config.BOOTSTRAP_ADMIN_EMAIL,
    adminPassword: config.BOOTSTRAP_ADMIN_PASSWORD,
    ...(id !== undefined && secret !== undefined ? { client: { id, secret } } : {}),
    publicUrl,
  });
}

const versionOf = (): string =>
  (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string }).version;

async function tracingOf({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }: Config): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  return openTracing({ endpoint, version: versionOf() });
}

/** Longer than proxies keep a connection, so that it is they who close it and no request meets a closed one. */
const KEEP_ALIVE_MS = 65_000;
/** Who needs longer for a request line and headers holds a connection for nothing. A body has a pace of its own. */
const PATIENCE = { headersTimeout: 15_000, connectionsCheckingInterval: 5000 };
/** https://www.rfc-editor.org/rfc/rfc8996: nothing older, whatever Node is told on its command line. */
const TLS = { minVersion: 'TLSv1.2', handshakeTimeout: 15_000 } as const;

function createServer({ TLS_CERT, TLS_KEY }: Config): Server {
  const server =
    TLS_CERT && TLS_KEY
      ? createTlsServer({ ...PATIENCE, ...TLS, cert: readFileSync(TLS_CERT), key: readFileSync(TLS_KEY) })
      : createHttpServer(PATIENCE);
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

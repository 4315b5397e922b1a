/** The real app in-process, on each store that there is: SQLite in a temporary folder, MongoDB where TEST_MONGODB_URL says. */
import { createAddressOf } from '../../src/platform/peer.ts';
import { describe } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { BODY_BUDGET, createBodyBudget, type BodyBudget, type BodyBudgetOptions } from '../../src/fhir/http/body-budget.ts';
import { answerClientErrors } from '../../src/fhir/http/client-errors.ts';
import { endUnreadBodies } from '../../src/fhir/http/unread.ts';
import { createFhirHandler } from '../../src/fhir/http/fhir-handler.ts';
import { systemIdentity, type Identify } from '../../src/fhir/http/principal.ts';
import { createFhir, DEFAULT_LIMITS, type FhirDeps, type Limits } from '../../src/fhir/index.ts';
import { loadDefinitions, type Definitions } from '../../src/fhir/model/definitions.ts';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import type { PathLocator } from '../../src/fhir/patch/locate.ts';
import { createPathLocator } from '../../src/fhir/patch/path-locator.ts';
import { createWork, type WorkOptions } from '../../src/fhir/work/work.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';
import { createExtractor } from '../../src/fhir/search/values/index.ts';
import { createUnits } from '../../src/fhir/search/values/normalise/units.ts';
import { openMongoStore } from '../../src/fhir/store/mongo/index.ts';
import type { FhirStore } from '../../src/fhir/store/port.ts';
import { openSqliteStore } from '../../src/fhir/store/sqlite/index.ts';
import { createValidator } from '../../src/fhir/validation/index.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { uuidSource } from '../../src/platform/ids.ts';
import { createSealer } from '../../src/platform/seal.ts';
import { dropDatabase, freshDatabase } from '../store/mongo/database.ts';

export type StoreKind = 'sqlite' | 'mongo';

export interface TestApp {
  /** Listens on a free port of the loopback interface. */
  readonly server: Server;
  /** `http://nadi.test/fhir/R4`: what locations and links start with. */
  readonly baseUrl: string;
  readonly deps: FhirDeps;
  readonly budget: BodyBudget;
  /** What was logged as a fault. */
  readonly faults: unknown[];
  /** Moves the app's time forward. */
  readonly advance: (ms: number) => void;
  readonly close: () => Promise<void>;
}

export interface AppSettings {
  readonly limits?: Partial<Limits>;
  readonly budget?: Partial<BodyBudgetOptions>;
  readonly work?: WorkOptions;
  /** The system client, unless given. */
  readonly identify?: Identify;
}

const PUBLIC_URL = 'http://nadi.test';
const FHIR_JSON = 'application/fhir+json';

/** Runs the tests once on each store. */
export function onEachStore(name: string, tests: (open: (settings?: AppSettings) => Promise<TestApp>) => void): void {
  const kinds: StoreKind[] = process.env['TEST_MONGODB_URL'] ? ['sqlite', 'mongo'] : ['sqlite'];
  describe.each(kinds)(`${name} on %s`, (kind) => {
    tests((settings) => openApp(kind, settings));
  });
}

/** An app with an empty store of its own. */
async function openApp(kind: StoreKind, settings: AppSettings = {}): Promise<TestApp> {
  const clock = movableClock();
  const { store, dispose } = await openStore(kind, clock);
  const locator = createPathLocator();
  const deps = depsOf(store, clock, settings, locator);
  const faults: unknown[] = [];
  const log = { error: (fields: { readonly err: unknown }): void => void faults.push(fields.err) };
  const budget = createBodyBudget({ ...BODY_BUDGET, ...settings.budget });
  const fhir = createFhirHandler({
    addressOf: createAddressOf([]),
    budget,
    deps,
    dispatch: createFhir(deps),
    identify: settings.identify ?? systemIdentity(asClinicId('demo')),
    publicUrl: PUBLIC_URL,
    log,
  });
  const server = createServer(createApp({ fhir, handlers: [], isSecure: false, observe: () => undefined, newId: deps.newId, log }));
  answerClientErrors(server, deps.newId);
  endUnreadBodies(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    baseUrl: `${PUBLIC_URL}/fhir/R4`,
    deps,
    budget,
    faults,
    advance: clock.advance,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all([deps.work.close(), locator.close()]);
      await dispose();
    },
  };
}

/** A client of the app's FHIR surface. */
export const client = (app: TestApp, base = '/fhir/R4'): FhirClient => ({
  get: (path, headers = {}) => request(app.server).get(urlOf(base, path)).set(headers),
  head: (path, headers = {}) => request(app.server).head(urlOf(base, path)).set(headers),
  delete: (path, headers = {}) => request(app.server).delete(urlOf(base, path)).set(headers),
  post: (path, body, headers = {}) => withBody(request(app.server).post(urlOf(base, path)), body, headers),
  put: (path, body, headers = {}) => withBody(request(app.server).put(urlOf(base, path)), body, headers),
  patch: (path, body, headers = {}) => withBody(request(app.server).patch(urlOf(base, path)), body, headers),
});

/** What tests look at in an answer's body. */
export interface Body {
  readonly resourceType: string;
  readonly id: string;
  readonly type: string;
  readonly total: number;
  readonly active: boolean;
  readonly fhirVersion: string;
  readonly telecom: readonly unknown[];
  readonly implementation: { readonly url: string };
  readonly name: readonly [{ readonly given: readonly string[] }];
  readonly meta: { readonly versionId: string; readonly lastUpdated: string; readonly tag?: readonly { readonly code: string }[] };
  readonly entry: readonly [{ readonly resource: Body }];
  readonly issue: readonly [{ readonly code: string; readonly details: { readonly coding: readonly [{ readonly code: string }] } }];
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Body;
}

/** A request of supertest, with a typed answer. */
export interface Asked extends PromiseLike<Answer> {
  expect(status: number, text?: string): Asked;
  expect(header: string, value: string | RegExp): Asked;
  /** Keeps the text of types that aren't text to the client. */
  buffer(): Asked;
}

type Headers = Record<string, string>;
type WithoutBody = (path: string, headers?: Headers) => Asked;
type WithBody = (path: string, body: unknown, headers?: Headers) => Asked;

export interface FhirClient {
  readonly get: WithoutBody;
  readonly head: WithoutBody;
  readonly delete: WithoutBody;
  readonly post: WithBody;
  readonly put: WithBody;
  readonly patch: WithBody;
}

/** A link of an answer may be followed as it is. */
function urlOf(base: string, path: string): string {
  if (path.startsWith(PUBLIC_URL)) return path.slice(PUBLIC_URL.length);
  return path === '' || path.startsWith('?') ? `${base}${path}` : `${base}/${path}`;
}

/** Objects are sent as FHIR JSON, texts and bytes as they are. Answers of FHIR types are parsed. */
function withBody(test: request.Test, body: unknown, headers: Headers): Asked {
  const typed = test.set('Content-Type', FHIR_JSON).set(headers);
  return body === undefined
    ? typed
    : typed.serialize(asIs).send(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

/** Against the client's own way of serialising bytes. */
const asIs = (body: unknown): string => body as string;

const movableClock = (): Clock & { readonly advance: (ms: number) => void } => {
  let offset = 0;
  return {
    now: () => Date.now() + offset,
    advance: (ms) => {
      offset += ms;
    },
  };
};

function depsOf(store: FhirStore, clock: Clock, settings: AppSettings, locator: PathLocator): FhirDeps {
  const definitions: Definitions = loadDefinitions();
  const registry = createRegistry(definitions);
  const units = createUnits();
  const extractor = createExtractor({ definitions, registry, units });
  const validator = createValidator({ definitions });
  return {
    store,
    definitions,
    registry,
    units,
    extractor,
    validator,
    work: createWork({ definitions, extractor, validator, locator }, settings.work),
    clock,
    newId: uuidSource(clock),
    sealer: createSealer([Buffer.alloc(32, 7)], 'cursors'),
    timeZoneOf: () => 'UTC',
    limits: { ...DEFAULT_LIMITS, ...settings.limits },
  };
}

interface OpenStore {
  readonly store: FhirStore;
  readonly dispose: () => Promise<void>;
}

const openStore = (kind: StoreKind, clock: Clock): Promise<OpenStore> => (kind === 'sqlite' ? openSqlite(clock) : openMongo(clock));

async function openSqlite(clock: Clock): Promise<OpenStore> {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-http-'));
  const store = await openSqliteStore({ file: join(folder, 'nadi.db'), clock });
  const dispose = async (): Promise<void> => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { store, dispose };
}

async function openMongo(clock: Clock): Promise<OpenStore> {
  const url = process.env['TEST_MONGODB_URL'] ?? '';
  const database = freshDatabase();
  const store = await openMongoStore({ url, database, clock });
  const dispose = async (): Promise<void> => {
    await store.close();
    await dropDatabase(url, database);
  };
  return { store, dispose };
}

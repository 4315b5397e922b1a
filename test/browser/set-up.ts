/** A whole server on a port of the loopback interface, an app's own server beside it, and a browser. */
import { createAddressOf } from '../../src/platform/peer.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { createApp } from '../../src/app.ts';
import { createApiHandler } from '../../src/api/handler.ts';
import { createCors } from '../../src/api/cors.ts';
import { createIdempotency } from '../../src/api/idempotency.ts';
import { createRouteTable } from '../../src/api/table.ts';
import { createWork } from '../../src/fhir/work/work.ts';
import { BODY_BUDGET, createBodyBudget } from '../../src/fhir/http/body-budget.ts';
import { createFhirHandler } from '../../src/fhir/http/fhir-handler.ts';
import { createFhir, DEFAULT_LIMITS, type Dispatch, type FhirDeps } from '../../src/fhir/index.ts';
import type { AuditRecord } from '../../src/fhir/model/audit.ts';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { asResourceId, type ClinicId } from '../../src/fhir/model/ids.ts';
import type { AccessFilter, Principal } from '../../src/fhir/model/principal.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { createPathLocator } from '../../src/fhir/patch/path-locator.ts';
import type { Node } from '../../src/fhir/search/ast.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';
import { createExtractor } from '../../src/fhir/search/values/index.ts';
import { createUnits } from '../../src/fhir/search/values/normalise/index.ts';
import { createSqliteWriter, openSqliteStore } from '../../src/fhir/store/sqlite/index.ts';
import { createValidator } from '../../src/fhir/validation/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { uuidSource } from '../../src/platform/ids.ts';
import { createOutbound } from '../../src/platform/outbound.ts';
import { createSealer } from '../../src/platform/seal.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import { createAccess } from '../../src/smart-auth/access/index.ts';
import { CLINIC, PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { createGuard } from '../../src/smart-auth/accounts/guard.ts';
import { createClients, type Clients } from '../../src/smart-auth/clients/clients.ts';
import { createOriginLookup } from '../../src/smart-auth/clients/origins.ts';
import { createConsentReader } from '../../src/smart-auth/consent/reader.ts';
import { createSigningKeys } from '../../src/smart-auth/keys/key-set.ts';
import { createTransactions } from '../../src/smart-auth/oauth/authorize/transactions.ts';
import type { Member, OAuthDeps, ScopeRules } from '../../src/smart-auth/oauth/deps.ts';
import { personRoutes } from '../../src/smart-auth/oauth/person-routes.ts';
import { oauthRoutes } from '../../src/smart-auth/oauth/routes.ts';
import { appErrorPage, createBrowsers, createGrants, createNames, createPatients, pageRoutes } from '../../src/smart-auth/pages/index.ts';
import { scopeLine } from '../../src/smart-auth/pages/scope-lines.ts';
import { parseScopes, printScopes } from '../../src/smart-auth/scopes/parse.ts';
import { boundsOfRole } from '../../src/smart-auth/scopes/role-bounds.ts';
import { cutDown, isWithin, within } from '../../src/smart-auth/scopes/sets.ts';
import { createTokenIssuer, createTokenVerifier } from '../../src/smart-auth/tokens/access-token.ts';
import { createIdentify } from '../../src/smart-auth/tokens/identify.ts';
import type { TokenIssuer } from '../../src/smart-auth/tokens/port.ts';
import { createRevocations } from '../../src/smart-auth/tokens/revocations.ts';
import { createStanding } from '../../src/smart-auth/tokens/standing.ts';
import { DEMO, PEOPLE, seed } from './people.ts';
import { signInOf } from './sign-in.ts';

export interface World {
  /** Without a final slash. */
  readonly url: string;
  readonly clients: Clients;
  readonly issuer: TokenIssuer;
  readonly records: RecordStore;
  readonly dispatch: Dispatch;
  readonly trail: readonly AuditRecord[];
  readonly faults: readonly unknown[];
  readonly close: () => Promise<void>;
}

const secret = Buffer.alloc(32, 5);
const clock = systemClock;
const newId = uuidSource(clock);

export async function openWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'nadi-browser-'));
  const file = join(folder, 'nadi.db');
  const writer = createSqliteWriter(file);
  const [store, records] = [await openSqliteStore({ file, clock, writer }), await openSqliteRecords({ file, clock, writer })];
  const locator = createPathLocator();
  const tools = toolsOf(locator);
  const consents = createConsentReader({ ...tools, store });
  const deps: FhirDeps = { ...tools, store: consents.store, sealer: createSealer([secret], 'cursor') };
  const dispatch = createFhir(deps);
  const server = createServer();
  const url = await listening(server);
  const [trail, faults]: [AuditRecord[], unknown[]] = [[], []];
  const served = serve({ url, records, deps, dispatch, consents, trail, faults });
  server.on('request', served.listener);
  await seed(records, dispatch);
  return {
    ...{ url, records, dispatch, trail, faults, clients: served.clients, issuer: served.issuer },
    async close() {
      await closed(server);
      await Promise.all([deps.work.close(), locator.close()]);
      await Promise.all([store.close(), records.close()]);
      await writer.close();
      await rm(folder, { recursive: true });
    },
  };
}

function toolsOf(locator: ReturnType<typeof createPathLocator>): Omit<FhirDeps, 'store' | 'sealer'> {
  const definitions = loadDefinitions();
  const registry = createRegistry(definitions);
  const units = createUnits();
  const extractor = createExtractor({ definitions, registry, units });
  const validator = createValidator({ definitions });
  return {
    ...{ definitions, registry, units, clock, newId, limits: DEFAULT_LIMITS },
    extractor,
    validator,
    work: createWork({ definitions, extractor, validator, locator }),
    timeZoneOf: () => 'Asia/Kolkata',
  };
}

interface Parts {
  readonly url: string;
  readonly records: RecordStore;
  readonly deps: FhirDeps;
  readonly dispatch: Dispatch;
  readonly consents: ReturnType<typeof createConsentReader>;
  readonly trail: AuditRecord[];
  readonly faults: unknown[];
}

interface Served {
  readonly listener: RequestListener;
  readonly clients: Clients;
  readonly issuer: TokenIssuer;
}

function serve({ url, records, deps, dispatch, consents, trail, faults }: Parts): Served {
  const publicUrl = (): string => url;
  const types = deps.definitions.resourceTypes;
  const access = createAccess({ ...deps, consents, baseUrl: `${url}/fhir/R4` });
  const accessOf = async (principal: Principal, scope: string): Promise<AccessFilter<Node>> => {
    await consents.refresh(principal.clinic);
    return access.accessFor({ principal, scopes: parseScopes(scope, types).scopes });
  };
  const keys = createSigningKeys({ records, sealer: createSealer([secret], 'signing-keys'), clock });
  const revocations = createRevocations({ records, clock, newId });
  const [issuer, verify] = [createTokenIssuer({ keys, clock, newId, publicUrl }), createTokenVerifier({ keys, clock, publicUrl })];
  const inGoodStanding = createStanding(records);
  const clinicExists = async (clinic: ClinicId): Promise<boolean> => (await records.get(CLINIC, PLATFORM, clinic)) !== undefined;
  const known = createIdentify({ verify, revocations, inGoodStanding, accessOf, clinicExists, clock });
  const identify: typeof known = async (headers, clinic) => {
    const identity = await known(headers, clinic);
    await consents.refresh(identity.principal.clinic);
    return identity;
  };
  const asMember = async (member: Member) => {
    const principal = principalOf(member);
    return { principal, access: await accessOf(principal, member.role === 'PATIENT' ? 'patient/*.rs' : 'user/*.rs') };
  };
  const maySee = async (member: Member, reference: string): Promise<boolean> => {
    const context = { ...(await asMember(member)), requestId: newId(), baseUrl: url, deadline: clock.now() + 10_000 };
    return dispatch({ method: 'GET', path: reference.split('/'), query: '', headers: {}, context }).then(() => true, isUnseen);
  };
  const clients = createClients({ records, revoker: revocations, clock, newId });
  const oauth: OAuthDeps = {
    ...{ records, clock, newId, keys, issuer, verify, revocations, inGoodStanding, clients, publicUrl, maySee, homeClinic: DEMO },
    guard: createGuard({ records, clock }),
    sealer: createSealer([secret], 'refresh-tokens'),
    scopes: scopeRules(types),
    outbound: createOutbound({ allow: ['127.0.0.0/8'], clock }),
    errorPage: (message, headers) => appErrorPage(url, message, headers),
  };
  const budget = createBodyBudget(BODY_BUDGET);
  const log = { error: (fields: { readonly err: unknown }): void => void faults.push(fields.err) };
  const pages = pageRoutes({
    signIn: signInOf(PEOPLE),
    transactions: createTransactions(oauth),
    browsers: createBrowsers(oauth),
    patients: createPatients({ dispatch, identityOf: asMember, clock, newId }),
    names: createNames(oauth),
    grants: createGrants(oauth),
    lineOf: (scope) => scopeLine(scope, types),
    log,
  });
  const api = createApiHandler({
    table: createRouteTable([...oauthRoutes(oauth), ...personRoutes(oauth), ...pages]),
    identify: async (headers) => identify(headers),
    permits: (_identity, rule) => 'own' in rule,
    isBreakGlass: () => false,
    crossesClinics: () => false,
    budget,
    idempotency: createIdempotency(records, clock),
    audit: { append: async (record) => void trail.push(record) },
    homeClinic: DEMO,
    addressOf: createAddressOf([]),
    publicUrl: url,
    log,
  });
  const fhir = createFhirHandler({ addressOf: createAddressOf([]), deps, dispatch, identify, budget, publicUrl: url, log });
  const app = createApp({ fhir, handlers: [api], observe: () => undefined, newId, log }) as RequestListener;
  return { listener: acrossOrigins(records, app), clients, issuer };
}

const principalOf = ({ account, clinic, role, fhirUser }: Member): Principal => ({
  ...{ account, clinic, role, subject: fhirUser },
  ...(role === 'PATIENT' ? { patient: asResourceId(fhirUser.split('/')[1] ?? '') } : {}),
});

function isUnseen(error: unknown): false {
  if (error instanceof FhirError && error.status < 500) return false;
  throw error;
}

function scopeRules(types: ReadonlySet<string>): ScopeRules {
  const read = (text: string) => parseScopes(text, types).scopes;
  return {
    granted(asked, ceiling, role) {
      const scopes = within(read(asked), read(ceiling));
      return printScopes(role === undefined ? scopes : cutDown(scopes, boundsOfRole(role)));
    },
    isWithin: (asked, granted) => isWithin(read(asked), read(granted)),
  };
}

/** Apps in browsers come from origins of their own. */
function acrossOrigins(records: RecordStore, next: RequestListener): RequestListener {
  const cors = createCors({ origins: [], isOriginOfApp: createOriginLookup(records), clock });
  return (request, response) => {
    void Promise.resolve(cors(request, response)).then((isAnswered) => {
      if (!isAnswered) next(request, response);
    });
  };
}

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Fails where there is none: a test that nobody runs shows nothing. */
export function openBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`no Chromium at ${CHROMIUM}: install it (Debian: apt-get install -y chromium), or name one in CHROMIUM`);
  }
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
}

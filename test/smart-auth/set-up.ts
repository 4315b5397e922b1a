/** Accounts, sessions and clinics over real HTTP, on each store that there is; tokens are real JWTs, checked for every request. */
import { describe } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify, SignJWT } from 'jose';
import request from 'supertest';
import { createWork } from '../../src/fhir/work/work.ts';
import { BODY_BUDGET, createBodyBudget } from '../../src/fhir/http/body-budget.ts';
import { createRouteTable } from '../../src/api/table.ts';
import { createApiHandler } from '../../src/api/handler.ts';
import { createIdempotency } from '../../src/api/idempotency.ts';
import type { ApiIdentity } from '../../src/api/route.ts';
import { createFhir, DEFAULT_LIMITS } from '../../src/fhir/index.ts';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import type { AuditRecord } from '../../src/fhir/model/audit.ts';
import { asClinicId, asResourceId } from '../../src/fhir/model/ids.ts';
import { ALL_ACCESS, type Role } from '../../src/fhir/model/principal.ts';
import { fhirError } from '../../src/fhir/outcome/error.ts';
import { createPathLocator } from '../../src/fhir/patch/path-locator.ts';
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
import { openMongoRecords } from '../../src/records/mongo/index.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import type { GuardPolicy } from '../../src/smart-auth/accounts/guard.ts';
import { createPeople, type People } from '../../src/smart-auth/accounts/index.ts';
import { createPasswordHasher, type PasswordHasher } from '../../src/smart-auth/accounts/passwords/hasher.ts';
import type { Message, MessageSender } from '../../src/smart-auth/messages/port.ts';
import type { TokenClaims, TokenIssuer, TokenRevoker } from '../../src/smart-auth/tokens/port.ts';
import { dropDatabase, freshDatabase } from '../store/mongo/database.ts';

export const ADMIN = { email: 'admin@nadi.local', password: 'tidal-compass-41' };
/** Cheap: what a hash costs is tested on its own. */
const CHEAP = { memoryCost: 1024, timeCost: 2, parallelism: 1 };
const PUBLIC_URL = 'http://nadi.test';
const KEY = Buffer.alloc(32, 9);

/** What tests look at in an item of a list. */
interface Item {
  readonly id: string;
  readonly name: string;
  readonly fhirUser: string;
  readonly device: string;
  readonly current: boolean;
}

/** What tests look at in the body of an answer. */
interface Body extends Item {
  readonly type: string;
  readonly tokenType: string;
  readonly expiresIn: number;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
  readonly scope: string;
  readonly clinic: string;
  readonly role: string;
  readonly active: boolean;
  readonly deviceToken: string;
  readonly ticket: string;
  readonly clinics: readonly unknown[];
  readonly secret: string;
  readonly uri: string;
  readonly qr: string;
  readonly recoveryCodes: readonly [string, string, ...string[]];
  readonly errors: readonly [{ readonly pointer: string }];
  readonly data: readonly Item[];
  readonly page: { readonly next?: string };
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly text: string;
}

export interface Caller {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly delete: (path: string, body?: object) => Promise<Answer>;
  readonly post: (path: string, body: object, headers?: Record<string, string>) => Promise<Answer>;
  readonly put: (path: string, body: object, headers?: Record<string, string>) => Promise<Answer>;
}

export interface World {
  readonly people: People;
  readonly records: RecordStore;
  readonly store: FhirStore;
  readonly hasher: PasswordHasher;
  readonly trail: readonly AuditRecord[];
  readonly faults: readonly unknown[];
  readonly sent: Message[];
  /** The newest to someone, once nothing is under way any more. */
  readonly lastTo: (to: string) => Promise<Message | undefined>;
  readonly as: (token?: string, headers?: Record<string, string>) => Caller;
  /** Signs in; the access token. */
  readonly signIn: (email: string, password: string, clinic?: string) => Promise<string>;
  readonly admin: () => Promise<Caller>;
  readonly advance: (ms: number) => void;
  /** The world's time. */
  readonly now: () => number;
  readonly close: () => Promise<void>;
}

export interface WorldSettings {
  readonly guardPolicy?: GuardPolicy;
  readonly channels?: MessageSender['channels'];
}

export function onEachStore(name: string, tests: (open: (settings?: WorldSettings) => Promise<World>) => void): void {
  const kinds = process.env['TEST_MONGODB_URL'] ? (['sqlite', 'mongo'] as const) : (['sqlite'] as const);
  describe.each(kinds)(`${name} on %s`, (kind) => tests((settings = {}) => openWorld(kind, settings)));
}

interface Stores {
  readonly store: FhirStore;
  readonly records: RecordStore;
  readonly dispose: () => Promise<void>;
}

async function openStores(kind: 'sqlite' | 'mongo', clock: Clock): Promise<Stores> {
  if (kind === 'mongo') {
    const url = process.env['TEST_MONGODB_URL'] as string;
    const database = freshDatabase();
    const [store, records] = await Promise.all([openMongoStore({ url, database, clock }), openMongoRecords({ url, database, clock })]);
    return { store, records, dispose: () => dropDatabase(url, database) };
  }
  const folder = await mkdtemp(join(tmpdir(), 'nadi-people-'));
  const store = await openSqliteStore({ file: join(folder, 'fhir.db'), clock });
  const records = await openSqliteRecords({ file: join(folder, 'records.db'), clock });
  return { store, records, dispose: () => rm(folder, { recursive: true }) };
}

/** Signs with a secret of its own and remembers what was revoked: as small as the port allows, and true to it. */
function createTokens(clock: Clock) {
  const revoked = new Map<string, number>();
  let count = 0;
  const revoke = async (key: string): Promise<void> => void revoked.set(key, count);
  const issuer: TokenIssuer = {
    async issue(claims, seconds) {
      const now = Math.floor(clock.now() / 1000);
      const jwt = new SignJWT({ ...claims, nr: (count += 1) })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt(now)
        .setExpirationTime(now + seconds);
      return { token: await jwt.sign(KEY), expiresIn: seconds };
    },
  };
  const revoker: TokenRevoker = {
    revokeSession: (sid) => revoke(`sid ${sid}`),
    revokeAccount: (account, clinic) => revoke(`account ${account} ${clinic ?? ''}`.trim()),
    revokeClient: (id) => revoke(`client ${id}`),
  };
  const identify = async (authorization: string | undefined): Promise<ApiIdentity> => {
    const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
    const verified = await jwtVerify<TokenClaims & { readonly nr: number }>(token, KEY, { currentDate: new Date(clock.now()) }).catch(
      () => undefined,
    );
    const claims = verified?.payload;
    const ends =
      claims &&
      [`sid ${claims.sid}`, `account ${claims.sub}`, `account ${claims.sub} ${claims.clinic}`].map((key) => revoked.get(key) ?? 0);
    if (!claims || !ends || Math.max(...ends) >= claims.nr)
      throw fhirError('unauthenticated', 'no good token', 'Sign in.', 'Authorization');
    const { clinic, role, patient, sub: account } = claims;
    const principal = {
      subject: claims.fhirUser ?? '',
      account,
      clinic,
      client: claims.clientId,
      ...(role ? { role } : {}),
      ...(patient ? { patient: asResourceId(patient) } : {}),
    };
    return { principal, access: ALL_ACCESS, session: claims.sid, scope: claims.scope };
  };
  return { issuer, revoker, identify };
}

async function openWorld(kind: 'sqlite' | 'mongo', settings: WorldSettings): Promise<World> {
  let offset = 0;
  const clock: Clock = { now: () => Date.now() + offset };
  const { store, records, dispose } = await openStores(kind, clock);
  const definitions = loadDefinitions();
  const [registry, units, newId, locator] = [createRegistry(definitions), createUnits(), uuidSource(clock), createPathLocator()];
  const extractor = createExtractor({ definitions, registry, units });
  const validator = createValidator({ definitions });
  const work = createWork({ definitions, extractor, validator, locator });
  const dispatch = createFhir({
    store,
    definitions,
    registry,
    units,
    extractor,
    validator,
    work,
    clock,
    newId,
    sealer: createSealer([KEY], 'cursors'),
    timeZoneOf: () => 'UTC',
    limits: DEFAULT_LIMITS,
  });
  const sent: Message[] = [];
  const sender: MessageSender = {
    channels: settings.channels ?? new Set(['email', 'sms']),
    send: async (message) => void sent.push(message),
    close: () => Promise.resolve(),
  };
  const tokens = createTokens(clock);
  const hasher = createPasswordHasher({ parameters: CHEAP, threads: 1 });
  const people = createPeople({
    records,
    dispatch,
    clock,
    newId,
    sealer: createSealer([KEY], 'accounts'),
    ...tokens,
    sender,
    hasher,
    permissionsOf: (role: Role) => [{ group: 'accounts', actions: role === 'CLINIC_ADMIN' ? 'cruds' : '' }],
    passwordPage: (token) => `${PUBLIC_URL}/password?token=${token}`,
    log: { warn: () => undefined },
    ...(settings.guardPolicy ? { guardPolicy: settings.guardPolicy } : {}),
  });
  await people.bootstrap({
    clinic: asClinicId('demo'),
    timeZone: 'UTC',
    adminEmail: ADMIN.email,
    adminPassword: ADMIN.password,
    publicUrl: PUBLIC_URL,
  });
  people.start();
  const trail: AuditRecord[] = [];
  const faults: unknown[] = [];
  const handle = createApiHandler({
    table: createRouteTable(people.routes),
    budget: createBodyBudget(BODY_BUDGET),
    identify: (headers) => tokens.identify(headers.authorization),
    permits: ({ principal }, rule) => 'own' in rule || principal.role === 'CLINIC_ADMIN' || principal.role === 'SUPER_ADMIN',
    isBreakGlass: () => false,
    crossesClinics: ({ principal }) => principal.role === 'SUPER_ADMIN',
    idempotency: createIdempotency(records, clock),
    audit: { append: async (record) => `record-${trail.push(record)}` },
    homeClinic: asClinicId('demo'),
    addressOf: (incoming) => String(incoming.headers['x-test-address'] ?? '10.0.0.1'),
    publicUrl: PUBLIC_URL,
    log: { error: (fields) => void faults.push(fields.err) },
  });
  const server = createServer((incoming, response) => {
    if (!handle(incoming, response, 'r-1')) response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const as = (token?: string, headers: Record<string, string> = {}): Caller =>
    callerOf(server, { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) });
  const signIn = async (email: string, password: string, clinic?: string): Promise<string> => {
    const answer = await as().post('/auth/login', { email, password, ...(clinic === undefined ? {} : { clinic }) });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
    return answer.body.accessToken;
  };
  return {
    people,
    records,
    store,
    hasher,
    trail,
    faults,
    sent,
    lastTo: async (to) => {
      await people.errands.idle();
      return sent.findLast((message) => message.to === to);
    },
    as,
    signIn,
    admin: async () => as(await signIn(ADMIN.email, ADMIN.password)),
    advance: (ms) => {
      offset += ms;
    },
    now: clock.now,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await people.close();
      await Promise.all([work.close(), locator.close()]);
      await Promise.all([store.close(), records.close()]);
      await dispose();
    },
  };
}

function callerOf(server: Server, headers: Record<string, string>): Caller {
  const done = async (asked: request.Test, more: Record<string, string> = {}): Promise<Answer> => await asked.set({ ...headers, ...more });
  return {
    get: (path, more) => done(request(server).get(path), more),
    delete: (path, body) => done(body ? request(server).delete(path).send(body) : request(server).delete(path)),
    post: (path, body, more) => done(request(server).post(path).send(body), more),
    put: (path, body, more) => done(request(server).put(path).send(body), more),
  };
}

/** Invites someone to a clinic and lets them choose a password. */
export async function addUser(
  world: World,
  by: Caller,
  user: {
    readonly email: string;
    readonly role: Role;
    readonly givenName?: string;
    readonly password?: string;
    readonly resource?: string;
  },
): Promise<{ readonly id: string; readonly fhirUser: string }> {
  const { password = 'lantern-river-52', givenName = 'Asha', ...given } = user;
  const made = await by.post('/users', { givenName, ...given });
  if (made.status !== 201) throw new Error(`${made.status} ${made.text}`);
  const letter = await world.lastTo(user.email);
  if (letter?.template === 'invitation') {
    const token = tokenOf(letter);
    const set = await world.as().post('/auth/reset-password', { token, password });
    if (set.status !== 204) throw new Error(`${set.status} ${set.text}`);
  }
  return { id: made.body.id, fhirUser: made.body.fhirUser };
}

export const tokenOf = (letter: Message | undefined): string => letter?.values['link']?.split('token=')[1] ?? '';

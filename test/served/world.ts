/**
 * The whole server as it starts, with sign-in, in this process: two clinics that know nothing of each other, and in each of
 * them someone of every role, signed in as people are. For tests of what holds whichever way someone comes.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { loadConfig } from '../../src/config.ts';
import { ROLES, type Role } from '../../src/fhir/model/principal.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openMongoRecords } from '../../src/records/mongo/index.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { openSqliteRecords } from '../../src/records/sqlite/index.ts';
import { startServer, type RunningServer } from '../../src/start.ts';
import { freshEnvironment, type StoreName } from '../../tools/running-server.ts';
import { askAt, type Ask, type Told } from './ask.ts';

export type Clinic = 'demo' | 'second';

export interface Person {
  readonly account: string;
  readonly clinic: Clinic;
  readonly role: Role;
  /** Such as Practitioner/x. */
  readonly fhirUser: string;
  readonly token: string;
  readonly email: string;
}

export interface ServedWorld {
  /** Without a final slash. */
  readonly url: string;
  readonly ask: Ask;
  readonly routes: RunningServer['routes'];
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string>>;
  /** SUPER_ADMIN of `second` isn't there: who works in all clinics signs in to the first. */
  person(clinic: Clinic, role: Role): Person;
  /** A token of the client that the first start registers, of the clinic `demo`. */
  systemToken(scope?: string): Promise<string>;
  /** Someone more, who has chosen their password by the link they were sent, and signed in. */
  invite(clinic: Clinic, who: Newcomer): Promise<Person>;
  /** A first sign-in of the person again. */
  signIn(person: Pick<Person, 'email' | 'clinic'>): Promise<Told>;
  /** Messages that were sent to the address, of a template if one is named, the oldest first, waiting for the first one. */
  messages(to: string, template?: string): Promise<readonly SentMessage[]>;
  /** Ends the server; what it stored stays until `close`. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** As `POST /users` takes it. */
export interface Newcomer {
  readonly role: Role;
  readonly email: string;
  readonly givenName: string;
  readonly familyName?: string;
  readonly resource?: string;
}

export interface SentMessage {
  readonly channel: string;
  readonly to: string;
  readonly template: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Of everyone. */
export const PASSWORD = 'seven quiet elephants at dawn';
const CLIENT = { id: 'ehr', secret: 'a secret between two servers' };
const ADMIN = 'admin@nadi.local';
const WAIT_MS = 20;

interface Started extends Pick<RunningServer, 'address' | 'routes'> {
  drain(): Promise<unknown>;
}
export type Start = (environment: Record<string, string>) => Promise<Started>;

const inThisProcess: Start = (environment) => startServer(loadConfig(environment));

/** `more`: further settings. `roles`: who is there beside the administrators; each costs a tenth of a second. */
export async function openServedWorld(
  store: StoreName,
  more: Readonly<Record<string, string>> = {},
  roles: readonly Role[] = ROLES,
  start: Start = inThisProcess,
): Promise<ServedWorld> {
  const environment: Record<string, string> = {
    ...freshEnvironment(store),
    ...{ AUTH: 'required', LOG_LEVEL: 'fatal', BOOTSTRAP_CLIENT_ID: CLIENT.id, BOOTSTRAP_CLIENT_SECRET: CLIENT.secret },
    BOOTSTRAP_ADMIN_PASSWORD: PASSWORD,
    ...more,
  };
  const server = await start(environment);
  const ask = askAt(server.address);
  const place = { ask, outbox: join(environment['DATA_DIR'] as string, 'outbox') };
  mkdirSync(place.outbox, { recursive: true });
  const people = await peopleOf(place, roles);
  return worldOf(server, environment, place, people);
}

interface Place {
  readonly ask: Ask;
  readonly outbox: string;
}

function worldOf(server: Started, environment: Record<string, string>, place: Place, people: ReadonlyMap<string, Person>): ServedWorld {
  const dataDir = environment['DATA_DIR'] as string;
  let drained: Promise<unknown> | undefined;
  const drain = async (): Promise<void> => {
    await (drained ??= server.drain());
  };
  const person: ServedWorld['person'] = (clinic, role) => {
    const found = people.get(`${clinic} ${role}`);
    if (!found) throw new Error(`nobody is ${role} of ${clinic}`);
    return found;
  };
  return {
    drain,
    url: server.address,
    ask: place.ask,
    ...{ dataDir, environment, routes: server.routes },
    person,
    async systemToken(scope = 'system/*.cruds') {
      const basic = Buffer.from(`${encodeURIComponent(CLIENT.id)}:${encodeURIComponent(CLIENT.secret)}`).toString('base64');
      const headers = { authorization: `Basic ${basic}` };
      const told = await place.ask('/oauth2/token', { form: { grant_type: 'client_credentials', scope }, headers });
      return textIn(told, 'access_token');
    },
    invite: (clinic, who) => newcomer(place, person(clinic, clinic === 'demo' ? 'SUPER_ADMIN' : 'CLINIC_ADMIN').token, clinic, who),
    signIn: ({ email, clinic }) => place.ask('/auth/login', { json: { email, password: PASSWORD, clinic } }),
    messages: (to, template) => messagesTo(place, to, template),
    async close() {
      await drain();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The administrator of the first start makes the other clinic and its first administrator; each invites their own. */
async function peopleOf(place: Place, roles: readonly Role[]): Promise<ReadonlyMap<string, Person>> {
  const { ask } = place;
  const first = await login(place, ADMIN, 'demo', 'SUPER_ADMIN');
  mustBe(201, await ask('/clinics', { token: first.token, json: { id: 'second', name: 'The second', timeZone: 'UTC' } }));
  const lead = await invited(place, first.token, someone('second', 'CLINIC_ADMIN'));
  mustBe(201, await ask(`/users/${lead}/clinics/second`, { token: first.token, json: { role: 'CLINIC_ADMIN' } }));
  mustBe(204, await ask(`/users/${lead}/clinics/demo`, { token: first.token, method: 'DELETE' }));
  const second = await login(place, emailOf('second', 'CLINIC_ADMIN'), 'second', 'CLINIC_ADMIN');
  const others = await Promise.all([
    ...[...new Set<Role>(['CLINIC_ADMIN', ...roles])]
      .filter((role) => role !== 'SUPER_ADMIN')
      .map((role) => newcomer(place, first.token, 'demo', someone('demo', role))),
    ...roles
      .filter((role) => role !== 'SUPER_ADMIN' && role !== 'CLINIC_ADMIN')
      .map((role) => newcomer(place, second.token, 'second', someone('second', role))),
  ]);
  return new Map([first, second, ...others].map((person) => [`${person.clinic} ${person.role}`, person]));
}

const emailOf = (clinic: Clinic, role: Role): string => `${role.toLowerCase().replaceAll('_', '-')}@${clinic}.test`;
const someone = (clinic: Clinic, role: Role): Newcomer => ({ role, email: emailOf(clinic, role), givenName: `Asha ${role}` });

async function newcomer(place: Place, token: string, clinic: Clinic, who: Newcomer): Promise<Person> {
  await invited(place, token, who);
  return login(place, who.email, clinic, who.role);
}

/** An account that has chosen its password by the link it was sent. */
async function invited(place: Place, token: string, who: Newcomer): Promise<string> {
  const made = mustBe(201, await place.ask('/users', { token, json: who }));
  const link = new URL((await messagesTo(place, who.email))[0]?.values['link'] ?? '');
  const chosen = { token: link.searchParams.get('token') ?? '', password: PASSWORD };
  mustBe(204, await place.ask('/auth/reset-password', { json: chosen }));
  return textIn(made, 'id');
}

async function login({ ask }: Place, email: string, clinic: Clinic, role: Role): Promise<Person> {
  const token = textIn(mustBe(200, await ask('/auth/login', { json: { email, password: PASSWORD, clinic } })), 'accessToken');
  const me = mustBe(200, await ask('/auth/me', { token }));
  return { account: textIn(me, 'id'), clinic, role, fhirUser: textIn(me, 'fhirUser'), token, email };
}

async function messagesTo({ outbox }: Place, to: string, template?: string): Promise<readonly SentMessage[]> {
  for (;;) {
    const files = readdirSync(outbox).filter((name) => name.endsWith('.json'));
    const sent = files.sort().map((name) => JSON.parse(readFileSync(join(outbox, name), 'utf8')) as SentMessage);
    const theirs = sent.filter((message) => message.to === to && (template === undefined || message.template === template));
    if (theirs.length > 0) return theirs;
    await wait(WAIT_MS);
  }
}

function mustBe(status: number, told: Told): Told {
  if (told.status !== status) throw new Error(`answered ${told.status}, not ${status}: ${told.text}`);
  return told;
}

function textIn({ body, text }: Told, name: string): string {
  const value = body[name];
  if (typeof value !== 'string') throw new Error(`no ${name} in ${text}`);
  return value;
}

/** The records of the server behind its back: as another process reads and writes them. */
export async function openServedRecords({ environment, dataDir }: Pick<ServedWorld, 'environment' | 'dataDir'>): Promise<RecordStore> {
  const url = environment['DATABASE_URL'];
  const clock = systemClock;
  return url === undefined ? openSqliteRecords({ file: join(dataDir, 'nadi.db'), clock }) : openMongoRecords({ url, clock });
}

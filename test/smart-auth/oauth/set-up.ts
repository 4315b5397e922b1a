/** The OAuth endpoints over real HTTP, with apps and people; who signs in and agrees does so without pages. */
import type { Server } from 'node:http';
import request from 'supertest';
import { ALL_ACCESS } from '../../../src/fhir/model/principal.ts';
import { uuidSource } from '../../../src/platform/ids.ts';
import { createSealer } from '../../../src/platform/seal.ts';
import { createOutbound, type Outbound } from '../../../src/platform/outbound.ts';
import type { SeenAccount } from '../../../src/smart-auth/accounts/era.ts';
import { createClients, type Clients, type Registered } from '../../../src/smart-auth/clients/clients.ts';
import type { ClientMetadata } from '../../../src/smart-auth/clients/metadata.ts';
import type { Decision, Transactions } from '../../../src/smart-auth/oauth/authorize/transactions.ts';
import type { ScopeRules, SeenRecord } from '../../../src/smart-auth/oauth/deps.ts';
import { createOAuth, type OAuth } from '../../../src/smart-auth/oauth/index.ts';
import { createSigningKeys } from '../../../src/smart-auth/keys/key-set.ts';
import { onEachRecordStore, serveRoutes, type TestApi, type TestRecords } from '../../api/set-up.ts';
import { movableClock, type MovableClock } from '../clock.ts';
import { addClinic, addPerson, DEMO, DOCTOR, OTHER, PATIENT, type Person } from '../people.ts';
import { giveKeys, ISSUER, sealer } from '../tokens/set-up.ts';
import { pkce, present, type Fields, type Pkce } from './pkce.ts';

export const BASE = `${ISSUER}/fhir/R4`;
export const CALLBACK = 'https://app.example/callback';

export interface World {
  readonly server: Server;
  readonly api: TestApi;
  readonly clock: MovableClock;
  readonly clients: Clients;
  readonly oauth: OAuth;
  readonly pages: Transactions;
  readonly records: TestRecords['records'];
  readonly close: () => Promise<void>;
}

export function onEachWorld(name: string, tests: (open: (settings?: { readonly outbound?: Outbound }) => Promise<World>) => void): void {
  onEachRecordStore(name, (open) =>
    tests(async (settings = {}) => {
      const clock = movableClock();
      const opened = await open(clock);
      await addClinic(opened.records, DEMO, { openRegistration: true });
      await addClinic(opened.records, OTHER);
      await giveKeys(opened.records);
      await addPerson(opened.records, DOCTOR);
      await addPerson(opened.records, PATIENT);
      return serve(opened, clock, settings.outbound ?? createOutbound({ allow: [], clock }));
    }),
  );
}

/** What is told of records beside that they are there. */
const RECORDS: Readonly<Record<string, SeenRecord>> = { 'Encounter/e1': { subject: { reference: 'Patient/p7' } } };

async function serve({ records, dispose }: TestRecords, clock: MovableClock, outbound: Outbound): Promise<World> {
  const newId = uuidSource(clock);
  const oauth = createOAuth({
    ...{ records, clock, newId, outbound, scopes: SCOPES, homeClinic: DEMO },
    keys: createSigningKeys({ records, sealer, clock }),
    refreshSealer: createSealer([Buffer.alloc(32, 1)], 'refresh-tokens'),
    publicUrl: () => ISSUER,
    accessOf: () => ALL_ACCESS,
    seenBy: async (_member, reference) => (reference.endsWith('/hidden') ? undefined : (RECORDS[reference] ?? {})),
    errorPage: (message) => ({ status: 400, headers: { 'Content-Type': 'text/html' }, body: message }),
  });
  const api = await serveRoutes(oauth.routes, records, {
    identify: async (headers) => oauth.identify(headers),
    addressOf: ({ headers }) => String(headers['x-test-address'] ?? '127.0.0.1'),
  });
  const close = async (): Promise<void> => {
    await api.close();
    await dispose();
  };
  const clients = createClients({ records, revoker: oauth.revoker, clock, newId });
  return { server: api.server, api, clock, clients, oauth, records, pages: oauth.transactions, close };
}

const parts = (scope: string): string[] => scope.split(' ').filter((s) => s !== '');
const FORM = /^(patient|user|system)\/(\w+|\*)\.(\w+)$/;

/** Of letters and levels only; the whole of it is another part's, with its own tests. */
const covers = (wide: string, narrow: string): boolean => {
  const [w, n] = [FORM.exec(wide), FORM.exec(narrow)];
  if (!w || !n) return wide === narrow;
  return w[1] === n[1] && (w[2] === '*' || w[2] === n[2]) && (n[3] ?? '').split('').every((letter) => w[3]?.includes(letter));
};
const within = (asked: string, granted: string): string[] => parts(asked).filter((a) => parts(granted).some((g) => covers(g, a)));
const SCOPES: ScopeRules = {
  granted: (asked, ceiling, role) =>
    within(asked, ceiling)
      .filter((s) => role !== 'PATIENT' || !s.startsWith('user/'))
      .join(' '),
  isWithin: (asked, granted) => within(asked, granted).length === parts(asked).length,
};

const APP: ClientMetadata = {
  name: 'Growth chart',
  authMethod: 'none',
  redirectUris: [CALLBACK],
  launchUrl: 'https://app.example/launch',
  grantTypes: ['authorization_code', 'refresh_token'],
  scope: 'launch launch/patient launch/encounter openid fhirUser profile offline_access online_access patient/*.cruds user/*.cruds',
  origins: ['https://app.example'],
};

export const register = (world: World, more: Partial<ClientMetadata> = {}): Promise<Registered> =>
  world.clients.register(DEMO, { ...APP, ...more }, 'test');

export const asked = (clientId: string, { challenge }: Pkce, more: Fields = {}): Record<string, string> =>
  present({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    scope: 'launch/patient patient/*.rs openid fhirUser offline_access',
    state: 'xyz',
    aud: BASE,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  });

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export const authorize = (world: World, query: Record<string, string>, cookie = ''): PromiseLike<Answered> =>
  request(world.server).get('/oauth2/authorize').query(query).set('Cookie', cookie).redirects(0);

export const locationOf = (answer: Answered): URL => new URL(answer.headers['location'] ?? '');

/** An account whose password was never changed. */
export const seen = (account: string): SeenAccount => ({ id: account, era: 0 });

/** Signs in, allows everything that is offered, and comes back to the app. */
export async function agree(world: World, person: Person, answer: Answered, decision: Partial<Decision> = {}): Promise<URL> {
  const tx = locationOf(answer).searchParams.get('tx') ?? '';
  const signedIn = await world.pages.signedIn(tx, seen(person.account));
  if (!signedIn.ok) throw new Error(signedIn.reason);
  const cookie = signedIn.cookie.split(';', 1)[0];
  const offered = (await world.pages.transactionOf(tx, cookie))?.consent;
  const patient = offered?.needsPatient ? { patient: 'p1' } : {};
  const decided = await world.pages.decide(tx, cookie, { scopes: offered?.scopes ?? [], ...patient, ...decision });
  if (!decided.ok) throw new Error(decided.reason);
  return new URL(decided.location);
}

export async function codeFor(world: World, person: Person, clientId: string, proof: Pkce, more: Fields = {}): Promise<string> {
  const back = await agree(world, person, await authorize(world, asked(clientId, proof, more)));
  return back.searchParams.get('code') ?? '';
}

export const post = (world: World, path: string, form: Fields, headers: Record<string, string> = {}): PromiseLike<Answered> =>
  request(world.server).post(path).type('form').set(headers).send(present(form));

export const token = (world: World, form: Fields, headers: Record<string, string> = {}): PromiseLike<Answered> =>
  post(world, '/oauth2/token', form, headers);

export const redeem = (world: World, clientId: string, code: string, { verifier }: Pkce, more: Fields = {}): PromiseLike<Answered> =>
  token(world, { grant_type: 'authorization_code', client_id: clientId, code, redirect_uri: CALLBACK, code_verifier: verifier, ...more });

/** A whole launch: the answer of the token endpoint. */
export async function tokensFor(world: World, person: Person, clientId: string, more: Fields = {}): Promise<Answered> {
  const proof = pkce();
  return redeem(world, clientId, await codeFor(world, person, clientId, proof, more), proof);
}

export const get = (world: World, path: string, accessToken?: unknown): PromiseLike<Answered> =>
  request(world.server)
    .get(path)
    .set(accessToken === undefined ? {} : { Authorization: `Bearer ${String(accessToken)}` });

export const basic = (id: string, secret = ''): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

/** What the login and consent pages need of an authorization: what it is, who signed in for it, what they decided. */
import type { ClinicId } from '../../../fhir/model/ids.ts';
import type { SeenAccount } from '../../accounts/era.ts';
import { PLATFORM } from '../../accounts/records.ts';
import { hashOf, randomSecret } from '../../clients/secrets.ts';
import { browserOf, endBrowserSession, startBrowserSession, type KnownBrowser } from '../browser-session.ts';
import type { OAuthDeps } from '../deps.ts';
import { memberOf, ownPatientOf, type CurrentMember } from '../members.ts';
import { AUTHORIZATION, AUTHORIZATION_CODE, type Authorization, type Grant, type LaunchContext } from '../records.ts';
import { returnTo } from './redirect.ts';

/** What is shown. Who signed in and what they may choose from is shown in the browser alone in which they did. */
export interface Transaction {
  readonly clinic: ClinicId;
  readonly app: { readonly clientId: string; readonly name: string; readonly logoUri?: string };
  readonly loginHint?: string;
  /** The host that the browser returns to. */
  readonly returnsTo: string;
  readonly consent?: Consent;
}

export interface Consent {
  readonly member: CurrentMember;
  /** Scopes that may be allowed, one each. */
  readonly scopes: readonly string[];
  /** The patient is fixed, by the launch or since the person is one. */
  readonly patient?: string;
  /** A patient must be picked if a scope among those allowed needs one. */
  readonly needsPatient: boolean;
}

export type SignedIn =
  | { readonly ok: true; readonly location: string; readonly cookie: string }
  /** `ended`: too late, or decided. `no-member`: not active in the app's clinic. `other-person`: the launch is another's. */
  | { readonly ok: false; readonly reason: 'ended' | 'no-member' | 'other-person' };

export type Decided =
  | { readonly ok: true; readonly location: string }
  | { readonly ok: false; readonly reason: 'ended' | 'not-signed-in' | 'patient-needed' | 'no-such-patient' };

/** Undefined: `deny`. Scopes that weren't offered count for nothing. */
export interface Decision {
  readonly scopes: readonly string[];
  readonly patient?: string;
}

export interface Transactions {
  transactionOf(tx: string, cookie: string | undefined): Promise<Transaction | undefined>;
  signedIn(tx: string, account: SeenAccount): Promise<SignedIn>;
  decide(tx: string, cookie: string | undefined, decision: Decision | undefined): Promise<Decided>;
  /** Signs out of the browser; apps with `online_access` can't refresh from then on. Resolves to a `Set-Cookie`. */
  signOut(cookie: string | undefined): Promise<string>;
}

export function createTransactions(deps: OAuthDeps): Transactions {
  return {
    transactionOf: (tx, cookie) => transactionOf(deps, tx, cookie),
    async signedIn(tx, account) {
      const { browser, cookie } = await startBrowserSession(deps, account);
      const attached = await attach(deps, tx, browser);
      return attached.ok ? { ok: true, location: `${deps.publicUrl()}/oauth2/consent?tx=${tx}`, cookie } : attached;
    },
    decide: (tx, cookie, decision) => decide(deps, tx, cookie, decision),
    signOut: (cookie) => endBrowserSession(deps, cookie),
  };
}

const find = (deps: OAuthDeps, tx: string) => deps.records.get(AUTHORIZATION, PLATFORM, hashOf(tx));

/** Notes who signed in for it, and cuts the scopes down to what their role can use. */
export async function attach(deps: OAuthDeps, tx: string, browser: KnownBrowser): Promise<{ ok: true } | Extract<SignedIn, { ok: false }>> {
  const found = await find(deps, tx);
  if (!found) return { ok: false, reason: 'ended' };
  const { value } = found;
  const member = await memberOf(deps.records, browser.account, value.clinic);
  if (!member) return { ok: false, reason: 'no-member' };
  if (value.launch && value.launch.account !== browser.account) return { ok: false, reason: 'other-person' };
  const person = { account: browser.account, session: browser.id, signedInAt: browser.signedInAt };
  const expires = found.expiresAt === undefined ? {} : { expiresAt: found.expiresAt };
  const replaced = await deps.records.replace(AUTHORIZATION, PLATFORM, found.id, found.revision, { ...value, person }, expires);
  return replaced.ok ? { ok: true } : { ok: false, reason: 'ended' };
}

async function transactionOf(deps: OAuthDeps, tx: string, cookie: string | undefined): Promise<Transaction | undefined> {
  const value = (await find(deps, tx))?.value;
  const client = value && (await deps.clients.active(value.clientId));
  if (!value || !client) return undefined;
  const consent = await consentOf(deps, value, cookie);
  return {
    clinic: value.clinic,
    app: { clientId: client.clientId, name: client.name, ...(client.logoUri === undefined ? {} : { logoUri: client.logoUri }) },
    returnsTo: new URL(value.redirectUri).host || new URL(value.redirectUri).protocol,
    ...(value.loginHint === undefined ? {} : { loginHint: value.loginHint }),
    ...(consent ? { consent } : {}),
  };
}

/** Undefined in any other browser than the one in which the person signed in. */
async function consentOf(deps: OAuthDeps, value: Authorization, cookie: string | undefined): Promise<Consent | undefined> {
  const browser = await browserOf(deps, cookie);
  if (!browser || value.person?.session !== browser.id) return undefined;
  const member = await memberOf(deps.records, browser.account, value.clinic);
  if (!member) return undefined;
  const scopes = deps.scopes
    .granted(value.scope, value.scope, member.role)
    .split(' ')
    .filter((s) => s !== '');
  const patient = ownPatientOf(member) ?? value.launch?.context.patient;
  return { member, scopes, needsPatient: patient === undefined && scopes.some(isOfPatient), ...(patient === undefined ? {} : { patient }) };
}

/** Scopes that mean nothing without a patient in context. */
const isOfPatient = (scope: string): boolean => scope.startsWith('patient/') || scope === 'launch/patient';

async function decide(deps: OAuthDeps, tx: string, cookie: string | undefined, decision: Decision | undefined): Promise<Decided> {
  const found = await find(deps, tx);
  if (!found) return { ok: false, reason: 'ended' };
  const consent = await consentOf(deps, found.value, cookie);
  if (!consent) return { ok: false, reason: 'not-signed-in' };
  const scopes = consent.scopes.filter((s) => decision?.scopes.includes(s));
  const patient = patientFor(consent, scopes, decision);
  if (patient === undefined && scopes.some(isOfPatient)) return { ok: false, reason: 'patient-needed' };
  if (patient !== undefined && !(await deps.seenBy(consent.member, `Patient/${patient}`))) return { ok: false, reason: 'no-such-patient' };
  // Whoever removes it has decided: a second click finds nothing.
  if (!(await deps.records.remove(AUTHORIZATION, PLATFORM, found.id, found.revision))) return { ok: false, reason: 'ended' };
  const told = scopes.length === 0 ? DENIED : { code: await newCode(deps, found.value, consent, { scopes, patient }) };
  return { ok: true, location: returnTo(found.value, deps.publicUrl(), told) };
}

/** The one in context: fixed, or picked where a scope asks for one. Undefined where the app is told of none. */
function patientFor({ patient }: Consent, scopes: readonly string[], decision: Decision | undefined): string | undefined {
  if (scopes.some(isOfPatient)) return patient ?? decision?.patient;
  return scopes.includes('launch') ? patient : undefined;
}

const DENIED = { error: 'access_denied', error_description: 'the person did not agree' };
const CODE_MS = 60_000;

interface Allowed {
  readonly scopes: readonly string[];
  readonly patient: string | undefined;
}

async function newCode(deps: OAuthDeps, value: Authorization, { member }: Consent, allowed: Allowed): Promise<string> {
  const [code, now] = [randomSecret(), deps.clock.now()];
  const { redirectUri, codeChallenge } = value;
  const grant = grantOf(value, member, allowed, now);
  const kept = { grantId: deps.newId(), grant, redirectUri, codeChallenge, used: false };
  await deps.records.insert(AUTHORIZATION_CODE, PLATFORM, hashOf(code), kept, { expiresAt: now + CODE_MS });
  return code;
}

function grantOf(value: Authorization, { account, clinic, eras }: CurrentMember, { scopes, patient }: Allowed, now: number): Grant {
  const isOnline = scopes.includes('online_access') && !scopes.includes('offline_access');
  return {
    account,
    eras,
    clinic,
    clientId: value.clientId,
    scope: scopes.join(' '),
    context: contextOf(value.launch?.context, scopes, patient),
    signedInAt: value.person?.signedInAt ?? now,
    ...(value.nonce === undefined ? {} : { nonce: value.nonce }),
    ...(isOnline && value.person ? { session: value.person.session } : {}),
    createdAt: now,
    usedAt: now,
  };
}

/** The app is told of the launch's context only what its scopes ask for. */
function contextOf(launch: LaunchContext = {}, scopes: readonly string[], patient: string | undefined): LaunchContext {
  const isLaunch = scopes.includes('launch');
  const { encounter, patient: _patient, ...rest } = launch;
  return {
    ...(isLaunch ? rest : {}),
    ...(patient === undefined ? {} : { patient }),
    ...(encounter !== undefined && (isLaunch || scopes.includes('launch/encounter')) ? { encounter } : {}),
  };
}

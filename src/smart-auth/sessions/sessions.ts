/**
 * Sessions: an access token for a quarter of an hour, and a refresh token that is replaced at each use
 * (https://www.rfc-editor.org/rfc/rfc9700#section-4.14). Whoever shows a spent one ends the session, its tokens too: one of
 * the two who hold it is a thief. There is no time of grace, which a thief could use; only requests that are under way at the
 * same moment from the same browser and address are one use, and get the same answer: two tabs, a double click.
 */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { SeenAccount } from '../accounts/era.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { digest } from '../accounts/identifiers.ts';
import type { OpenPlace, Places } from '../accounts/places.ts';
import { PLATFORM } from '../accounts/records.ts';
import { endBrowserSessions } from '../oauth/browser-session.ts';
import { endGrants } from '../oauth/grants/life.ts';
import { FIRST_PARTY, type TokenClaims, type TokenIssuer, type TokenRevoker } from '../tokens/port.ts';
import { SESSION, type Session } from './records.ts';
import { noGood, openPlaceOf, refreshedSession } from './refresh.ts';
import { openRefreshToken, sealRefreshToken } from '../tokens/refresh-token.ts';

export interface SessionDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly newId: () => string;
  readonly accounts: Accounts;
  readonly places: Places;
  readonly issuer: TokenIssuer;
  readonly revoker: TokenRevoker;
}

/** Who holds the tokens, as far as can be told. */
export interface Holder {
  readonly device: string;
  readonly address: string;
}

export interface SessionTokens {
  readonly accessToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
  readonly refreshExpiresIn: number;
  readonly scope: string;
  readonly clinic: ClinicId;
  readonly role: OpenPlace['role'];
  readonly fhirUser: string;
}

export interface Sessions {
  /** Throws `unauthenticated` where the account or its place has changed since it was seen. */
  open(account: SeenAccount, place: OpenPlace, holder: Holder): Promise<SessionTokens>;
  /** Throws `unauthenticated` for a token that is none, spent, or of someone who may not sign in any more. */
  refresh(refreshToken: string, holder: Holder): Promise<SessionTokens>;
  list(account: string): Promise<readonly StoredRecord<Session>[]>;
  /** False unless the account has such a session. */
  end(account: string, session: string): Promise<boolean>;
  /** Ends that of a refresh token, spent or not. */
  endByToken(refreshToken: string): Promise<void>;
  /** Ends all sessions and tokens of an account, those of apps too; only those in one clinic where one is given. */
  endAll(account: string, clinic?: ClinicId): Promise<void>;
}

/** Seconds. */
const ACCESS_SECONDS = 15 * 60;
const REFRESH_SECONDS = 7 * 24 * 60 * 60;
/** However often it is used: after that, the person signs in anew. */
const LONGEST_MS = 30 * 24 * 60 * 60 * 1000;
const MOST = 1000;

export function createSessions(deps: SessionDeps): Sessions {
  const { records } = deps;
  const underWay = new Map<string, Promise<SessionTokens>>();
  return {
    open: (account, place, holder) => open(deps, account, place, holder),
    refresh(refreshToken, holder) {
      const key = JSON.stringify([digest(refreshToken), holder]);
      const started = underWay.get(key) ?? refresh(deps, refreshToken, holder).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
    list: (account) => records.list(SESSION, PLATFORM, { by: { name: 'account', value: account }, limit: MOST }),
    async end(account, session) {
      const found = await records.get(SESSION, PLATFORM, session);
      if (found?.value.account !== account) return false;
      await endSession(deps, session);
      return true;
    },
    async endByToken(refreshToken) {
      const token = openRefreshToken(deps.sealer, 'session', refreshToken);
      // One that has ended has nothing left to revoke.
      if (token && (await records.get(SESSION, PLATFORM, token.id))) await endSession(deps, token.id);
    },
    endAll: (account, clinic) => endAll(deps, account, clinic),
  };
}

const MAX_DEVICE = 200;
const shortened = ({ device, address }: Holder): Holder => ({ device: device.slice(0, MAX_DEVICE), address });

const endOf = (session: Session, now: number): number => Math.min(now + REFRESH_SECONDS * 1000, session.createdAt + LONGEST_MS);

async function endSession({ records, revoker }: SessionDeps, session: string): Promise<void> {
  // In this order: cut off in between, the session is still there to be ended again.
  await revoker.revokeSession(session);
  await records.remove(SESSION, PLATFORM, session);
}

/**
 * Once the account or its place has come to its next era. One by one: a token that a request under way issues later, in the name
 * of a session that has ended, is no good either.
 */
async function endAll(deps: SessionDeps, account: string, clinic?: ClinicId): Promise<void> {
  const { records, revoker } = deps;
  let after = '';
  for (;;) {
    const found = await records.list(SESSION, PLATFORM, { by: { name: 'account', value: account }, after, limit: MOST });
    const ended = found.filter(({ value }) => clinic === undefined || value.clinic === clinic);
    await Promise.all(ended.map(({ id }) => endSession(deps, id)));
    after = found.at(-1)?.id ?? '';
    if (found.length < MOST) break;
  }
  // Those of browsers are of the whole account.
  if (clinic === undefined) await endBrowserSessions(records, account);
  await endGrants(deps, account, clinic);
  await revoker.revokeAccount(account, clinic);
}

/** Looked at again once the session is there: whoever ends all sees it from then on. */
async function open(deps: SessionDeps, seen: SeenAccount, place: OpenPlace, holder: Holder): Promise<SessionTokens> {
  const now = deps.clock.now();
  const eras = { account: seen.era, place: place.era };
  const session: Session = { account: seen.id, clinic: place.clinic, eras, ...shortened(holder), createdAt: now, lastUsedAt: now, turn: 0 };
  const id = deps.newId();
  await deps.records.insert(SESSION, PLATFORM, id, session, { expiresAt: endOf(session, now) });
  if (await openPlaceOf(deps, session)) return issueTokens(deps, id, session, place);
  await endSession(deps, id);
  throw fhirError('unauthenticated', 'the account or its place was changed meanwhile', 'Sign in again.');
}

async function refresh(deps: SessionDeps, refreshToken: string, holder: Holder): Promise<SessionTokens> {
  const now = deps.clock.now();
  const token = openRefreshToken(deps.sealer, 'session', refreshToken);
  if (!token) throw noGood();
  const { id, session, place } = await refreshedSession(
    deps,
    (sid) => endSession(deps, sid),
    token,
    (before) => {
      const value: Session = { ...before, ...shortened(holder), lastUsedAt: now, turn: before.turn + 1 };
      return { value, expiresAt: endOf(value, now) };
    },
  );
  return issueTokens(deps, id, session, place);
}

async function issueTokens({ clock, issuer, sealer }: SessionDeps, id: string, session: Session, place: OpenPlace): Promise<SessionTokens> {
  const now = clock.now();
  const claims = claimsOf(id, session, place);
  const access = await issuer.issue(claims, ACCESS_SECONDS);
  return {
    accessToken: access.token,
    tokenType: 'Bearer',
    expiresIn: access.expiresIn,
    refreshToken: sealRefreshToken(sealer, 'session', { id, number: session.turn }),
    refreshExpiresIn: Math.floor((endOf(session, now) - now) / 1000),
    scope: claims.scope,
    clinic: place.clinic,
    role: place.role,
    fhirUser: place.fhirUser,
  };
}

/** All that the role allows, which the access filter cuts down to. */
function claimsOf(sid: string, { account, clinic }: Session, { role, fhirUser }: OpenPlace): TokenClaims {
  const isPatient = role === 'PATIENT';
  return {
    sub: account,
    kind: 'person',
    clinic,
    clientId: FIRST_PARTY,
    scope: `openid fhirUser ${isPatient ? 'patient' : 'user'}/*.cruds`,
    sid,
    role,
    fhirUser,
    ...(isPatient ? { patient: fhirUser.split('/')[1] ?? '' } : {}),
  };
}

/** One use of a refresh token: it is spent, and its session goes on. */
import { noting } from '../../api/tried.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { eraOf, isSameEra } from '../accounts/era.ts';
import type { OpenPlace, Places } from '../accounts/places.ts';
import { PLATFORM } from '../accounts/records.ts';
import { REFRESH_TOKEN, SESSION, type RefreshToken, type Session } from './records.ts';

interface RefreshDeps {
  readonly records: RecordStore;
  readonly accounts: Accounts;
  readonly places: Places;
}

interface Refreshed {
  readonly id: string;
  readonly session: Session;
  readonly place: OpenPlace;
}

type Renew = (before: Session) => { readonly value: Session; readonly expiresAt: number };

/** Throws `unauthenticated`; where a spent token was shown, or its owner may not sign in any more, the session has ended by then. */
export async function refreshedSession(
  deps: RefreshDeps,
  endSession: (id: string) => Promise<void>,
  tokenId: string,
  renew: Renew,
): Promise<Refreshed> {
  const token = await deps.records.get(REFRESH_TOKEN, PLATFORM, tokenId);
  if (!token) throw noGood();
  const found = await deps.records.get(SESSION, PLATFORM, token.value.session);
  const tried = found ? { account: found.value.account, clinic: found.value.clinic } : {};
  return noting(tried, async () => {
    await spend(deps, token, endSession);
    if (!found) throw noGood();
    return goOn(deps, found, endSession, renew);
  });
}

async function goOn(
  deps: RefreshDeps,
  found: StoredRecord<Session>,
  endSession: (id: string) => Promise<void>,
  renew: Renew,
): Promise<Refreshed> {
  const sid = found.id;
  const place = await openPlaceOf(deps, found.value);
  if (!place) {
    await endSession(sid);
    throw noGood();
  }
  const { value, expiresAt } = renew(found.value);
  const kept = await deps.records.replace(SESSION, PLATFORM, sid, found.revision, value, { expiresAt });
  // Ended meanwhile.
  if (!kept.ok) throw noGood();
  return { id: sid, session: value, place };
}

/** The token is good for the last time now. */
async function spend(
  { records }: RefreshDeps,
  token: StoredRecord<RefreshToken>,
  endSession: (id: string) => Promise<void>,
): Promise<void> {
  const { id, value, revision, expiresAt } = token;
  const ends = expiresAt === undefined ? {} : { expiresAt };
  const first = !value.spent && (await records.replace(REFRESH_TOKEN, PLATFORM, id, revision, { ...value, spent: true }, ends)).ok;
  if (first) return;
  await endSession(value.session);
  throw noGood();
}

/** Where the session's person may be now, as long as neither their account nor their place has come to another era. */
export async function openPlaceOf(
  { accounts, places }: Pick<RefreshDeps, 'accounts' | 'places'>,
  { account, clinic, eras }: Session,
): Promise<OpenPlace | undefined> {
  const [person, place] = await Promise.all([accounts.find(account), places.find(account, clinic)]);
  if (!person?.value.active || !place) return undefined;
  return isSameEra(eras, { account: eraOf(person.value), place: place.era }) ? place : undefined;
}

const noGood = (): Error => fhirError('unauthenticated', 'this refresh token is no good', 'Sign in again.', '/refreshToken');

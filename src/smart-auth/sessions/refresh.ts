/** One use of a refresh token: its session goes on to its next turn, in which that token is spent. */
import { noting } from '../../api/tried.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import type { Accounts } from '../accounts/accounts.ts';
import { eraOf, isSameEra } from '../accounts/era.ts';
import type { OpenPlace, Places } from '../accounts/places.ts';
import { PLATFORM } from '../accounts/records.ts';
import type { RefreshToken } from '../tokens/refresh-token.ts';
import { SESSION, type Session } from './records.ts';

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
  token: RefreshToken,
  renew: Renew,
): Promise<Refreshed> {
  const found = await deps.records.get(SESSION, PLATFORM, token.id);
  if (!found) throw noGood();
  return noting({ account: found.value.account, clinic: found.value.clinic }, async () => {
    const refreshed = token.number === found.value.turn ? await nextTurn(deps, found, renew) : undefined;
    if (refreshed) return refreshed;
    await endSession(found.id);
    throw noGood();
  });
}

/** Undefined where it may not go on, has ended, or another took the turn meanwhile. */
async function nextTurn(
  deps: RefreshDeps,
  { id, revision, value: before }: StoredRecord<Session>,
  renew: Renew,
): Promise<Refreshed | undefined> {
  const place = await openPlaceOf(deps, before);
  if (!place) return undefined;
  const { value, expiresAt } = renew(before);
  const kept = await deps.records.replace(SESSION, PLATFORM, id, revision, value, { expiresAt });
  return kept.ok ? { id, session: value, place } : undefined;
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

/** The one answer to any token that isn't good. */
export const noGood = (): Error => fhirError('unauthenticated', 'this refresh token is no good', 'Sign in again.', '/refreshToken');

/**
 * Revocations, known to every process: written as records, read by each process at most once a second and only while
 * requests come. A process that can't read them for some seconds lets nobody in.
 */
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { RecordStore } from '../../records/port.ts';
import { PLATFORM } from '../accounts/records.ts';
import type { VerifiedToken } from './access-token.ts';
import { MAX_TOKEN_SECONDS, type TokenRevoker } from './port.ts';
import { REVOCATION, type Revocation } from './records.ts';

export interface Revocations extends TokenRevoker {
  /** Nothing while what is known is fresh; otherwise resolves once it is. Throws `unavailable`. */
  refresh(): Promise<void> | undefined;
  /** As far as this process knows. */
  isRevoked(token: VerifiedToken): boolean;
  /** Grows with each revocation that became known: whoever remembers tokens looks through them then. */
  changes(): number;
}

export interface RevocationDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: IdSource;
}

const FRESH_MS = 1000;
/** With a store that is away, requests go on for so long on what was known. */
const BLIND_MS = 5000;
/** How long one look at the store may take before it counts as away. */
const LOOK_MS = 1000;
/** Records are read again from so long before the last look: clocks differ, and a write takes its time. */
const OVERLAP_MS = 60_000;
const KEPT_MS = MAX_TOKEN_SECONDS * 1000 + OVERLAP_MS;
const PAGE = 500;

interface Known {
  /** By what was revoked: tokens issued until then are ended. */
  readonly until: Map<string, number>;
  /** Ids of records that were taken in, by the time they may be forgotten. */
  readonly seen: Map<string, number>;
  changes: number;
  lookedAt: number;
}

export function createRevocations(deps: RevocationDeps): Revocations {
  const { records, clock, newId } = deps;
  const known: Known = { until: new Map(), seen: new Map(), changes: 0, lookedAt: -Infinity };
  const revoke = async (of: Revocation['of']): Promise<void> => {
    const at = clock.now();
    const id = `${timeKey(at)}-${newId()}`;
    take(known, id, { of, at });
    await records.insert(REVOCATION, PLATFORM, id, { of, at }, { expiresAt: at + KEPT_MS });
  };
  return {
    revokeSession: (session) => revoke({ session }),
    revokeAccount: (account, clinic) => revoke(clinic === undefined ? { account } : { account, clinic }),
    revokeClient: (client) => revoke({ client }),
    refresh: createRefresh(deps, known),
    // What has ended stays so: a token that a request under way gives in its name later is no good either.
    isRevoked: ({ claims, issuedAt }) =>
      known.until.has(`session ${claims.sid}`) || namesOf(claims).some((name) => issuedAt <= (known.until.get(name) ?? -Infinity)),
    changes: () => known.changes,
  };
}

/** 13 digits reach to the year 2286. */
const timeKey = (ms: number): string => String(Math.max(0, Math.floor(ms))).padStart(13, '0');

function nameOf(of: Revocation['of']): string {
  if ('session' in of) return `session ${of.session}`;
  if ('client' in of) return `client ${of.client}`;
  return of.clinic === undefined ? `account ${of.account}` : `account ${of.account} ${of.clinic}`;
}

/** Under which names the token would have been revoked. */
const namesOf = ({ sub, kind, clinic, clientId }: VerifiedToken['claims']): string[] => [
  `client ${clientId}`,
  ...(kind === 'person' ? [`account ${sub}`, `account ${sub} ${clinic}`] : []),
];

function take(known: Known, id: string, { of, at }: Revocation): void {
  if (known.seen.has(id)) return;
  known.seen.set(id, at + KEPT_MS);
  const name = nameOf(of);
  known.until.set(name, Math.max(at, known.until.get(name) ?? 0));
  known.changes += 1;
}

function createRefresh({ records, clock }: RevocationDeps, known: Known): Revocations['refresh'] {
  const state: { looking?: Promise<void> } = {};
  const look = async (): Promise<void> => {
    const startedAt = clock.now();
    await inTime(readNew(records, known), LOOK_MS);
    known.lookedAt = startedAt;
    forget(known, startedAt);
  };
  return () => {
    if (clock.now() - known.lookedAt < FRESH_MS) return undefined;
    state.looking ??= look().finally(() => delete state.looking);
    return state.looking.catch(() => {
      if (clock.now() - known.lookedAt > BLIND_MS) throw away();
    });
  };
}

async function readNew(records: RecordStore, known: Known): Promise<void> {
  let after = known.lookedAt === -Infinity ? '' : timeKey(known.lookedAt - OVERLAP_MS);
  for (;;) {
    const page = await records.list(REVOCATION, PLATFORM, { after, limit: PAGE });
    for (const { id, value } of page) take(known, id, value);
    if (page.length < PAGE) return;
    after = page.at(-1)?.id ?? after;
  }
}

/** By then every token that they could end has ended by itself. */
function forget({ until, seen }: Known, now: number): void {
  for (const [id, end] of seen) if (end <= now) seen.delete(id);
  for (const [name, at] of until) if (at + KEPT_MS <= now) until.delete(name);
}

async function inTime(work: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(away()), ms);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const away = (): Error => fhirError('unavailable', 'whether tokens were revoked cannot be told now', 'Try again in a few seconds.');

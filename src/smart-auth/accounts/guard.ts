/**
 * Against guessing. Wrong passwords and codes are counted twice: for whom they were tried, which locks with a back-off (423),
 * and where they came from, which stops those who try one password on many accounts (429). Both counts are records.
 *
 * A stranger can keep an account locked, but not its owner out: a device that has signed in before has a count of its own, and
 * so has a link or code that is sent to the person, which also clears the lock. What nobody has an account for is counted alike.
 */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { FhirError, issue } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import { plainAddress } from '../../platform/networks.ts';
import type { RecordKind, RecordStore } from '../../records/port.ts';
import { createTurns, tooMany } from './in-turn.ts';
import { PLATFORM } from './records.ts';

interface Failures {
  readonly count: number;
  /** Until when nothing is tried, milliseconds. */
  readonly until: number;
}
const FAILURES: RecordKind<Failures> = { name: 'failures' };

export interface Attempt {
  /** Who it is about: `email:a@b.c`, `device:…`. */
  readonly subject: string;
  readonly address: string;
}

export interface Guard {
  /**
   * Runs what may fail, and counts it where it answers undefined; a success clears the count of the subject.
   * Throws `locked`, `rate-limited`.
   */
  attempt<T>(attempt: Attempt, work: () => Promise<T | undefined>): Promise<T | undefined>;
  /** Counts what costs something whether or not it succeeds, such as a message that is sent. Throws `rate-limited`. */
  spend(attempt: Attempt): Promise<void>;
  /** The same of what is about nobody yet: `most` of that kind from one network within `addressMs`. Throws `rate-limited`. */
  spendFrom(what: string, address: string, most: number): Promise<void>;
  /** The person has shown otherwise who they are. */
  clear(subject: string): Promise<void>;
}

export interface GuardPolicy {
  /** So many failures are free. */
  readonly free: number;
  readonly firstLockMs: number;
  readonly longestLockMs: number;
  /** Failures are forgotten after so long. */
  readonly memoryMs: number;
  /** Failures that an address may have within `addressMs`. */
  readonly perAddress: number;
  readonly addressMs: number;
  /** Messages that may be asked for one subject within `addressMs`. */
  readonly perSubject: number;
}

const MINUTE = 60_000;
export const GUARD_POLICY: GuardPolicy = {
  free: 5,
  firstLockMs: MINUTE / 2,
  longestLockMs: 15 * MINUTE,
  memoryMs: 24 * 60 * MINUTE,
  perAddress: 100,
  addressMs: 15 * MINUTE,
  perSubject: 5,
};

/** More than so many at once for one account are no person's. */
const IN_LINE = 64;

type Deps = { readonly records: RecordStore; readonly clock: Clock; readonly policy: GuardPolicy };

export function createGuard(deps: Omit<Deps, 'policy'>, policy: GuardPolicy = GUARD_POLICY): Guard {
  const all: Deps = { ...deps, policy };
  const inTurn = createTurns(IN_LINE);
  const ofAddress = createAddresses(all);
  return {
    attempt: ({ subject, address }, work) =>
      ofAddress(networkOf(address), () =>
        inTurn(subject, async () => {
          const hasFailed = await assertUnlocked(all, subject);
          const result = await work();
          if (result === undefined) await countFailure(all, keyOf('subject', subject), (count) => lockFor(policy, count));
          else if (hasFailed) await clear(all, subject);
          return result;
        }),
      ),
    async spend({ subject, address }) {
      await countWithin(all, keyOf('sent-to', subject), policy.perSubject);
      await countWithin(all, keyOf('sent-from', networkOf(address)), policy.perAddress);
    },
    spendFrom: (what, address, most) => countWithin(all, keyOf(what, networkOf(address)), most),
    clear: (subject) => clear(all, subject),
  };
}

/** In an IPv6 network of 64 bits everyone has as many addresses as they like. */
function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

/** Neither addresses nor those who were tried stand in the records as they are. */
const keyOf = (what: string, value: string): string => createHash('sha256').update(`${what} ${value}`).digest('hex');

/** Those who are trying from one network now, and how many have failed from there. */
interface Crowd {
  readonly underWay: number;
  readonly failures: number;
  /** Until when that is neither over nor too old to go by: milliseconds. */
  readonly until: number;
}

/** What other processes count in the meantime is seen after so long, and at each failure here. */
const FRESH_MS = 1000;

/**
 * Those under way count as if they had failed: a crowd that comes at once gets no further than one that comes in a row. A network's
 * count and those under way change in turn, so that none is from before and the other from after somebody's end.
 */
function createAddresses(deps: Deps) {
  const inTurn = createTurns(Infinity);
  const crowds = createCrowds(deps);
  return async <T>(network: string, work: () => Promise<T | undefined>): Promise<T | undefined> => {
    const key = keyOf('address', network);
    await inTurn(key, () => crowds.enter(key));
    let failed = false;
    try {
      const result = await work();
      failed = result === undefined;
      return result;
    } finally {
      await inTurn(key, () => crowds.leave(key, failed));
    }
  };
}

/** Both are called in turn for each key. */
function createCrowds(deps: Deps) {
  const { records, clock, policy } = deps;
  const crowds = new Map<string, Crowd>();
  const look = async (key: string): Promise<Crowd> => {
    const crowd = crowds.get(key);
    if (crowd && crowd.until > clock.now()) return crowd;
    const found = await records.get(FAILURES, PLATFORM, key);
    const until = Math.min(found?.expiresAt ?? Infinity, clock.now() + FRESH_MS);
    return { underWay: crowd?.underWay ?? 0, failures: found?.value.count ?? 0, until };
  };
  const leave = (key: string): void => {
    const crowd = crowds.get(key);
    if (!crowd || crowd.underWay <= 1) crowds.delete(key);
    else crowds.set(key, { ...crowd, underWay: crowd.underWay - 1 });
  };
  const endOf = async (key: string): Promise<number> => (await records.get(FAILURES, PLATFORM, key))?.expiresAt ?? clock.now();
  return {
    async enter(key: string): Promise<void> {
      const crowd = await look(key);
      if (crowd.failures + crowd.underWay >= policy.perAddress) throw tooMany(secondsUntil(clock, await endOf(key)));
      crowds.set(key, { ...crowd, underWay: crowd.underWay + 1 });
    },
    async leave(key: string, failed: boolean): Promise<void> {
      leave(key);
      if (!failed) return;
      const failures = await countFailure(deps, key, () => 0, policy.addressMs);
      const crowd = crowds.get(key);
      if (crowd) crowds.set(key, { ...crowd, failures });
    },
  };
}

/** Resolves to whether there were failures. */
async function assertUnlocked({ records, clock }: Deps, subject: string): Promise<boolean> {
  const found = await records.get(FAILURES, PLATFORM, keyOf('subject', subject));
  if (found && found.value.until > clock.now()) throw locked(secondsUntil(clock, found.value.until));
  return found !== undefined;
}

const secondsUntil = (clock: Clock, time: number): number => Math.max(1, Math.ceil((time - clock.now()) / 1000));

function lockFor({ free, firstLockMs, longestLockMs }: GuardPolicy, count: number): number {
  return count < free ? 0 : Math.min(longestLockMs, firstLockMs * 2 ** Math.min(count - free, 20));
}

/** With `windowMs` the count ends that long after its first, otherwise after the last. */
async function countFailure(deps: Deps, key: string, lock: (count: number) => number, windowMs?: number): Promise<number> {
  const { records, clock, policy } = deps;
  for (;;) {
    const now = clock.now();
    const found = await records.get(FAILURES, PLATFORM, key);
    const count = (found?.value.count ?? 0) + 1;
    const value: Failures = { count, until: now + lock(count) };
    const expiresAt = windowMs === undefined ? now + policy.memoryMs : (found?.expiresAt ?? now + windowMs);
    const written = found
      ? await records.replace(FAILURES, PLATFORM, key, found.revision, value, { expiresAt })
      : await records.insert(FAILURES, PLATFORM, key, value, { expiresAt });
    if (written.ok) return count;
  }
}

async function countWithin(deps: Deps, key: string, most: number): Promise<void> {
  const count = await countFailure(deps, key, () => 0, deps.policy.addressMs);
  if (count <= most) return;
  const found = await deps.records.get(FAILURES, PLATFORM, key);
  throw tooMany(secondsUntil(deps.clock, found?.expiresAt ?? deps.clock.now()));
}

async function clear({ records }: Deps, subject: string): Promise<void> {
  const key = keyOf('subject', subject);
  if (await records.get(FAILURES, PLATFORM, key)) await records.remove(FAILURES, PLATFORM, key);
}

function locked(seconds: number): FhirError {
  const hint = 'Wait as long as Retry-After says, sign in on a device that has been signed in before, or set a new password by e-mail.';
  return new FhirError([issue('locked', 'too many wrong passwords or codes: nothing is tried for now', hint)], { retryAfter: seconds });
}

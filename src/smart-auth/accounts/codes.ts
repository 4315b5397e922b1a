/** What is sent to a person and comes back: links with 256 random bits, and codes of six figures that are tried five times at most. */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import type { RecordKind, RecordStore, StoredRecord } from '../../records/port.ts';
import type { Channel } from '../messages/port.ts';
import { digest, newCode, newToken, normalEmail } from './identifiers.ts';
import { PLATFORM } from './records.ts';

interface Link {
  readonly account: string;
}
export const LINK: RecordKind<Link> = { name: 'link', index: ({ account }) => ({ account }) };

interface SentCode<T> {
  /** Sealed: the record alone lets nobody in. */
  readonly sealed: string;
  readonly tries: number;
  readonly about: T;
}
export const SENT_CODE: RecordKind<SentCode<unknown>> = { name: 'sent-code' };

/** What a code is for, and where it was sent. */
export const codeKey = (purpose: 'sign-in' | 'register' | 'phone', channel: Channel | '', to: string): string =>
  `${purpose} ${channel} ${channel === 'email' ? normalEmail(to) : to}`;

export const MINUTE_MS = 60_000;
const MAX_TRIES = 5;

export interface Links {
  make(account: string, forMs: number): Promise<string>;
  /** The account, as long as the link is good. */
  peek(token: string): Promise<string | undefined>;
  /** True for one of those who take it. All others of the account are no good from then on. */
  take(token: string): Promise<boolean>;
}

export function createLinks(records: RecordStore, clock: Clock): Links {
  return {
    async make(account, forMs) {
      const token = newToken();
      await records.insert(LINK, PLATFORM, digest(token), { account }, { expiresAt: clock.now() + forMs });
      return token;
    },
    peek: async (token) => (await records.get(LINK, PLATFORM, digest(token)))?.value.account,
    async take(token) {
      const found = await records.get(LINK, PLATFORM, digest(token));
      if (!found || !(await records.remove(LINK, PLATFORM, found.id))) return false;
      const others = await records.list(LINK, PLATFORM, { by: { name: 'account', value: found.value.account }, limit: 1000 });
      await Promise.all(others.map(({ id }) => records.remove(LINK, PLATFORM, id)));
      return true;
    },
  };
}

export interface Codes {
  /** A new code in place of any before. `key` says what it is for: `codeKey`. */
  make(key: string, about: unknown, forMs: number): Promise<string>;
  /** What was kept with the code, for one of those who show it. */
  take(key: string, code: string): Promise<{ readonly about: unknown } | undefined>;
  /** Does what the code is for, and only then is it spent: cut off in between, it can be shown again. The work must bear being done twice. */
  use<T>(key: string, code: string, work: (about: unknown) => Promise<T | undefined>): Promise<T | undefined>;
}

export function createCodes(records: RecordStore, clock: Clock, sealer: Sealer): Codes {
  return {
    async make(key, about, forMs) {
      const [id, code] = [digest(key), newCode()];
      const value = { sealed: sealer.seal(code, id), tries: 0, about };
      for (;;) {
        const before = await records.get(SENT_CODE, PLATFORM, id);
        const ends = { expiresAt: clock.now() + forMs };
        const written = before
          ? await records.replace(SENT_CODE, PLATFORM, id, before.revision, value, ends)
          : await records.insert(SENT_CODE, PLATFORM, id, value, ends);
        if (written.ok) return code;
      }
    },
    async take(key, code) {
      const shown = await show(records, sealer, digest(key), code);
      return shown && (await records.remove(SENT_CODE, PLATFORM, shown.id, shown.revision)) ? { about: shown.value.about } : undefined;
    },
    async use(key, code, work) {
      const shown = await show(records, sealer, digest(key), code);
      const result = shown && (await work(shown.value.about));
      if (shown && result !== undefined) await records.remove(SENT_CODE, PLATFORM, shown.id);
      return result;
    },
  };
}

/** Counted before it is compared: a crowd that comes at once has no more tries than one after another. */
async function show(records: RecordStore, sealer: Sealer, id: string, code: string): Promise<StoredRecord<SentCode<unknown>> | undefined> {
  const found = await records.get(SENT_CODE, PLATFORM, id);
  if (!found || found.value.tries >= MAX_TRIES) return undefined;
  const counted = { ...found.value, tries: found.value.tries + 1 };
  const ends = found.expiresAt === undefined ? {} : { expiresAt: found.expiresAt };
  const written = await records.replace(SENT_CODE, PLATFORM, id, found.revision, counted, ends);
  return written.ok && isSame(sealer.open(counted.sealed, id), code) ? written.record : undefined;
}

function isSame(expected: string | undefined, given: string): boolean {
  if (expected === undefined) return false;
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

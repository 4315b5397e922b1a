/**
 * Messages that have been promised. A request leaves no more than an errand behind, the same whether or not there is anyone to
 * send to, and so takes the same time; who it is for is looked up here, afterwards. An errand is a record, done again after a
 * crash and tried again when the sender is away, until it is pointless.
 */
import type { Clock } from '../../platform/clock.ts';
import type { RecordKind, RecordStore, StoredRecord } from '../../records/port.ts';
import { PLATFORM } from '../accounts/records.ts';
import type { Channel, Message, MessageSender } from './port.ts';

export interface Errand {
  /** A name of `ErrandsDeps.prepare`. */
  readonly purpose: string;
  readonly channel: Channel;
  readonly to: string;
  /** What else `prepare` needs to know. */
  readonly about?: string;
}

interface Kept extends Errand {
  readonly attempts: number;
  /** Not before then: someone is at it, or was. */
  readonly notBefore: number;
}
export const ERRAND: RecordKind<Kept> = { name: 'errand' };

/** Makes the message at the moment it is sent; undefined: there is nobody to send to. */
export type Prepare = (errand: Errand) => Promise<Message | undefined>;

export interface ErrandLog {
  warn(fields: { readonly err: unknown; readonly purpose: string; readonly attempts: number }, message: string): void;
}

export interface ErrandsDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly sender: MessageSender;
  readonly log: ErrandLog;
}

export interface Errands {
  /** Resolves once it would survive `kill -9`; it is pointless after `forMs`. */
  order(errand: Errand, forMs: number): Promise<void>;
  /** Takes up what was left behind, now and every half minute. */
  start(prepare: Readonly<Record<string, Prepare>>): void;
  /** Resolves when none is under way here. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const RETRY_MS = 30_000;
const MAX_BACKOFF = 6;
const BATCH = 100;

export function createErrands(deps: ErrandsDeps): Errands {
  const { records, clock } = deps;
  const underWay = new Set<Promise<void>>();
  let prepare: Readonly<Record<string, Prepare>> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const begin = (work: Promise<void>): void => {
    const settled = work.catch(() => undefined).finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  const sweep = async (): Promise<void> => {
    for (let after = ''; prepare;) {
      const found = await records.list(ERRAND, PLATFORM, { after, limit: BATCH });
      for (const errand of found) await run(deps, prepare, errand);
      after = found.at(-1)?.id ?? '';
      if (found.length < BATCH) return;
    }
  };
  const idle = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return {
    async order(errand, forMs) {
      const kept: Kept = { ...errand, attempts: 0, notBefore: 0 };
      const written = await records.insert(ERRAND, PLATFORM, deps.newId(), kept, { expiresAt: clock.now() + forMs });
      if (written.ok && prepare) begin(run(deps, prepare, written.record));
    },
    start(given) {
      prepare = given;
      begin(sweep());
      timer = setInterval(() => begin(sweep()), RETRY_MS).unref();
    },
    idle,
    async close() {
      clearInterval(timer);
      await idle();
    },
  };
}

async function run(deps: ErrandsDeps, prepare: Readonly<Record<string, Prepare>>, found: StoredRecord<Kept>): Promise<void> {
  const { records, clock, sender, log } = deps;
  if (found.value.notBefore > clock.now()) return;
  const attempts = found.value.attempts + 1;
  const claimed: Kept = { ...found.value, attempts, notBefore: clock.now() + RETRY_MS * 2 ** Math.min(attempts - 1, MAX_BACKOFF) };
  const ends = found.expiresAt === undefined ? {} : { expiresAt: found.expiresAt };
  if (!(await records.replace(ERRAND, PLATFORM, found.id, found.revision, claimed, ends)).ok) return;
  try {
    const message = await prepare[claimed.purpose]?.(claimed);
    if (message && sender.channels.has(message.channel)) await sender.send(message);
    else if (message) log.warn({ err: undefined, purpose: claimed.purpose, attempts }, 'no provider sends by this channel');
    await records.remove(ERRAND, PLATFORM, found.id);
  } catch (err) {
    log.warn({ err, purpose: claimed.purpose, attempts }, 'a message could not be sent');
  }
}

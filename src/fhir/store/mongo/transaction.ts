/** Transactions that are tried again until they are done, or until it has taken too long. */
import { setTimeout } from 'node:timers/promises';
import type { ClientSession } from 'mongodb';
import { isCommitUnknown, isTransient } from './errors.ts';
import type { SessionPool } from './sessions.ts';

/** Longer than a lease: what a dead process holds is free by then. */
const GIVE_UP_MS = 15_000;
/** From here on a conflict is more than a neighbour's commit: perhaps a dead process holds what we need. */
const SUSPICIOUS_MS = 400;
const LONGEST_PAUSE_MS = 50;
/** After it a commit that reaches no majority is asked for again. */
const LONGEST_COMMIT_MS = 10_000;

export interface Transactions {
  /** `work` may run several times, each time on its own snapshot; `undefined` means that there is nothing to commit. */
  run<T>(work: (session: ClientSession) => Promise<{ readonly value: T; readonly commit: boolean }>): Promise<T>;
}

export function createTransactions(sessions: SessionPool): Transactions {
  return {
    async run(work) {
      const session = await sessions.acquire();
      try {
        const value = await attempts(session, work, sessions);
        sessions.release(session);
        return value;
      } catch (error) {
        // What has been aborted leaves a session that can be used again; after a lost connection nobody knows.
        if (isNetwork(error)) await sessions.discard(session);
        else sessions.release(session);
        throw error;
      }
    },
  };
}

async function attempts<T>(
  session: ClientSession,
  work: (session: ClientSession) => Promise<{ readonly value: T; readonly commit: boolean }>,
  sessions: SessionPool,
): Promise<T> {
  const start = performance.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(session, work, start);
    } catch (error) {
      const waited = performance.now() - start;
      if (!isTransient(error) || isNetwork(error) || waited > GIVE_UP_MS) throw error;
      if (waited > SUSPICIOUS_MS) await sessions.endAbandoned();
      await setTimeout(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** attempt));
    }
  }
}

async function attemptOnce<T>(
  session: ClientSession,
  work: (session: ClientSession) => Promise<{ readonly value: T; readonly commit: boolean }>,
  start: number,
): Promise<T> {
  // Writes are as durable as the client's are: on the journals of a majority.
  session.startTransaction({ readConcern: { level: 'snapshot' }, readPreference: 'primary', maxCommitTimeMS: LONGEST_COMMIT_MS });
  try {
    const { value, commit } = await work(session);
    if (commit) await commitSurely(session, start);
    else await session.abortTransaction();
    return value;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    throw error;
  }
}

/** A commit can be repeated until it is known what became of it. */
async function commitSurely(session: ClientSession, start: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!isCommitUnknown(error) || performance.now() - start > GIVE_UP_MS) throw error;
      await setTimeout(LONGEST_PAUSE_MS);
    }
  }
}

const isNetwork = (error: unknown): boolean => /Network|ServerSelection|Pool/.test(String((error as { name?: unknown }).name));

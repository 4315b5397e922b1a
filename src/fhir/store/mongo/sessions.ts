/**
 * Sessions for transactions, known to other processes by a lease. The server ends the transaction of a process that
 * died only after a minute, and until then what it wrote is locked. So each process keeps a record of its sessions and
 * renews it; whoever finds one that has run out ends its sessions. Times are the server's.
 */
import { randomUUID } from 'node:crypto';
import type { ClientSession, Document, MongoClient } from 'mongodb';
import type { Collections, LeaseDocument } from './schema.ts';

/** Nothing that a dead process wrote stays locked for longer. */
const LEASE_MS = 5_000;
/** Of it, what it takes to notice that it has run out, and to end the sessions. */
const NOTICE_MS = 400;
const RENEWAL_MS = 1_500;
const LOOK_MS = 100;

export interface SessionPool {
  acquire(): Promise<ClientSession>;
  release(session: ClientSession): void;
  /** For a session whose state isn't known. */
  discard(session: ClientSession): Promise<void>;
  /** Ends the sessions of processes whose lease has run out. */
  endAbandoned(): Promise<void>;
  close(): Promise<void>;
}

export async function createSessionPool(client: MongoClient, collections: Collections): Promise<SessionPool> {
  const lease = createLease(collections);
  const free: ClientSession[] = [];
  let looked = -Infinity;

  const endAbandoned = async (): Promise<void> => {
    if (performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    await endExpired(collections);
  };
  const end = async (session: ClientSession): Promise<void> => {
    lease.drop(session);
    await session.endSession();
  };

  await endExpired(collections);
  return {
    async acquire() {
      const known = free.pop();
      if (known) return known;
      const session = client.startSession({ causalConsistency: false });
      await lease.take(session);
      return session;
    },
    release: (session) => void free.push(session),
    discard: end,
    endAbandoned,
    async close() {
      lease.stop();
      await Promise.all(free.map((session) => session.endSession()));
      await lease.end();
    },
  };
}

function createLease({ leases }: Collections) {
  const held = new Map<ClientSession, Document>();
  const id = randomUUID();
  const renew = async (): Promise<void> => {
    const until = { $add: ['$$NOW', LEASE_MS - NOTICE_MS] };
    await leases.updateOne({ _id: id }, [{ $set: { until, sessions: { $literal: [...held.values()] } } }], { upsert: true });
  };
  // What isn't renewed now is renewed next time; a lease lost meanwhile only means that a transaction is tried again.
  const timer = setInterval(() => {
    if (held.size > 0) renew().catch(() => undefined);
  }, RENEWAL_MS).unref();
  return {
    async take(session: ClientSession): Promise<void> {
      held.set(session, session.id as Document);
      await renew();
    },
    drop: (session: ClientSession): void => void held.delete(session),
    stop: (): void => clearInterval(timer),
    end: async (): Promise<void> => {
      await leases.deleteOne({ _id: id });
    },
  };
}

async function endExpired({ db, leases }: Collections): Promise<void> {
  const expired = await leases.find<LeaseDocument>({ $expr: { $lt: ['$until', '$$NOW'] } }).toArray();
  for (const { _id, sessions, until } of expired) {
    if (sessions.length > 0) await db.admin().command({ killSessions: sessions });
    await leases.deleteOne({ _id, until });
  }
}

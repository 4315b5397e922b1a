/** A worker thread with a connection of its own, so that what takes long, or waits for the disk, doesn't hold the event loop. */
import { Worker } from 'node:worker_threads';
import type { ThreadData, ThreadReply, ThreadRequest } from './protocol.ts';

export interface SqliteThread {
  /** Runs a method of a module (which exports `open(connection)`) in the thread. Rejects with what it throws. */
  call(module: URL, method: string, args: unknown): Promise<unknown>;
  /** Lets what was called finish, then ends the thread. */
  close(): Promise<void>;
}

/** An error as it was thrown in the thread: its message, and its own properties. */
const errorOf = (message: string, detail: Readonly<Record<string, unknown>>): Error => Object.assign(new Error(message), detail);

/** The thread is not there: said like node:sqlite says it of a connection. */
const gone = (message: string): Error => errorOf(message, { code: 'ERR_INVALID_STATE' });

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Starts at the first call, and again at the next one after a crash. */
export function createSqliteThread(data: ThreadData): SqliteThread {
  let worker: Worker | undefined;
  let closing: Promise<void> | undefined;
  let count = 0;
  const pending = new Map<number, Pending>();

  const start = (): Worker => {
    const started = new Worker(new URL(`./host${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url), { workerData: data });
    const end = (error: Error): void => {
      if (worker === started) worker = undefined;
      for (const call of pending.values()) call.reject(error);
      pending.clear();
    };
    started.on('message', (reply: ThreadReply) => settle(pending, reply));
    started.on('error', (error: Error & { errcode?: number }) => end(Object.assign(gone(error.message), error)));
    started.on('exit', (code) => end(gone(`The database thread ended with ${code}.`)));
    started.unref();
    return started;
  };

  const post = (request: Omit<ThreadRequest, 'id'>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      count += 1;
      pending.set(count, { resolve, reject });
      worker.ref();
      worker.postMessage({ ...request, id: count } satisfies ThreadRequest);
    }).finally(() => {
      if (pending.size === 0) worker?.unref();
    });

  return {
    call(module, method, args) {
      if (closing) return Promise.reject(gone('The database is closed.'));
      return post({ module: module.href, method, args });
    },
    close() {
      closing ??= worker ? endOf(worker, post({ module: '', method: 'close', args: undefined })) : Promise.resolve();
      return closing;
    },
  };
}

function settle(pending: Map<number, Pending>, reply: ThreadReply): void {
  const call = pending.get(reply.id);
  pending.delete(reply.id);
  if (reply.ok) call?.resolve(reply.value);
  else call?.reject(errorOf(reply.message, reply.detail));
}

async function endOf(worker: Worker, closed: Promise<unknown>): Promise<void> {
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  await closed.catch(() => undefined);
  // The last answer has let go of it; the process waits for its end all the same.
  worker.ref();
  await ended;
}

/**
 * Where the work on texts is done: small ones here, large ones in a thread of their own, since reading them holds the
 * event loop. The thread starts when it is first needed, and is unloaded when it is idle.
 */
import { Worker } from 'node:worker_threads';
import { fhirError, FhirError, type Issue } from '../outcome/error.ts';
import { TASKS, type Input, type Output, type TaskName } from './tasks.ts';
import type { WorkTools } from './tools.ts';

/** From so many bytes on a text is large: less is read in some ten milliseconds at the worst. */
export const LARGE_TEXT = 128 * 1024;

/** Each task by its name: at once where it is done here, otherwise later. Throws or rejects with what the task throws. */
export type Work = {
  readonly [Name in TaskName]: (input: Input<Name>) => Output<Name> | Promise<Output<Name>>;
} & {
  /** Ends the thread; what it does is given up. */
  close(): Promise<void>;
};

export interface WorkOptions {
  /** Bytes from which on a text is large. */
  readonly large?: number;
  /** Milliseconds after which an idle thread is unloaded. */
  readonly idleMs?: number;
}

export interface WorkRequest {
  readonly id: number;
  readonly name: TaskName;
  readonly input: unknown;
}

/** `error` is a FhirError's; what else was thrown is said by `message`. */
export type WorkReply =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly error: ErrorParts }
  | { readonly id: number; readonly message: string };

interface ErrorParts {
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;
  readonly retryAfter: number | undefined;
}

export function createWork(tools: WorkTools, { large = LARGE_TEXT, idleMs = 60_000 }: WorkOptions = {}): Work {
  const thread = createThread(idleMs);
  const method = (name: TaskName) => (input: never) => {
    const task = TASKS[name];
    return task.size(input) < large ? task.run(tools, input) : thread.ask(name, input);
  };
  const methods = Object.fromEntries((Object.keys(TASKS) as TaskName[]).map((name) => [name, method(name)]));
  return { ...methods, close: () => thread.close() } as unknown as Work;
}

interface Thread {
  ask(name: TaskName, input: unknown): Promise<unknown>;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Beside a `.ts` in a checkout, beside a `.js` in a build. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
/** One text of 8 MiB takes up to some hundred; a bundle of 64 MB in XML more. */
const MEMORY_MB = 2048;

/** A running thread with what it was asked. */
interface Running {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

function createThread(idleMs: number): Thread {
  let running: Running | undefined;
  let count = 0;
  let idle: NodeJS.Timeout | undefined;
  const unload = async (): Promise<void> => {
    const loaded = running;
    running = undefined;
    clearTimeout(idle);
    await loaded?.worker.terminate();
  };
  const start = (): Running => {
    const started = startWorker(() => {
      idle = setTimeout(() => void unload(), idleMs).unref();
    });
    started.worker.once('exit', () => {
      if (running === started) running = undefined;
    });
    return started;
  };
  return {
    ask(name, input) {
      clearTimeout(idle);
      const { worker, pending } = (running ??= start());
      worker.ref();
      const id = (count += 1);
      const { copy, moved } = detached(input);
      const answer = new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
      worker.postMessage({ id, name, input: copy } satisfies WorkRequest, moved);
      return answer;
    },
    close: unload,
  };
}

/** `rests` is called when all that was asked is answered. */
function startWorker(rests: () => void): Running {
  const worker = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  const pending = new Map<number, Pending>();
  const end = (error: unknown): void => {
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  worker.on('message', (reply: WorkReply) => {
    settle(pending, reply);
    if (pending.size > 0) return;
    worker.unref();
    rests();
  });
  worker.on('error', (error: Error & { code?: string }) => end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch() : error));
  worker.on('exit', () => end(new Error('the thread for large texts ended')));
  return { worker, pending };
}

function settle(pending: Map<number, Pending>, reply: WorkReply): void {
  const asked = pending.get(reply.id);
  pending.delete(reply.id);
  if ('output' in reply) asked?.resolve(reply.output);
  else if ('error' in reply) asked?.reject(new FhirError(reply.error.issues, optionsOf(reply.error)));
  else asked?.reject(new Error(reply.message));
}

const optionsOf = ({ headers, retryAfter }: ErrorParts): { headers: ErrorParts['headers']; retryAfter?: number } => ({
  headers,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});

const tooMuch = (): FhirError => fhirError('too-costly', 'the text takes more memory than one may', 'Split it into several resources.');

/** A view of a body would take the whole body along: bytes are copied out of it, and the copy is moved. */
export function detached(input: unknown): { readonly copy: unknown; readonly moved: ArrayBuffer[] } {
  const moved: ArrayBuffer[] = [];
  const detach = (value: unknown, depth: number): unknown => {
    if (value instanceof Uint8Array) {
      const bytes = new Uint8Array(value);
      moved.push(bytes.buffer);
      return bytes;
    }
    if (depth === 0 || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item) => detach(item, depth - 1));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, detach(member, depth - 1)]));
  };
  return { copy: detach(input, BYTES_WITHIN), moved };
}

/** The deepest bytes are parts of the entries in the output of a reply. */
const BYTES_WITHIN = 4;

/**
 * Passwords as Argon2id hashes, made in threads of their own: the event loop and the pool that files and names are read
 * in stay free, and at most cores − 1 hashes run at once. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { parseOptions } from '@node-rs/argon2';
import { fhirError } from '../../../fhir/outcome/error.ts';

export interface HashParameters {
  /** KiB. */
  readonly memoryCost: number;
  readonly timeCost: number;
  readonly parallelism: number;
}

/** The least that OWASP asks for. */
export const OWASP: HashParameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface HashQuestion {
  readonly password: string;
  /** To compare with; absent: a hash is made. */
  readonly hash?: string;
  readonly parameters: HashParameters;
}
export type HashAnswer = { readonly hash: string } | { readonly matches: boolean };

export interface PasswordHasher {
  /** In PHC form. Throws `unavailable` when too many wait. */
  hash(password: string): Promise<string>;
  /** Takes as long where there is no hash to compare with: then nothing matches. Throws `unavailable` when too many wait. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Whether a hash was made with less than is asked for today. */
  isWeak(hash: string): boolean;
  close(): Promise<void>;
}

export interface HasherOptions {
  readonly parameters?: HashParameters;
  readonly threads?: number;
  /** How many may wait for a thread. */
  readonly maxWaiting?: number;
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './hash-thread.ts' : './hash-thread.js', import.meta.url);
const MAX_WAITING = 200;

/** Threads are started when they are first needed. */
export function createPasswordHasher(options: HasherOptions = {}): PasswordHasher {
  const { parameters = OWASP, threads = Math.max(1, availableParallelism() - 1), maxWaiting = MAX_WAITING } = options;
  const pool = createPool(threads, maxWaiting);
  const hash = async (password: string): Promise<string> => {
    const answer = await pool.ask({ password: normal(password), parameters });
    return 'hash' in answer ? answer.hash : '';
  };
  let nobody: Promise<string> | undefined;
  return {
    hash,
    async verify(password, known) {
      // What is made once when it is first needed costs the first stranger twice as much.
      const compared = known ?? (await (nobody ??= hash('the hash of nobody').catch(forget)));
      const answer = await pool.ask({ password: normal(password), hash: compared, parameters });
      return known !== undefined && 'matches' in answer && answer.matches;
    },
    isWeak: (known) => isWeaker(known, parameters),
    close: pool.close,
  };
  function forget(error: unknown): never {
    nobody = undefined;
    throw error;
  }
}

/** What is typed alike is alike: https://pages.nist.gov/800-63-4/sp800-63b.html (normalisation of passwords). */
const normal = (password: string): string => password.normalize('NFKC');

function isWeaker(hash: string, parameters: HashParameters): boolean {
  try {
    const { memoryCost, timeCost } = parseOptions(hash);
    return memoryCost < parameters.memoryCost || timeCost < parameters.timeCost;
  } catch {
    return true;
  }
}

interface Job {
  readonly question: HashQuestion;
  readonly resolve: (answer: HashAnswer) => void;
  readonly reject: (error: unknown) => void;
}

interface Pool {
  ask(question: HashQuestion): Promise<HashAnswer>;
  close(): Promise<void>;
}

function createPool(threads: number, maxWaiting: number): Pool {
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: Job[] = [];
  let isClosed = false;
  const next = (): void => {
    const job = waiting[0];
    const worker = job && (idle.pop() ?? (all.size < threads ? started(all) : undefined));
    if (!job || !worker) return;
    waiting.shift();
    void run(worker, job).then((usable) => {
      if (usable) idle.push(worker);
      else all.delete(worker);
      next();
    });
  };
  return {
    ask(question) {
      if (isClosed || waiting.length >= maxWaiting) return Promise.reject(crowded());
      const { promise, resolve, reject } = Promise.withResolvers<HashAnswer>();
      waiting.push({ question, resolve, reject });
      next();
      return promise;
    },
    async close() {
      isClosed = true;
      for (const job of waiting.splice(0)) job.reject(crowded());
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

function started(all: Set<Worker>): Worker {
  const worker = new Worker(WORKER);
  worker.unref();
  all.add(worker);
  return worker;
}

/** Settles the job; false if the thread broke down over it. */
async function run(worker: Worker, { question, resolve, reject }: Job): Promise<boolean> {
  const over = new AbortController();
  const { signal } = over;
  worker.ref();
  const ended = once(worker, 'exit', { signal }).then(() => Promise.reject(crowded()));
  const answered = once(worker, 'message', { signal });
  worker.postMessage(question);
  try {
    const [answer] = (await Promise.race([answered, ended])) as [HashAnswer];
    resolve(answer);
    return true;
  } catch (error) {
    reject(error);
    return false;
  } finally {
    worker.unref();
    for (const waiting of [ended, answered]) waiting.catch(() => undefined);
    over.abort();
  }
}

const crowded = (): Error => fhirError('unavailable', 'too many passwords are being checked at this moment', 'Try again in a few seconds.');

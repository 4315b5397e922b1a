/** The host of the FHIRPath engine's thread: starts it when first needed, asks it one question at a time, stops it when it takes too long. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { fhirError } from '../outcome/error.ts';
import type { Evaluation, PathLocator } from './locate.ts';
import type { Step } from './places.ts';

export interface PathQuestion {
  readonly resource: string;
  readonly path: string;
}

export type PathAnswer = { readonly steps: readonly (readonly Step[] | undefined)[] } | { readonly problem: string };

export interface PathLocatorOptions {
  /** Milliseconds that the evaluations of one patch may take in all. */
  readonly limitMs?: number;
  /** Milliseconds after which an idle engine is unloaded. */
  readonly idleMs?: number;
}

interface Reply {
  /** Undefined if the engine was too slow, or broke down over the question. */
  readonly answer: PathAnswer | undefined;
  readonly spentMs: number;
}

interface Engine {
  ask(question: PathQuestion, limitMs: number): Promise<Reply>;
  stop(): Promise<unknown>;
}

/** Beside a `.ts` in a checkout, beside a `.js` in a build. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './path-worker.ts' : './path-worker.js', import.meta.url);
const MEMORY_MB = 512;

/** Makes a locator; nothing is loaded before a path needs it. */
export function createPathLocator({ limitMs = 1000, idleMs = 60_000 }: PathLocatorOptions = {}): PathLocator {
  let engine: Promise<Engine> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;
  const unload = async (): Promise<void> => {
    const loaded = engine;
    engine = undefined;
    clearTimeout(idle);
    await (await loaded?.catch(() => undefined))?.stop();
  };
  const ask = async (question: PathQuestion, left: number): Promise<Reply> => {
    clearTimeout(idle);
    engine ??= startEngine();
    const reply = await (await engine).ask(question, left);
    if (reply.answer === undefined) await unload();
    else idle = setTimeout(() => void unload(), idleMs).unref();
    return reply;
  };
  const inTurn = (question: PathQuestion, left: number): Promise<Reply> => {
    const asked = turn.then(() => ask(question, left));
    turn = asked.catch(unload);
    return asked;
  };
  return { begin: () => evaluation(inTurn, limitMs), close: unload };
}

function evaluation(ask: Engine['ask'], limitMs: number): Evaluation {
  let left = limitMs;
  return async (resource, path, where) => {
    const { answer, spentMs } = left > 0 ? await ask({ resource, path }, left) : { answer: undefined, spentMs: 0 };
    left -= spentMs;
    if (answer === undefined)
      throw fhirError('too-costly', `the paths of a patch are found within ${limitMs} ms`, 'use plain paths with indexes', where);
    if ('problem' in answer)
      throw fhirError('invalid-structure', 'the path is FHIRPath that can be evaluated', `correct it: ${answer.problem}`, where);
    return answer.steps.map((steps) => {
      if (steps) return steps;
      throw fhirError('business-rule', 'the path must lead to elements of this resource', 'name elements, without computing values', where);
    });
  };
}

/** Resolves once the engine is loaded: the time that takes counts for nobody. */
async function startEngine(): Promise<Engine> {
  const worker = new Worker(WORKER, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
  await once(worker, 'message');
  worker.unref();
  return { ask: (question, limitMs) => askWorker(worker, question, limitMs), stop: () => worker.terminate() };
}

async function askWorker(worker: Worker, question: PathQuestion, limitMs: number): Promise<Reply> {
  const started = performance.now();
  worker.ref();
  const message = once(worker, 'message', { signal: AbortSignal.timeout(Math.ceil(limitMs)) });
  worker.postMessage(question);
  try {
    const [answer] = (await message) as [PathAnswer];
    return { answer, spentMs: performance.now() - started };
  } catch {
    return { answer: undefined, spentMs: limitMs };
  } finally {
    worker.unref();
  }
}

/** Argon2id in a thread of its own: one hash at a time, so that as many run at once as there are threads. */
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';
import type { HashAnswer, HashQuestion } from './hasher.ts';

function answer(question: HashQuestion): HashAnswer {
  const { password, hash, parameters } = question;
  if (hash === undefined) return { hash: hashSync(password, { ...parameters }) };
  try {
    return { matches: verifySync(hash, password) };
  } catch {
    // Not in PHC form: nothing matches it.
    return { matches: false };
  }
}

/** Whoever waits for an answer goes first: on Linux, 0 is the thread that calls, elsewhere the whole process. */
function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it: then hashes are as dear as anything else.
  }
}

standBack();

parentPort?.on('message', (question: HashQuestion) => parentPort?.postMessage(answer(question)));

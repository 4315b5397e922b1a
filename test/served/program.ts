/** The server, or its command line, as a process of its own, from the sources. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Start } from './world.ts';

export const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
export const CLI = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

export interface Program {
  readonly child: ChildProcess;
  /** What it has said, standard output and errors together. */
  readonly output: () => string;
  /** The code it ended with, or the signal. */
  readonly ended: Promise<number | string>;
}

export interface ServingProgram extends Program {
  /** Without a final slash. */
  readonly url: string;
}

type Environment = Readonly<Record<string, string>>;

const running = new Set<ChildProcess>();
/** For `afterEach` and `afterAll`: a test that fails leaves no process behind. */
export function killPrograms(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Has nothing of this process's environment but what finds programs. */
export function runProgram(command: string, words: readonly string[], environment: Environment): Program {
  const child = spawn(command, words, { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const said: string[] = [];
  const keep = (chunk: Buffer): void => void said.push(chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child);
    return (code ?? signal) as number | string;
  });
  return { child, output: () => said.join(''), ended };
}

/** Resolves when it says that it is ready; throws what it said if it ends before that. */
export async function serving(program: Program): Promise<ServingProgram> {
  for (;;) {
    const ready = /nadi ready at (\S+)\n/.exec(program.output());
    if (ready) return { ...program, url: ready[1] as string };
    await Promise.race([
      once(program.child.stdout as NodeJS.ReadableStream, 'data'),
      program.ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${program.output()}`))),
    ]);
  }
}

export const serve = (environment: Environment): Promise<ServingProgram> => serving(runProgram(process.execPath, [MAIN], environment));

/** A start for `openServedWorld`; `begun` is given the process. */
export const inOwnProcess =
  (begun: (program: ServingProgram) => void): Start =>
  async (environment) => {
    const program = await serve(environment);
    begun(program);
    const drain = async (): Promise<void> => {
      program.child.kill('SIGTERM');
      await program.ended;
    };
    return { address: program.url, routes: [], drain };
  };

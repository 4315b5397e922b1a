/** A built server as a child process, on data of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface RunningServer {
  readonly base: string;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Drains the server; the data stays until `remove`. */
  stop(): Promise<void>;
  remove(): void;
}

const STORES = ['sqlite', 'mongodb'] as const;
export type StoreName = (typeof STORES)[number];

/** Stores that can be tried here: MongoDB where TEST_MONGODB_URL names one. */
export const availableStores = (): StoreName[] => STORES.filter((s) => s === 'sqlite' || process.env['TEST_MONGODB_URL']);

const root = fileURLToPath(new URL('..', import.meta.url));
const mainFile = join(root, 'dist', 'main.js');
export const cliFile = join(root, 'dist', 'cli', 'main.js');

/** What a server or a command needs to know for a fresh store of that name. */
export function freshEnvironment(store: StoreName): Record<string, string> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nadi-'));
  const common = { DATA_DIR: dataDir, PORT: '0', AUTH: 'none', MLLP_PORT: '', LOG_LEVEL: 'warn' };
  if (store === 'sqlite') return common;
  const url = new URL(process.env['TEST_MONGODB_URL'] ?? '');
  url.pathname = `/nadi_${process.pid}_${Date.now().toString(36)}`;
  return {
    ...common,
    DATABASE_URL: url.toString(),
    REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
    SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
}

const READY_LINE = /nadi ready at (http:\/\/\S+)/;

/** Starts `dist/main.js` and waits for its last line. */
export async function startServer(environment: Record<string, string>, nodeOptions: readonly string[] = []): Promise<RunningServer> {
  const child = spawn(process.execPath, [...nodeOptions, mainFile], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A tool that fails leaves no server behind.
  const end = (): void => void child.kill();
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  const base = await readyAddress(child);
  const dataDir = environment['DATA_DIR'] as string;
  return {
    base,
    dataDir,
    environment,
    pid: child.pid as number,
    stop: () => stopped(child),
    remove: () => {
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readyAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('exit', (code) => {
      reject(new Error(`the server ended with ${code}: ${output}`));
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4000);
      const ready = READY_LINE.exec(output);
      if (ready) resolve(ready[1] as string);
    });
  });
}

function stopped(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) resolve();
    child.once('exit', () => {
      resolve();
    });
    child.kill('SIGTERM');
  });
}

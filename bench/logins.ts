/** Whether a crowd that signs in waits for more than its hashes, and whether others wait for the crowd. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createPasswordHasher } from '../src/smart-auth/accounts/passwords/hasher.ts';
import { startServer, type RunningServer } from '../tools/running-server.ts';
import { median } from './load.ts';

export interface LoginCosts {
  /** Milliseconds until the last of the crowd is in. */
  readonly logins: number;
  /** Of as many hashes alone, on as many threads. */
  readonly hashes: number;
  /** p95 of other requests, 200 a second, milliseconds: while nobody and while always a crowd signs in. */
  readonly quietP95: number;
  readonly crowdedP95: number;
}

const CROWD = 50;
const PASSWORD = 'seven quiet elephants at dawn';
const ADMIN = 'admin@nadi.local';
const emailOf = (n: number): string => `nurse${n}@bench.test`;

/** `environment` names an empty store. */
export async function loginCosts(environment: Record<string, string>, seconds: number, rounds: number): Promise<LoginCosts> {
  const server = await startServer({ ...environment, AUTH: 'required', BOOTSTRAP_ADMIN_PASSWORD: PASSWORD });
  try {
    const token = await login(server, ADMIN);
    for (let n = 0; n < CROWD; n++) await invite(server, token, emailOf(n));
    await chooseAll(server);
    const [logins, hashes]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      logins.push(await timed(() => crowd(server)));
      hashes.push(await hashing());
    }
    const quietP95 = await p95(server, token, seconds);
    const crowdedP95 = await whileCrowded(server, () => p95(server, token, seconds));
    return { logins: median(logins.slice(1)), hashes: median(hashes.slice(1)), quietP95, crowdedP95 };
  } finally {
    await server.stop();
  }
}

async function post(server: RunningServer, path: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const response = await fetch(server.base + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

const login = async (server: RunningServer, email: string): Promise<string> =>
  String((await post(server, '/auth/login', { email, password: PASSWORD }))['accessToken']);

const invite = (server: RunningServer, token: string, email: string): Promise<unknown> =>
  post(server, '/users', { givenName: 'Nurse', email, role: 'NURSE' }, token);

/** By the links that the server wrote into its outbox. */
async function chooseAll(server: RunningServer): Promise<void> {
  const folder = join(server.dataDir, 'outbox');
  const names = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.json'));
  while (names().length < CROWD) await wait(50);
  for (const name of names()) {
    const { values } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly values: { readonly link: string } };
    await post(server, '/auth/reset-password', { token: new URL(values.link).searchParams.get('token'), password: PASSWORD });
  }
}

const crowd = (server: RunningServer): Promise<unknown> => Promise.all(Array.from({ length: CROWD }, (_, n) => login(server, emailOf(n))));

async function hashing(): Promise<number> {
  const hasher = createPasswordHasher();
  const hash = await hasher.hash(PASSWORD);
  const took = await timed(() => Promise.all(Array.from({ length: CROWD }, () => hasher.verify(PASSWORD, hash))));
  await hasher.close();
  return took;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const EVERY_MS = 5;

/** Asked at a steady pace, however long answers take: a load generator's bursts would wait for one another. */
async function p95(server: RunningServer, token: string, seconds: number): Promise<number> {
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    const started = performance.now();
    const response = await fetch(`${server.base}/fhir/R4/Practitioner?_count=1`, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`answered ${response.status}`);
    times.push(performance.now() - started);
  };
  const asked: Promise<void>[] = [];
  const [start, count] = [performance.now(), (seconds * 1000) / EVERY_MS];
  for (let n = 0; n < count; n++) {
    await wait(Math.max(0, start + n * EVERY_MS - performance.now()));
    asked.push(ask());
  }
  await Promise.all(asked);
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? NaN;
}

async function whileCrowded<T>(server: RunningServer, work: () => Promise<T>): Promise<T> {
  const state = { over: false };
  const crowds = (async () => {
    while (!state.over) await crowd(server);
  })();
  const result = await work();
  state.over = true;
  await crowds;
  return result;
}

/**
 * `npm run bench`: each figure beside its floor, in one run, on every store that is there (MongoDB where
 * TEST_MONGODB_URL names one). Writes `docs/performance.md`, unless with `--quick`, `--store=sqlite` or `--only=search`. Needs a build, and the records beside the
 * checkout for the transactions.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { syntheaFiles } from '../tools/conformance/synthea.ts';
import { availableStores, freshEnvironment, startServer, type RunningServer, type StoreName } from '../tools/running-server.ts';
import { median } from './load.ts';
import { fill, FULL, MEASURES, measure, QUICK, transactionsPerSecond, type Scale } from './measures.ts';
import { largeHolds, longestHold } from './holds.ts';
import { signedInReads } from './signed-in.ts';
import { loginCosts } from './logins.ts';
import { patientFilterCosts } from './patient-filter.ts';
import { report, type Figure } from './report.ts';

const quick = process.argv.includes('--quick');
const option = (name: string): string | undefined => process.argv.find((a) => a.startsWith(`--${name}=`))?.slice(name.length + 3);
const [only, onStore] = [option('only'), option('store')];
const scale: Scale = quick ? QUICK : FULL;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const synthea = process.env['BENCH_SYNTHEA'] ?? here('../../shared/data/synthea/small');
const chosen = (name: string): boolean => only === undefined || name.includes(only);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface FloorProcess {
  readonly base: string;
  stop(): void;
}

function startFloor(store: StoreName, server: RunningServer, folder: string): Promise<FloorProcess> {
  const url = server.environment['DATABASE_URL'] ?? '';
  const args = store === 'sqlite' ? [join(server.dataDir, 'nadi.db'), join(folder, 'floor.db')] : [url, scratchName()];
  const child = spawn(process.execPath, [here(FLOORS[store]), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      reject(new Error(`the floor ended with ${code}`));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      const address = /(http:\/\/\S+)/.exec(chunk.toString())?.[1];
      if (address) resolve({ base: address, stop: () => stop(child) });
    });
  });
}

const FLOORS = { sqlite: './floors/sqlite.ts', mongodb: './floors/mongo.ts', bulk: './floors/bulk.ts' } as const;

const scratchName = (): string => `nadi_floor_${process.pid}`;

function stop(child: ChildProcess): void {
  child.removeAllListeners('exit');
  child.kill();
}

async function requestFigures(store: StoreName, folder: string): Promise<Figure[]> {
  const server = await startServer(freshEnvironment(store));
  await fill(`${server.base}/fhir/R4`, scale);
  const floor = await startFloor(store, server, folder);
  const figures: Figure[] = [];
  for (const m of MEASURES.filter(({ name }) => chosen(name))) {
    const { ours, floor: bare, p99 } = await measure(m, server.base, floor.base, scale);
    figures.push({
      store,
      name: `${m.name} (${m.clients} clients)`,
      unit: '/s',
      ours,
      floor: bare,
      promised: m.floor,
      note: `p99 ${p99} ms`,
    });
    say(
      `${store} ${m.name}: ${Math.round(ours)}/s of ${Math.round(bare)}/s = ${(ours / bare).toFixed(2)}, promised ${m.floor}, p99 ${p99} ms`,
    );
  }
  floor.stop();
  await server.stop();
  server.remove();
  return figures;
}

async function transactionFigure(store: StoreName, folder: string): Promise<Figure> {
  const files = syntheaFiles(synthea, quick ? 8 : Infinity);
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < scale.rounds; round++) {
    const target = store === 'sqlite' ? join(folder, `bulk${round}.db`) : (process.env['TEST_MONGODB_URL'] ?? '');
    const output = execFileSync(process.execPath, [here(FLOORS.bulk), store, target, `${scratchName()}_bulk`, ...files], {
      encoding: 'utf8',
    });
    floor.push(Number(output.trim()));
    const server = await startServer(freshEnvironment(store));
    ours.push(await transactionsPerSecond(`${server.base}/fhir/R4`, files, 4));
    await server.stop();
    server.remove();
  }
  say(
    `${store} transactions: ${Math.round(median(ours))} of ${Math.round(median(floor))} documents/s = ${(median(ours) / median(floor)).toFixed(2)}, promised 0.2`,
  );
  return {
    store,
    name: 'Synthea transaction bundles (4 clients)',
    unit: ' documents/s',
    ours: median(ours),
    floor: median(floor),
    promised: 0.2,
    note: 'floor: bulk insert',
  };
}

/** Start to first answer with a database there, and memory when idle. */
async function startFigures(store: StoreName): Promise<Figure[]> {
  const environment = freshEnvironment(store);
  const first = await startServer(environment);
  await fill(`${first.base}/fhir/R4`, { ...scale, patients: 100 });
  await first.stop();
  const times: number[] = [];
  let memory = 0;
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    const server = await startServer(environment);
    await (await fetch(`${server.base}/fhir/R4/Patient/p1`)).text();
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    memory = Math.max(memory, residentMiB(server.pid));
    await server.stop();
    if (round === 4) server.remove();
  }
  say(`${store} start ${Math.round(median(times))} ms, idle ${Math.round(memory)} MiB`);
  return [
    { store, name: 'start to first answer', unit: ' ms', ours: median(times), limit: 2000 },
    { store, name: 'idle memory', unit: ' MiB', ours: memory, limit: 250 },
  ];
}

const residentMiB = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Runs `measure` on a server with a watch on its event loop; the watch's address is given. */
async function watched<T>(store: StoreName, measure: (base: string, watch: string) => Promise<T>): Promise<T> {
  const environment = freshEnvironment(store);
  const portFile = join(environment['DATA_DIR'] as string, 'watch');
  const server = await startServer({ ...environment, LOOP_WATCH: portFile }, ['--import', here('./loop-watch.ts')]);
  try {
    return await measure(server.base, `http://127.0.0.1:${readFileSync(portFile, 'utf8')}/`);
  } finally {
    await server.stop();
    server.remove();
  }
}

/** What others on the machine do counts for nothing: it is the time that the server's main thread computes. */
async function holdFigure(store: StoreName): Promise<Figure> {
  const { waitedMs, longestOwnMs } = await watched(store, (base, watch) => longestHold(base, watch, quick ? 1000 : 10_000));
  const name = 'longest hold of the event loop by a transaction of 10,000, computing';
  const note = `another request waited ${Math.round(waitedMs)} ms at most`;
  say(`${store} ${name}: ${Math.round(longestOwnMs)} ms; ${note}`);
  return { store, name, unit: ' ms', ours: longestOwnMs, limit: 50, note };
}

async function signedInFigure(store: StoreName): Promise<Figure> {
  const environment = freshEnvironment(store);
  const reads = MEASURES.find(({ name }) => name === 'read')?.ours(scale) ?? [];
  const { ours, floor, p99 } = await signedInReads(environment, scale, reads);
  rmSync(environment['DATA_DIR'] as string, { recursive: true, force: true });
  say(`${store} reads signed in: ${Math.round(ours)}/s of ${Math.round(floor)}/s = ${(ours / floor).toFixed(2)}, promised 0.75`);
  const note = `floor: the same with AUTH=none; p99 ${p99} ms`;
  return { store, name: 'read, signed in, with a durable trail (64 clients)', unit: '/s', ours, floor, promised: 0.75, note };
}

/** Of hashes alone the sign-ins may take 130 %, and others wait 10 ms longer than while nobody signs in. */
async function loginFigures(store: StoreName): Promise<Figure[]> {
  const environment = freshEnvironment(store);
  const { logins, hashes, quietP95, crowdedP95 } = await loginCosts(environment, scale.seconds * 2, scale.rounds);
  rmSync(environment['DATA_DIR'] as string, { recursive: true, force: true });
  const [share, later] = [(100 * logins) / hashes, crowdedP95 - quietP95];
  say(
    `${store} 50 logins ${Math.round(logins)} ms, their hashes ${Math.round(hashes)} ms; others' p95 ${quietP95.toFixed(1)} ms, then ${crowdedP95.toFixed(1)} ms`,
  );
  return [
    { store, name: '50 logins at once, of their hashes alone', unit: ' %', ours: share, limit: 130, note: `${Math.round(logins)} ms` },
    {
      store,
      name: 'p95 of 200 other reads a second, longer by',
      unit: ' ms',
      ours: later,
      limit: 10,
      note: `${quietP95.toFixed(1)} ms without logins`,
    },
  ];
}

/** The dearest of all; each is said. */
async function patientFigure(store: StoreName): Promise<Figure> {
  const environment = freshEnvironment(store);
  const costs = await patientFilterCosts(environment, quick ? 20_000 : 1_000_000, quick ? 20 : 100);
  rmSync(environment['DATA_DIR'] as string, { recursive: true, force: true });
  for (const { search, filtered, open } of costs)
    say(`${store} as a patient ${search}: ${filtered.toFixed(2)} ms, without ${open.toFixed(2)} ms`);
  const ours = Math.max(...costs.map(({ filtered, open }) => (100 * filtered) / open));
  return { store, name: 'searches of a PATIENT on 1,000,000 resources, of the same without the filter', unit: ' %', ours, limit: 150 };
}

/** The longest of all; each is said. */
async function largeFigure(store: StoreName): Promise<Figure> {
  const holds = await watched(store, largeHolds);
  for (const { name, longestMs, longestOwnMs } of holds)
    say(`${store} ${name}: ${Math.round(longestMs)} ms, of them ${Math.round(longestOwnMs)} computing`);
  const ours = Math.max(...holds.map((hold) => hold.longestOwnMs));
  return { store, name: 'longest hold of the event loop by a resource of 7.5 MB, computing', unit: ' ms', ours, limit: 50 };
}

async function main(): Promise<void> {
  const figures: Figure[] = [];
  for (const store of availableStores().filter((s) => onStore === undefined || s === onStore)) {
    const folder = mkdtempSync(join(tmpdir(), 'nadi-bench-'));
    figures.push(...(await requestFigures(store, folder)));
    if (chosen('transactions') && existsSync(synthea)) figures.push(await transactionFigure(store, folder));
    if (chosen('hold')) figures.push(await holdFigure(store));
    if (chosen('large')) figures.push(await largeFigure(store));
    if (chosen('signed-in')) figures.push(await signedInFigure(store));
    if (chosen('logins')) figures.push(...(await loginFigures(store)));
    if (chosen('filter')) figures.push(await patientFigure(store));
    if (chosen('start')) figures.push(...(await startFigures(store)));
    rmSync(folder, { recursive: true, force: true });
  }
  const page = report(figures);
  say(page);
  if (!quick && only === undefined && onStore === undefined) writeFileSync(here('../docs/performance.md'), page);
}

await main();

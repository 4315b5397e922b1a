/** The server as a process of its own: how it starts, what it refuses, how it ends. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLI, killPrograms, MAIN, runProgram, serving, type Program, type ServingProgram } from '../served/program.ts';

const MANIFEST = fileURLToPath(new URL('../../package.json', import.meta.url));
const FHIR_JSON = 'application/fhir+json';

afterEach(killPrograms);

const run = (file: string, words: readonly string[], environment: Readonly<Record<string, string>>): Program =>
  runProgram(process.execPath, [file, ...words], { AUTH: 'none', ...environment });
const start = (dataDir: string): Promise<ServingProgram> => serving(run(MAIN, [], { DATA_DIR: dataDir, PORT: '0' }));
const folder = (): string => mkdtempSync(join(tmpdir(), 'nadi-'));
const patient = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Rao' }] };
const put = (url: string): Promise<Response> =>
  fetch(`${url}/fhir/R4/Patient/p1`, { method: 'PUT', headers: { 'content-type': FHIR_JSON }, body: JSON.stringify(patient) });

describe('the server', () => {
  it('says how open it is, then that it is ready, as the last line', async () => {
    const { url, output, child, ended } = await start(folder());
    expect(output().trimEnd().split('\n')).toEqual([
      'AUTH=none: whoever reaches 127.0.0.1 may do everything, as the system client of the clinic demo',
      `nadi ready at ${url}`,
    ]);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('takes the place of the shell that npm starts it in, so that a signal to npm reaches it', async () => {
    const { scripts } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { scripts: { start: string } };
    const command = scripts.start.replaceAll('dist/main.js', MAIN);
    const { child, ended } = await serving(runProgram('sh', ['-c', command], { AUTH: 'none', DATA_DIR: folder(), PORT: '0' }));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('refuses a setting in one line', async () => {
    const { output, ended } = run(MAIN, [], { DATA_DIR: folder(), PORT: 'http' });
    expect([await ended, output()]).toEqual([1, 'PORT was "http"; it may be a whole number from 0 to 65535\n']);
  });

  it.each([
    ['nothing that can be opened', '/no/such/folder/nadi.db'],
    ['no database', '/etc/hostname'],
  ])('says in one line that DATABASE_URL is %s', async (_what, file) => {
    const { output, ended } = run(MAIN, [], { DATA_DIR: folder(), PORT: '0', DATABASE_URL: `sqlite:${file}` });
    expect([await ended, output()]).toEqual([1, expect.stringMatching(/^DATABASE_URL can't be used: .*\n$/)]);
  });

  it('is refused a second time on the same data, until the first is gone', async () => {
    const dataDir = folder();
    const first = await start(dataDir);
    const second = run(MAIN, [], { DATA_DIR: dataDir, PORT: '0' });
    expect([await second.ended, second.output()]).toEqual([
      1,
      `another nadi is using the data directory ${dataDir}: stop it, or set DATA_DIR to another\n`,
    ]);
    first.child.kill('SIGTERM');
    await first.ended;
    await start(dataDir);
  });

  it('keeps what it acknowledged, and can start again, after kill -9', async () => {
    const dataDir = folder();
    const first = await start(dataDir);
    expect((await put(first.url)).status).toBe(201);
    first.child.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    const second = await start(dataDir);
    expect(await (await fetch(`${second.url}/fhir/R4/Patient/p1`)).json()).toMatchObject(patient);
  });

  it('answers what it accepted before it ends, and takes nothing more', async () => {
    const { url, child, ended } = await start(folder());
    const slow = slowPost(`${url}/fhir/R4/Patient`);
    await once(slow, 'socket');
    slow.write('{"resourceType":');
    // Answered after the slow one has been accepted, for both come over loopback in order.
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    child.kill('SIGTERM');
    await refused(url);
    slow.end('"Patient"}');
    const [response] = (await once(slow, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(201);
    response.resume();
    expect(await ended).toBe(0);
  });

  it('ends at a fault that nobody caught, with all that it logged written', async () => {
    const fault = 'process.on("SIGUSR2", () => { throw new RangeError(); })';
    const environment = { DATA_DIR: folder(), PORT: '0', NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fault)}` };
    const { url, child, ended, output } = await serving(run(MAIN, [], environment));
    await Promise.all(Array.from({ length: 200 }, () => fetch(`${url}/healthz`)));
    child.kill('SIGUSR2');
    expect(await ended).toBe(1);
    const lines = output().trimEnd().split('\n').slice(2);
    expect(lines).toHaveLength(201);
    expect(JSON.parse(lines.at(-1) as string)).toMatchObject({ level: 60, msg: 'uncaughtException', err: { name: 'RangeError' } });
  });

  it('L1: logs requests by their route, never by what they carry', async () => {
    const { url, child, ended, output } = await start(folder());
    await put(url);
    await fetch(`${url}/fhir/R4/Patient?family=Rao`, { headers: { 'X-Request-Id': 'caller-7' } });
    child.kill('SIGTERM');
    await ended;
    const lines = output().trimEnd().split('\n').slice(2);
    expect(lines.map((l) => JSON.parse(l) as object)).toMatchObject([
      { interaction: 'update', route: '/fhir/R4/:type/:id', status: 201 },
      { interaction: 'search-type', route: '/fhir/R4/:type', status: 200, requestId: 'caller-7' },
    ]);
    expect(lines.join('')).not.toMatch(/Rao|p1/);
  });
});

describe('the command line', () => {
  it('has the running server do the work', async () => {
    const dataDir = folder();
    const { url } = await start(dataDir);
    expect(statSync(join(dataDir, 'nadi.sock')).mode & 0o777).toBe(0o600);
    const file = join(folder(), 'patients.ndjson');
    writeFileSync(file, `${JSON.stringify(patient)}\n{"resourceType":"Patient","gender":"robot"}\n`);
    const command = run(CLI, ['import', file], { DATA_DIR: dataDir });
    expect(await command.ended).toBe(1);
    expect(command.output()).toMatch(/^1 resources stored in .*\n1 refused:\n {2}.*patients\.ndjson #2: Patient\.gender: .*\n$/);
    expect((await fetch(`${url}/fhir/R4/Patient/p1`)).status).toBe(200);
  });

  it('does the work itself where no server runs, and ends by itself', async () => {
    const dataDir = folder();
    const file = join(folder(), 'patients.ndjson');
    writeFileSync(file, JSON.stringify(patient));
    const command = run(CLI, ['import', file], { DATA_DIR: dataDir });
    expect([await command.ended, command.output()]).toEqual([0, expect.stringMatching(/^1 resources stored/)]);
    const { url } = await start(dataDir);
    expect((await fetch(`${url}/fhir/R4/Patient/p1`)).status).toBe(200);
  });

  it('is told of a command line that cannot be read by 2, with one line', async () => {
    const command = run(CLI, ['imp'], {});
    expect([await command.ended, command.output()]).toEqual([
      2,
      'there is no command "imp"; it may be import, export, reindex, audit, admin, keys, validate\n',
    ]);
  });
});

const slowPost = (url: string): ClientRequest =>
  request(url, {
    method: 'POST',
    headers: { 'content-type': FHIR_JSON, 'content-length': Buffer.byteLength('{"resourceType":"Patient"}') },
  });

/** Waits until connections are refused. */
async function refused(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(`${url}/healthz`, { headers: { connection: 'close' } });
    } catch {
      return;
    }
  }
}

/**
 * N5: what is sent to exhaust a server: deep, wide, endless, compressed, in archives, slowly. Each at its usual limits, on every
 * surface that takes a body, by who is signed in and who isn't; it is refused, others are served meanwhile, and what the
 * process took of memory at its most stays bounded.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { brotliCompressSync, constants, createGzip, gzipSync } from 'node:zlib';
import { availableStores } from '../../tools/running-server.ts';
import type { Asked, Told } from './ask.ts';
import { inOwnProcess, killPrograms, type ServingProgram } from './program.ts';
import { openServedWorld, type ServedWorld } from './world.ts';

const MB = 1_000_000;
const GB = 1000 * MB;
/** Of what the process has in memory at its most; bundles of 60 MB that are taken need more (docs/performance.md). */
const MOST_MB = 900;
const FHIR_JSON = { 'content-type': 'application/fhir+json' };
const FHIR_XML = { 'content-type': 'application/fhir+xml' };
const JSON_TYPE = { 'content-type': 'application/json' };

const patientWith = (elements: string): string => `{"resourceType":"Patient",${elements}}`;
const deep = (open: string, close: string, depth = 100_000): string => open.repeat(depth) + close.repeat(depth);
const keys = (many: number): string => Array.from({ length: many }, (_, n) => `"k${n}":1`).join(',');
const bundleOf = (many: number): string =>
  `{"resourceType":"Bundle","type":"transaction","entry":[${Array(many).fill('{"resource":{"resourceType":"Basic"},"request":{"method":"POST","url":"Basic"}}').join(',')}]}`;
/** A gigabyte of spaces in megabytes, and less in kilobytes. */
const gzipBomb = gzipOf(GB);
const brotliBomb = brotliCompressSync(Buffer.alloc(200 * MB, 32), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
async function gzipOf(bytes: number): Promise<Buffer> {
  const zip = createGzip({ level: 1 });
  const piece = Buffer.alloc(10 * MB, 32);
  const chunks: Buffer[] = [];
  zip.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (let n = 0; n < bytes / piece.length; n += 1) if (!zip.write(piece)) await once(zip, 'drain');
  zip.end();
  await once(zip, 'end');
  return Buffer.concat(chunks);
}
const LAUGHS = `<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Patient xmlns="http://hl7.org/fhir"><id value="&b;"/></Patient>`;
const XXE = `<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"><id value="&a;"/></Patient>`;

interface Attack {
  readonly what: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: () => string | Buffer | Promise<Buffer>;
  readonly status: readonly number[];
}

const FHIR: readonly Attack[] = [
  { what: 'arrays 100,000 deep', path: 'Patient', headers: FHIR_JSON, body: () => patientWith(`"name":${deep('[', ']')}`), status: [400] },
  {
    what: 'objects 100,000 deep',
    path: 'Patient',
    headers: FHIR_JSON,
    body: () => patientWith(`"extension":${deep('[{"extension":', '}]', 50_000).replace(':}', ':[]}')}`),
    status: [400],
  },
  { what: 'a million keys', path: 'Patient', headers: FHIR_JSON, body: () => patientWith(keys(1_000_000)), status: [400, 413] },
  { what: 'half a million keys', path: 'Patient', headers: FHIR_JSON, body: () => patientWith(keys(490_000)), status: [400] },
  { what: 'keys twice', path: 'Patient', headers: FHIR_JSON, body: () => patientWith('"active":true,"active":false'), status: [400] },
  {
    what: 'a bundle 100,000 deep',
    path: '',
    headers: FHIR_JSON,
    body: () => `{"resourceType":"Bundle","entry":${deep('[', ']')}}`,
    status: [400],
  },
  {
    what: 'a million keys in a bundle',
    path: '',
    headers: FHIR_JSON,
    body: () => `{"resourceType":"Bundle",${keys(1_000_000)}}`,
    status: [413],
  },
  { what: 'a bundle of 50,000', path: '', headers: FHIR_JSON, body: () => bundleOf(50_000), status: [413] },
  { what: 'entities within entities', path: 'Patient', headers: FHIR_XML, body: () => LAUGHS, status: [400] },
  { what: 'a file as an entity', path: 'Patient', headers: FHIR_XML, body: () => XXE, status: [400] },
  {
    what: 'XML 100,000 deep',
    path: 'Patient',
    headers: FHIR_XML,
    body: () => `<Patient xmlns="http://hl7.org/fhir">${deep('<extension>', '</extension>')}</Patient>`,
    status: [400],
  },
  {
    what: 'an archive',
    path: '',
    headers: { 'content-type': 'application/zip' },
    body: () => Buffer.from('PK\x03\x04../../x'),
    status: [415],
  },
  { what: 'parts of a form', path: '', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: () => '--x--', status: [415] },
  {
    what: 'gzip in gzip',
    path: '',
    headers: { ...FHIR_JSON, 'content-encoding': 'gzip, gzip' },
    body: () => gzipSync(gzipSync('{}')),
    status: [415],
  },
  {
    what: 'a search form of megabytes',
    path: 'Patient/_search',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => `name=${'a,'.repeat(2 * MB)}`,
    status: [413],
  },
  {
    what: 'a search of 100,000 values',
    path: 'Patient/_search',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => `name=${'a,'.repeat(100_000)}`,
    status: [422],
  },
  { what: 'a gzip bomb', path: 'Patient', headers: { ...FHIR_JSON, 'content-encoding': 'gzip' }, body: () => gzipBomb, status: [413] },
  {
    what: 'a gzip bomb for a bundle',
    path: '',
    headers: { ...FHIR_JSON, 'content-encoding': 'gzip' },
    body: () => gzipBomb,
    status: [413],
  },
  { what: 'a Brotli bomb', path: '', headers: { ...FHIR_JSON, 'content-encoding': 'br' }, body: () => brotliBomb, status: [413] },
];

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
/** Where nobody has to be signed in. */
const OPEN: readonly Attack[] = [
  { what: 'JSON 20,000 deep', path: '/auth/login', headers: JSON_TYPE, body: () => `{"email":${deep('[', ']', 20_000)}}`, status: [400] },
  { what: '5,000 keys', path: '/auth/login', headers: JSON_TYPE, body: () => `{${keys(5000)}}`, status: [400] },
  { what: 'a body of 20 MB', path: '/auth/login', headers: JSON_TYPE, body: () => `{"email":"${'x'.repeat(20 * MB)}"}`, status: [413] },
  { what: 'a gzip bomb', path: '/auth/login', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: () => gzipBomb, status: [413] },
  {
    what: 'a form of 100,000 fields',
    path: '/oauth2/token',
    headers: FORM,
    body: () => keys(100_000).replaceAll(',', '&').replaceAll(/[":]/g, '='),
    status: [400, 401, 413],
  },
  { what: 'a form of 20 MB', path: '/oauth2/token', headers: FORM, body: () => `code=${'x'.repeat(20 * MB)}`, status: [413] },
  {
    what: 'a form of fields within fields',
    path: '/oauth2/token',
    headers: FORM,
    body: () => `a${'[b]'.repeat(10_000)}=1`,
    status: [400, 401],
  },
  {
    what: 'a long password',
    path: '/auth/login',
    headers: JSON_TYPE,
    body: () => `{"email":"a@x.test","password":"${'p'.repeat(60_000)}"}`,
    status: [400, 401],
  },
];

describe.each(availableStores())('N5 on %s', (store) => {
  let program: ServingProgram;
  let world: ServedWorld;
  let system: string;
  const idle: Socket[] = [];
  beforeAll(async () => {
    world = await openServedWorld(
      store,
      {},
      [],
      inOwnProcess((begun) => (program = begun)),
    );
    system = await world.systemToken();
    const made = await fhir('Patient/known', { method: 'PUT', fhir: { resourceType: 'Patient', id: 'known' } });
    expect(made.status).toBe(201);
    for (let n = 0; n < 300; n += 1) idle.push(slowly(n % 2 === 0 ? 'GET /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nX-A: ' : SLOW_BODY));
  }, 60_000);
  afterAll(async () => {
    for (const socket of idle) socket.destroy();
    killPrograms();
    await world.close();
  });

  const fhir = (path: string, asked: Asked): Promise<Told> =>
    world.ask(`/fhir/R4${path === '' ? '' : `/${path}`}`, { token: system, ...asked });
  const address = (): { readonly port: number; readonly host: string } => ({ port: Number(new URL(world.url).port), host: '127.0.0.1' });
  const SLOW_BODY = 'POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{"email":"';

  /** Says a character more every half second, for as long as it is let. */
  function slowly(text: string): Socket {
    const socket = connect(address());
    socket.on('error', () => undefined).resume();
    socket.write(text);
    const more = setInterval(() => socket.write('a'), 500);
    socket.once('close', () => clearInterval(more));
    return socket;
  }
  const isServed = async (): Promise<boolean> => (await fhir('Patient/known', {})).status === 200;
  const sent = async ({ headers, body }: Attack): Promise<Asked> => {
    const raw = await body();
    return { method: 'POST', raw: typeof raw === 'string' ? raw : new Uint8Array(raw), ...(headers ? { headers } : {}) };
  };

  it.each(FHIR)(
    'refuses $what, and serves others meanwhile',
    async (attack) => {
      const asked = await sent(attack);
      const [told, served] = await Promise.all([fhir(attack.path, asked), isServed()]);
      expect([attack.status, served]).toEqual([expect.arrayContaining([told.status]), true]);
      expect(told.text.length).toBeLessThan(100_000);
      // Who isn't signed in is refused before anything of it is read.
      const unheard = await world.ask(`/fhir/R4${attack.path === '' ? '' : `/${attack.path}`}`, asked).catch(closed);
      expect([401, 'closed']).toContain(unheard.status);
    },
    60_000,
  );

  it.each(OPEN)(
    'refuses $what where nobody has to be signed in',
    async (attack) => {
      const [told, served] = await Promise.all([world.ask(attack.path, await sent(attack)), isServed()]);
      expect([attack.status, served]).toEqual([expect.arrayContaining([told.status]), true]);
    },
    60_000,
  );

  it('refuses a gigabyte, announced or not, and doesn’t take it in', async () => {
    const head = `POST /fhir/R4 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${system}\r\nContent-Type: application/fhir+json\r\n`;
    expect(await poured(`${head}Content-Length: ${GB}\r\n\r\n`, (piece) => piece)).toMatch(/^HTTP\/1\.1 413/);
    const size = (10 * MB).toString(16);
    const chunked = await poured(`${head}Transfer-Encoding: chunked\r\n\r\n`, (piece) =>
      Buffer.concat([Buffer.from(`${size}\r\n`), piece, Buffer.from('\r\n')]),
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 413/);
    expect(await isServed()).toBe(true);
  }, 60_000);

  /** Writes up to a gigabyte; resolves to what was answered by then. */
  async function poured(head: string, framed: (piece: Buffer) => Buffer): Promise<string> {
    const socket = connect(address());
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1'))).on('error', () => undefined);
    const told = (event: string): Promise<unknown> => new Promise((resolve) => socket.once(event, resolve));
    const ended = told('close');
    socket.write(head);
    const piece = framed(Buffer.alloc(10 * MB, 32));
    for (let n = 0; n < GB / (10 * MB) && !socket.destroyed; n += 1) if (!socket.write(piece)) await Promise.race([told('drain'), ended]);
    socket.destroy();
    await ended;
    return answer;
  }

  it('ends connections that come to nothing, by themselves', async () => {
    while (idle.some((socket) => !socket.destroyed)) await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await isServed()).toBe(true);
  }, 60_000);

  it('took no more memory than it has for its work', () => {
    const [, peak] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.child.pid}/status`, 'utf8')) ?? [];
    process.stdout.write(`N5 on ${store}: at most ${Math.round(Number(peak) / 1000)} MB\n`);
    expect(Number(peak) / 1000).toBeLessThan(MOST_MB);
  });
});

/** The connection was closed before all of the body was written. */
const closed = (): { readonly status: 'closed' } => ({ status: 'closed' });

/** What must not get in, with what may (threats N2, N3, N5). */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { patient } from './samples.ts';

const LIMIT = 300_000;

onEachStore('N2, N3, N5: bad input', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open({ limits: { maxResourceBytes: LIMIT, maxBundleBytes: 2 * LIMIT } });
    fhir = client(app);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const nested = (depth: number): string =>
    `{"resourceType":"Patient","extension":${'[{"extension":'.repeat(depth)}[]${'}]'.repeat(depth)}}`;
  const manyKeys = `{"resourceType":"Patient",${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`;

  it.each([
    ['no JSON', '{"resourceType":', 400, 'invalid-json'],
    ['text after the end', '{"resourceType":"Patient"} x', 400, 'invalid-json'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid-json'],
    ['an array', '[]', 400, 'invalid-json'],
    ['a key twice', '{"resourceType":"Patient","active":true,"active":false}', 400, 'invalid-json'],
    ['__proto__', '{"resourceType":"Patient","__proto__":{"polluted":1}}', 400, 'invalid-json'],
    ['constructor as an element', '{"resourceType":"Patient","constructor":{"prototype":{"polluted":1}}}', 400, 'invalid-structure'],
    ['an operator as an element', '{"resourceType":"Patient","$where":"1"}', 400, 'invalid-structure'],
    ['an operator object as a value', '{"resourceType":"Patient","gender":{"$ne":"x"}}', 400, 'invalid-structure'],
    ['depth', nested(10_000), 400, 'invalid-json'],
    ['many unknown keys', manyKeys, 400, 'invalid-structure'],
    ['nothing', '', 400, 'invalid-structure'],
    ['no type', '{}', 400, 'invalid-structure'],
    ['a body over the limit', JSON.stringify(patient({ text: { status: 'generated', div: 'x'.repeat(2 * LIMIT) } })), 413, 'too-large'],
  ])('refuses %s', async (_what, body, status, kind) => {
    const answer = await fhir.post('Patient', body);
    expect([answer.status, answer.body.issue?.[0]?.details.coding[0].code]).toEqual([status, kind]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['text/plain', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/fhir+json; fhirVersion=5.0', 415],
    ['application/json-patch+json', 415],
    ['application/json; charset=UTF-8', 201],
    ['application/fhir+json; fhirVersion=4.0', 201],
    ['text/json', 201],
  ])('content type %s is %d', async (type, status) => {
    await fhir.post('Patient', patient(), { 'Content-Type': type }).expect(status);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('takes %s, and bounds what comes of it', async (coding, compress) => {
    await fhir.post('Patient', compress(JSON.stringify(patient())), { 'Content-Encoding': coding }).expect(201);
    await fhir.post('Patient', compress(Buffer.alloc(50 * LIMIT, 32)), { 'Content-Encoding': coding }).expect(413);
    await fhir.post('Patient', Buffer.from('no such stream'), { 'Content-Encoding': coding }).expect(400);
  });

  it('goes on with the connection of a compressed body that was refused', async () => {
    const { port } = app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = async (method: string, path: string, body?: Buffer): Promise<number | undefined> => {
      const headers = { 'Content-Type': 'application/fhir+json', 'Content-Encoding': 'gzip' };
      const sent = request({ port, agent, method, path: `/fhir/R4/${path}`, ...(body ? { headers } : {}) }).end(body);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      await once(answer.resume(), 'end');
      return answer.statusCode;
    };
    // More compressed bytes than are under way at once.
    const bomb = gzipSync(Buffer.alloc(400 * LIMIT, 32), { level: 1 });
    expect([await send('POST', 'Patient', bomb), await send('GET', 'Patient/none')]).toEqual([413, 404]);
    agent.destroy();
  });

  it('refuses other content codings', async () => {
    const { headers } = await fhir.post('Patient', 'x', { 'Content-Encoding': 'zstd' }).expect(415);
    expect(headers['accept-encoding']).toBe('gzip, deflate, br');
  });

  it('answers a body that is announced too large before it comes, and closes if it goes on', async () => {
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const answer = new Promise<string>((resolve, reject) => {
      let text = '';
      socket.on('data', (d) => (text += d.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    socket.write(
      'POST /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000000000\r\n\r\n{"a":',
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 413/);
  }, 15_000);

  it('forgets an upload that is aborted', async () => {
    const { port } = app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'PUT /fhir/R4/Patient/aborted HTTP/1.1\r\nHost: x\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n{"resourceType":',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await new Promise((resolve) => socket.once('close', resolve));
    await fhir.get('Patient/aborted').expect(404);
  });

  it('knows six methods', async () => {
    const { port } = app.server.address() as AddressInfo;
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/fhir/R4/Patient`, { method: 'OPTIONS' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST, PUT, PATCH, DELETE']);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

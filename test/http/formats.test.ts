/** https://hl7.org/fhir/R4/http.html#mime-type: JSON and XML, plain, pretty and compressed. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { observation, patient } from './samples.ts';

const XML = 'application/fhir+xml';
const div = '<div xmlns="http://www.w3.org/1999/xhtml">Asha &amp; Rao</div>';

onEachStore('formats', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    await fhir.put('Patient/f', patient({ id: 'f', text: { status: 'generated', div } })).expect(201);
    for (let i = 0; i < 12; i++) {
      const text = JSON.stringify(observation({ id: `o${i}`, valueQuantity: { value: 0 }, note: [{ text: '<&">'.repeat(20) }] }));
      await fhir.put(`Observation/o${i}`, text.replace('"value":0', '"value":1.50')).expect(201);
    }
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  it.each([
    ['', undefined, 'application/fhir+json; charset=utf-8'],
    ['', '*/*', 'application/fhir+json; charset=utf-8'],
    ['', '', 'application/fhir+json; charset=utf-8'],
    ['?_format=application/fhir+json;fhirVersion=4.0', undefined, 'application/fhir+json; charset=utf-8'],
    ['', 'application/json', 'application/json; charset=utf-8'],
    ['', 'application/fhir+xml;q=0.9, application/fhir+json', 'application/fhir+json; charset=utf-8'],
    ['', 'application/fhir+xml, application/fhir+json;q=0.9', 'application/fhir+xml; charset=utf-8'],
    ['', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/xml; charset=utf-8'],
    ['', 'application/fhir+json; fhirVersion=4.0', 'application/fhir+json; charset=utf-8'],
    ['', 'application/*', 'application/fhir+json; charset=utf-8'],
    ['?_format=xml', 'application/json', 'application/fhir+xml; charset=utf-8'],
    ['?_format=json', XML, 'application/fhir+json; charset=utf-8'],
    ['?_format=application/fhir+xml', undefined, 'application/fhir+xml; charset=utf-8'],
    ['?_format=application%2Ffhir%2Bxml', undefined, 'application/fhir+xml; charset=utf-8'],
    ['?_format=text/xml', undefined, 'text/xml; charset=utf-8'],
  ])('_format %j and Accept %j give %s', async (query, accept, type) => {
    const answer = await fhir.get(`Patient/f${query}`, accept === undefined ? {} : { Accept: accept }).expect(200);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers.vary).toBe('Accept, Accept-Encoding');
  });

  it.each([
    ['?_format=ttl', undefined],
    ['?_format=%ff', undefined],
    ['?_format=application/fhir+json;fhirVersion=3.0', undefined],
    ['', 'text/html'],
    ['', 'application/fhir+json; fhirVersion=5.0'],
    ['', 'application/fhir+json;q=0'],
  ])('_format %j and Accept %j is not acceptable', async (query, accept) => {
    const { body, headers } = await fhir.get(`Patient/f${query}`, accept === undefined ? {} : { Accept: accept }).expect(406);
    expect(headers['content-type']).toMatch(/fhir\+json/);
    expect(body.issue[0].details.coding[0].code).toBe('not-acceptable');
  });

  it('reads XML', async () => {
    const { text } = await fhir.get('Patient/f', { Accept: XML }).buffer().expect(200);
    expect(text).toMatch(/^(<\?xml[^>]*>\s*)?<Patient xmlns="http:\/\/hl7.org\/fhir">/);
    expect(text).toContain('<family value="Rao"/>');
    expect(text).toContain(div);
  });

  it('takes XML in, and keeps its decimals', async () => {
    const { text } = await fhir.get('Observation/o1', { Accept: XML }).buffer();
    expect(text).toContain('<value value="1.50"/>');
    const back = text.replace('<id value="o1"/>', '<id value="x1"/>');
    const made = await fhir.put('Observation/x1', back, { 'Content-Type': XML, Accept: XML }).buffer().expect(201);
    expect(made.text).toContain('<versionId value="1"/>');
    const [one, other] = [(await fhir.get('Observation/o1')).body, (await fhir.get('Observation/x1')).body];
    expect({ ...other, id: 'o1', meta: one.meta }).toEqual(one);
    expect((await fhir.get('Observation/x1')).text).toContain('"value":1.50');
    await fhir.delete('Observation/x1');
  });

  it('answers bundles and errors in XML', async () => {
    const bundle = (await fhir.get('Observation?_count=3&_format=xml').buffer().expect(200)).text;
    expect(bundle.match(/<fullUrl /g)).toHaveLength(3);
    expect(bundle).toContain('_format=xml&amp;_cursor=');
    const error = await fhir.get('Patient/absent', { Accept: XML }).buffer().expect(404);
    expect(error.text).toContain('<OperationOutcome');
  });

  it('turns large bundles to XML an entry at a time, with the same result', async () => {
    for (let i = 0; i < 8; i++)
      await fhir.post('Basic', {
        resourceType: 'Basic',
        code: { text: 'x'.repeat(30_000) },
        extension: [{ url: 'urn:n', valueInteger: i }],
      });
    for (const pretty of ['', '&_pretty=true']) {
      const large = (await fhir.get(`Basic?_format=xml${pretty}`).buffer().expect(200)).text;
      const entries = large.match(/<entry>[^]*?<\/entry>/g) ?? [];
      expect(entries).toHaveLength(8);
      const single = (await fhir.get(`Basic?_format=xml&_count=1${pretty}`).buffer().expect(200)).text;
      expect(single).toContain(entries[0]);
      expect(large.endsWith('</Bundle>') || large.endsWith('</Bundle>\n')).toBe(true);
    }
  });

  it('takes transactions in XML', async () => {
    const xml = `<Bundle xmlns="http://hl7.org/fhir"><type value="transaction"/><entry><resource><Patient><active value="true"/></Patient></resource>
      <request><method value="POST"/><url value="Patient"/></request></entry></Bundle>`;
    const { text } = await fhir.post('', xml, { 'Content-Type': XML, Accept: XML }).buffer().expect(200);
    expect(text).toContain('<status value="201 Created"/>');
  });

  it.each([
    ['no XML', '<Patient', 400],
    ['a document type', '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Patient xmlns="http://hl7.org/fhir"/>', 400],
    ['another namespace', '<Patient xmlns="urn:x"/>', 400],
    ['an unknown element', '<Patient xmlns="http://hl7.org/fhir"><nonsense value="1"/></Patient>', 400],
  ])('refuses %s', async (_what, xml, status) => {
    await fhir.post('Patient', xml, { 'Content-Type': XML }).expect(status);
  });

  it('indents on demand', async () => {
    const { text } = await fhir.get('Observation/o1?_pretty=true').expect(200);
    expect(text).toContain('\n  "resourceType": "Observation"');
    expect(text).toContain('"value": 1.50');
    expect((await fhir.get('Observation/o1?_pretty=false')).text).not.toContain('\n');
  });

  it('takes _format and _pretty of writes', async () => {
    const { text } = await fhir
      .put('Patient/f2?_format=xml', patient({ id: 'f2' }))
      .buffer()
      .expect(201);
    expect(text).toContain('<Patient');
  });

  /** Bytes as they come over the wire. */
  const raw = async (path: string, headers: Record<string, string>): Promise<{ message: IncomingMessage; bytes: Buffer }> => {
    const { port } = app.server.address() as AddressInfo;
    const message = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, path: `/fhir/R4/${path}`, headers }, resolve).on('error', reject);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    return { message, bytes: Buffer.concat(chunks) };
  };

  it.each([
    ['gzip', 'gzip', gunzipSync],
    ['br', 'br', brotliDecompressSync],
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['br;q=0.5, gzip', 'gzip', gunzipSync],
    ['br;q=0, *', 'gzip', gunzipSync],
  ] as const)('compresses for %s', async (accept, coding, decompress) => {
    const plain = await raw('Observation', {});
    const { message, bytes } = await raw('Observation', { 'Accept-Encoding': accept });
    expect(message.headers['content-encoding']).toBe(coding);
    expect(message.headers['content-length']).toBe(String(bytes.length));
    expect(decompress(bytes).equals(plain.bytes)).toBe(true);
    expect(bytes.length).toBeLessThan(plain.bytes.length / 2);
  });

  it.each(['', 'identity', 'deflate', 'gzip;q=0', 'zstd'])('does not for %j', async (accept) => {
    expect((await raw('Observation', { 'Accept-Encoding': accept })).message.headers['content-encoding']).toBeUndefined();
  });

  it('leaves small answers alone', async () => {
    expect((await raw('Patient/f2', { 'Accept-Encoding': 'gzip' })).message.headers['content-encoding']).toBeUndefined();
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

/** What batches and transactions promise. https://hl7.org/fhir/R4/http.html#transaction */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';

interface Answer {
  readonly status: number;
  readonly body: Body;
}

/** What these tests look at in an answer. */
interface Body {
  readonly resourceType: string;
  readonly id: string;
  readonly type: string;
  readonly total: number;
  readonly gender: string;
  readonly birthDate: string;
  readonly meta: { readonly versionId: string };
  readonly subject: { readonly reference: string };
  readonly entry: readonly {
    readonly resource?: Body;
    readonly response: { readonly status: string; readonly location: string; readonly outcome: Body };
  }[];
  readonly issue: readonly {
    readonly expression: readonly string[];
    readonly details: { readonly coding: readonly { readonly code: string }[] };
  }[];
}

const A = 'urn:uuid:00000000-0000-4000-8000-00000000000a';
const B = 'urn:uuid:00000000-0000-4000-8000-00000000000b';

const entry = (method: string, url: string, resource?: object, more: { fullUrl?: string; request?: object } = {}): object => ({
  ...(more.fullUrl === undefined ? {} : { fullUrl: more.fullUrl }),
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more.request },
});
const bundle = (type: string, ...entries: object[]): object => ({ resourceType: 'Bundle', type, entry: entries });
const patient = (value: string, more: object = {}): object => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:mrn', value }],
  ...more,
});
const observation = (reference: string): object => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference },
});

onEachStore('bundles', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const answerOf = ({ status, body }: { status: number; body: unknown }): Answer => ({ status, body: body as Body });
  const post = async (body: object, headers?: Record<string, string>): Promise<Answer> => answerOf(await fhir.post('', body, headers));
  const get = async (path: string): Promise<Answer> => answerOf(await fhir.get(path));
  const put = async (path: string, body: object): Promise<Answer> => answerOf(await fhir.put(path, body));
  const statuses = (answer: Answer): string[] => answer.body.entry.map((e) => e.response.status.slice(0, 3));
  const count = async (query: string): Promise<unknown> => (await get(`${query}&_summary=count`)).body.total;

  it.each(['batch', 'transaction'])('a %s takes ifMatch and ifNoneMatch as the headers of the same name', async (type) => {
    const id = `star-${type}`;
    const resource = patient(id, { id });
    const patch = { resourceType: 'Binary', contentType: 'application/json-patch+json', data: Buffer.from('[]').toString('base64') };
    const tried = async (method: string, body: object | undefined, request: object): Promise<string> => {
      const answer = await post(bundle(type, entry(method, `Patient/${id}`, body, { request })));
      return answer.status === 200 ? (statuses(answer)[0] as string) : String(answer.status);
    };
    const outcomes = [
      await tried('PUT', resource, { ifMatch: '*' }),
      await tried('DELETE', undefined, { ifMatch: '*' }),
      await tried('PUT', resource, { ifNoneMatch: '*' }),
      await tried('PUT', resource, { ifNoneMatch: '*' }),
      await tried('PATCH', patch, { ifNoneMatch: '*' }),
      await tried('DELETE', undefined, { ifNoneMatch: '*' }),
      await tried('PUT', resource, { ifMatch: '*' }),
      await tried('PATCH', patch, { ifMatch: '*' }),
      await tried('PATCH', patch, { ifMatch: '"1", W/"3"' }),
      await tried('PATCH', patch, { ifMatch: '"1", W/"3"' }),
      await tried('DELETE', undefined, { ifMatch: '"1", W/"4"' }),
    ];
    expect(outcomes).toEqual(['412', '412', '201', '412', '412', '412', '200', '200', '200', '412', '204']);
  });

  it.each(['batch', 'transaction'])('a %s answers HEAD like GET, without the resource', async (type) => {
    const made = await post(bundle('transaction', entry('POST', 'Patient', patient(`head-${type}`))));
    const one = made.body.entry[0]!.response.location.replace(/\/_history.*/, '');
    const known = { request: { ifNoneMatch: 'W/"1"' } };
    const urls = [one, `${one}/_history/1`, `Patient?identifier=urn:mrn|head-${type}`];
    const both = (url: string): object[] => [entry('GET', url), entry('HEAD', url)];
    const { body } = await post(bundle(type, ...urls.flatMap(both), entry('HEAD', one, undefined, known)));
    for (let i = 0; i < body.entry.length - 1; i += 2) {
      const [get, head] = [body.entry[i]!, body.entry[i + 1]!];
      expect(head).toEqual({ response: get.response });
      expect(get.resource).toBeDefined();
    }
    expect(body.entry[1]).toEqual({ response: { status: '200 OK', etag: 'W/"1"', lastModified: expect.any(String) } });
    expect(body.entry.at(-1)!.response.status).toBe('304 Not Modified');
  });

  it('a transaction links its entries by fullUrl, whatever their order', async () => {
    const answer = await post(
      bundle('transaction', entry('POST', 'Observation', observation(A)), entry('POST', 'Patient', patient('t1'), { fullUrl: A })),
    );
    expect([answer.status, answer.body.type, statuses(answer)]).toEqual([200, 'transaction-response', ['201', '201']]);
    const [observed, made] = answer.body.entry.map((e) => e.response.location.replace(/\/_history.*/, '')) as [string, string];
    expect((await get(observed)).body.subject.reference).toBe(made);
  });

  it('conditional references become what they match, in the store or in the same transaction', async () => {
    await post(bundle('transaction', entry('POST', 'Patient', patient('c1'))));
    const answer = await post(
      bundle(
        'transaction',
        entry('POST', 'Observation', observation('Patient?identifier=urn:mrn|c1')),
        entry('POST', 'Observation', observation('Patient?identifier=urn:mrn|c2')),
        entry('POST', 'Patient', patient('c2')),
      ),
    );
    expect(answer.status).toBe(200);
    expect(await count('Observation?patient.identifier=urn:mrn|c1')).toBe(1);
    expect(await count('Observation?patient.identifier=urn:mrn|c2')).toBe(1);
  });

  it.each([
    ['leads nowhere', 'Patient?identifier=urn:mrn|nobody', 422, 'invalid-reference'],
    ['is a urn of no entry', B, 422, 'invalid-reference'],
  ])('a reference that %s fails the whole transaction and names the entry', async (_name, reference, status, kind) => {
    const answer = await post(
      bundle('transaction', entry('POST', 'Patient', patient('n1')), entry('POST', 'Observation', observation(reference))),
    );
    expect([answer.status, answer.body.issue[0]?.details.coding[0]?.code]).toEqual([status, kind]);
    expect(answer.body.issue[0]?.expression[0]).toContain('Bundle.entry[1]');
    expect(await count('Patient?identifier=urn:mrn|n1')).toBe(0);
  });

  it('a conditional reference with several matches is 412', async () => {
    await post(bundle('transaction', entry('POST', 'Patient', patient('twin')), entry('POST', 'Patient', patient('twin'))));
    const answer = await post(bundle('transaction', entry('POST', 'Observation', observation('Patient?identifier=urn:mrn|twin'))));
    expect([answer.status, answer.body.issue[0]?.details.coding[0]?.code]).toEqual([412, 'multiple-matches']);
  });

  it('one bad entry leaves no trace of the others, and its place is named', async () => {
    const answer = await post(
      bundle('transaction', entry('POST', 'Patient', patient('b1')), entry('POST', 'Patient', { resourceType: 'Patient', gender: 'x' })),
    );
    expect(answer.status).toBe(422);
    expect(answer.body.issue[0]?.expression).toEqual(['Bundle.entry[1].resource.gender']);
    expect(await count('Patient?identifier=urn:mrn|b1')).toBe(0);
  });

  it('deletes come first, then creates, updates and reads', async () => {
    await put('Patient/gone', patient('old', { id: 'gone' }));
    const answer = await post(
      bundle(
        'transaction',
        entry('GET', 'Patient?identifier=urn:mrn|order'),
        entry('PUT', 'Patient/order', patient('order', { id: 'order' })),
        entry('POST', 'Patient', patient('order')),
        entry('DELETE', 'Patient/gone'),
      ),
    );
    expect(statuses(answer)).toEqual(['200', '201', '201', '204']);
    expect(answer.body.entry[0]?.resource?.entry).toHaveLength(2);
    expect((await get('Patient/gone')).status).toBe(410);
  });

  it('conditional creates of one bundle, and of many at once, make one resource', async () => {
    const request = { ifNoneExist: 'identifier=urn:mrn|once' };
    const twice = bundle(
      'transaction',
      entry('POST', 'Patient', patient('once'), { request }),
      entry('POST', 'Patient', patient('once'), { request }),
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(twice)));
    expect(new Set(answers.map((a) => a.status))).toEqual(new Set([200]));
    expect(await count('Patient?identifier=urn:mrn|once')).toBe(1);
  });

  it('conditional update, patch and delete act on the one that matches', async () => {
    await post(bundle('transaction', entry('POST', 'Patient', patient('cu'))));
    const patch = Buffer.from(JSON.stringify([{ op: 'add', path: '/birthDate', value: '1990-01-01' }])).toString('base64');
    const binary = { resourceType: 'Binary', contentType: 'application/json-patch+json', data: patch };
    const updated = await post(bundle('transaction', entry('PUT', 'Patient?identifier=urn:mrn|cu', patient('cu', { gender: 'female' }))));
    const patched = await post(bundle('transaction', entry('PATCH', 'Patient?identifier=urn:mrn|cu', binary)));
    expect([statuses(updated), statuses(patched)]).toEqual([['200'], ['200']]);
    const [found] = (await get('Patient?identifier=urn:mrn|cu')).body.entry;
    expect([found?.resource?.gender, found?.resource?.birthDate, found?.resource?.meta.versionId]).toEqual(['female', '1990-01-01', '3']);
    expect(statuses(await post(bundle('transaction', entry('DELETE', 'Patient?identifier=urn:mrn|cu'))))).toEqual(['204']);
    expect(await count('Patient?identifier=urn:mrn|cu')).toBe(0);
  });

  it('two entries on one resource are refused', async () => {
    const answer = await post(
      bundle('transaction', entry('PUT', 'Patient/same', patient('x', { id: 'same' })), entry('DELETE', 'Patient/same')),
    );
    expect([answer.status, (await get('Patient/same')).status]).toEqual([400, 404]);
  });

  it('an If-Match that no longer holds fails the transaction with 412', async () => {
    await put('Patient/v', patient('v', { id: 'v' }));
    const request = { ifMatch: 'W/"7"' };
    const answer = await post(
      bundle('transaction', entry('POST', 'Patient', patient('v2')), entry('PUT', 'Patient/v', patient('v', { id: 'v' }), { request })),
    );
    expect([answer.status, answer.body.issue[0]?.expression]).toEqual([412, ['Bundle.entry[1]']]);
    expect(await count('Patient?identifier=urn:mrn|v2')).toBe(0);
  });

  it('entries may refer to each other in a circle', async () => {
    const link = (to: string): object => ({ link: [{ other: { reference: to }, type: 'seealso' }] });
    const answer = await post(
      bundle(
        'transaction',
        entry('POST', 'Patient', patient('r1', link(B)), { fullUrl: A }),
        entry('POST', 'Patient', patient('r2', link(A)), { fullUrl: B }),
      ),
    );
    expect(statuses(answer)).toEqual(['201', '201']);
  });

  it('resources come back only to whom asks for them', async () => {
    const body = bundle('transaction', entry('POST', 'Patient', patient('prefer')));
    expect((await post(body)).body.entry[0]?.resource).toBeUndefined();
    expect((await post(body, { prefer: 'return=representation' })).body.entry[0]?.resource?.resourceType).toBe('Patient');
  });

  it.each([
    ['a resource that is not there', 'Patient/nowhere'],
    ['a parameter that is unknown', 'Patient?nonsense=1'],
    ['a type that is none', 'Nonsense/1'],
  ])('a transaction that reads %s writes nothing', async (_name, url) => {
    const answer = await post(bundle('transaction', entry('POST', 'Patient', patient('read')), entry('GET', url)));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.issue[0]?.expression[0]).toBe('Bundle.entry[1]');
    expect(await count('Patient?identifier=urn:mrn|read')).toBe(0);
  });

  it('a transaction reads what it has written, and a GET of what it has deleted says so', async () => {
    await put('Patient/away', patient('away', { id: 'away' }));
    const made = entry('PUT', 'Patient/here', patient('here', { id: 'here' }));
    const answer = await post(
      bundle('transaction', entry('GET', 'Patient/away'), entry('DELETE', 'Patient/away'), entry('GET', 'Patient/here'), made),
    );
    expect(statuses(answer)).toEqual(['410', '204', '200', '201']);
  });

  it('what a bundle reads is bounded as a whole', async () => {
    const large = { resourceType: 'Binary', id: 'large', contentType: 'text/plain', data: 'AAAA'.repeat(2_000_000) };
    expect((await put('Binary/large', large)).status).toBe(201);
    const reads = Array.from({ length: 9 }, () => entry('GET', 'Binary/large'));
    const searches = Array.from({ length: 9 }, () => entry('POST', 'Binary/_search?_id=large'));
    const bounded = [...Array<string>(7).fill('200'), '422', '422'];
    expect(statuses(await post(bundle('batch', ...reads))).sort()).toEqual(bounded);
    expect(statuses(await post(bundle('batch', ...searches))).sort()).toEqual(bounded);
    expect(statuses(await post(bundle('batch', ...reads.slice(0, 4), ...searches.slice(0, 5)))).sort()).toEqual(bounded);
    const answer = await post(bundle('transaction', entry('POST', 'Patient', patient('bounded')), ...reads));
    expect([answer.status, answer.body.issue[0]?.expression]).toEqual([422, ['Bundle.entry[8]']]);
    expect(await count('Patient?identifier=urn:mrn|bounded')).toBe(0);
  }, 60_000);

  it('entries of a transaction hold to If-Match and If-None-Match, conditional or not', async () => {
    await put('Patient/held', patient('held', { id: 'held' }));
    const refused = [
      entry('PUT', 'Patient/held', patient('held', { id: 'held' }), { request: { ifNoneMatch: '*' } }),
      entry('PUT', 'Patient/held', patient('held', { id: 'held' }), { request: { ifMatch: 'W/"7"' } }),
      entry('PUT', 'Patient?identifier=urn:mrn|held', patient('held'), { request: { ifMatch: 'W/"7"' } }),
      entry('PUT', 'Patient?identifier=urn:mrn|nobody', patient('nobody'), { request: { ifMatch: 'W/"1"' } }),
      entry('DELETE', 'Patient?identifier=urn:mrn|nobody', undefined, { request: { ifMatch: 'W/"1"' } }),
    ];
    for (const one of refused) {
      const answer = await post(bundle('transaction', one));
      expect([answer.status, answer.body.issue[0]?.expression]).toEqual([412, ['Bundle.entry[0]']]);
    }
    expect((await get('Patient/held')).body.meta.versionId).toBe('1');
  });

  it('an id that is taken is a conflict of its entry', async () => {
    await put('Patient/taken', patient('taken', { id: 'taken' }));
    const answer = await post(bundle('transaction', entry('PUT', 'Patient?identifier=urn:mrn|free', patient('free', { id: 'taken' }))));
    expect([answer.status, answer.body.issue[0]?.expression]).toEqual([409, ['Bundle.entry[0]']]);
  });

  it('the same condition, however it is written, means the same resource', async () => {
    const once = (criteria: string): object => entry('POST', 'Patient', patient('one'), { request: { ifNoneExist: criteria } });
    expect((await post(bundle('transaction', once('identifier=urn:mrn|one'), once('identifier=urn%3Amrn%7Cone')))).status).toBe(200);
    expect(await count('Patient?identifier=urn:mrn|one')).toBe(1);
    const upsert = entry('PUT', 'Patient?identifier=urn:mrn|two', patient('two'));
    expect((await post(bundle('transaction', upsert, upsert))).status).toBe(400);
    expect(await count('Patient?identifier=urn:mrn|two')).toBe(0);
  });

  it('each entry of a batch stands for itself', async () => {
    const answer = await post(
      bundle(
        'batch',
        entry('GET', 'Patient/batch'),
        entry('POST', 'Patient', { resourceType: 'Patient', gender: 'x' }),
        entry('PUT', 'Patient/batch', patient('batch', { id: 'batch' })),
        entry('GET', 'Nonsense/1'),
        entry('GET', '?_type=Patient&_count=0'),
        entry('POST', '', bundle('batch')),
      ),
    );
    expect([answer.status, answer.body.type, statuses(answer)]).toEqual([
      200,
      'batch-response',
      ['200', '422', '201', '404', '200', '405'],
    ]);
    expect(answer.body.entry[0]?.resource?.id).toBe('batch');
    expect(answer.body.entry[1]?.response.outcome.issue[0]?.expression).toEqual(['Bundle.entry[1].resource.gender']);
  });

  it.each([
    ['no Bundle', { resourceType: 'Patient' }],
    ['a collection', bundle('collection')],
    ['an entry without a request', bundle('transaction', { resource: patient('x') })],
    ['a URL of another server', bundle('transaction', entry('POST', 'https://other.example/fhir/Patient', patient('x')))],
    ['a fullUrl of two', bundle('transaction', ...['x', 'y'].map((x) => entry('POST', 'Patient', patient(x), { fullUrl: A })))],
    ['an unknown element', { ...bundle('transaction'), entries: [entry('POST', 'Patient', patient('x'))] }],
    ['an entry that is no list', { ...bundle('transaction'), entry: entry('POST', 'Patient', patient('x')) }],
    ['an unknown element of an entry', bundle('batch', { ...entry('GET', 'metadata'), Resource: {} })],
    ['an unknown element of a request', bundle('batch', entry('PUT', 'Patient/x', patient('x'), { request: { IfMatch: 'W/"1"' } }))],
    ['a method of none', bundle('batch', entry('COPY', 'Patient', patient('x')))],
  ])('%s at the base is 400', async (_name, body) => {
    expect((await post(body)).status).toBe(400);
  });

  it('more entries than the limit are 413, and nothing is written', async () => {
    const many = Array.from({ length: 10_001 }, (_, i) =>
      entry('PUT', `Basic/x${i}`, { resourceType: 'Basic', id: `x${i}`, code: { text: 'x' } }),
    );
    expect((await post(bundle('transaction', ...many))).status).toBe(413);
    expect((await get('Basic/x0')).status).toBe(404);
  });

  it('ten thousand entries are one commit', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) =>
      entry('PUT', `Basic/m${i}`, { resourceType: 'Basic', id: `m${i}`, code: { text: 'x' } }),
    );
    const answer = await post(bundle('transaction', ...many));
    expect([answer.status, answer.body.entry.length]).toEqual([200, 10_000]);
    expect(await count('Basic?code:text=x')).toBe(10_000);
  }, 60_000);
});

/** What is hidden changes no answer: each question here would be answered otherwise if it did. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { observation } from '../samples.ts';
import { askerOf, filterOf, keysIn, token, type Answered, type Ask } from './ask.ts';

const QUERIES = [
  '_total=accurate',
  '_count=0',
  '_summary=count',
  '_count=1&_total=estimate',
  '_sort=value-quantity&_count=1',
  '_sort=-value-quantity&_count=1',
  '_sort=-_lastUpdated&_count=1',
  'value-quantity:missing=true&_total=accurate',
  'code:missing=false&_total=accurate',
  'status:not=final&_total=accurate',
  'code:not=http://loinc.org|8867-4&_total=accurate',
  'code-value-quantity=http://loinc.org|8867-4$gt50&_total=accurate',
  'code:text=pulse&_total=accurate',
  'subject:Patient.active=true&_total=accurate',
  'subject:Patient._has:Observation:subject:value-quantity=gt50&_total=accurate',
  '_has:Observation:derived-from:status=amended&_total=accurate',
  '_revinclude=Observation:derived-from',
  '_revinclude=*',
  '_include=Observation:derived-from&_include:iterate=Observation:derived-from',
  '_id=seen,hidden&_total=accurate',
  '_tag:not=urn:t|seen&_total=accurate',
];

onEachStore('oracles', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let ask: Ask;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    ask = askerOf(app)(filterOf({ Observation: token('_tag', 'urn:t', 'seen'), Patient: { read: 'all', search: 'all' } }));
    await fhir.put('Patient/p', { resourceType: 'Patient', id: 'p', active: true }).expect(201);
    await fhir.put('Observation/seen', tagged('seen', { subject: { reference: 'Patient/p' }, valueQuantity: { value: 20 } })).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const tagged = (id: string, more: object): object => observation({ id, meta: { tag: [{ system: 'urn:t', code: id }] }, ...more });
  const plain = (answer: Answered): string => answer.text.replaceAll(/_cursor=[^"&]*/g, '_cursor');
  const asked = (): Promise<string[]> =>
    Promise.all(QUERIES.map(async (query) => `${query} ${plain(await ask('GET', `Observation?${query}`))}`));
  const openly = (): Promise<string[]> =>
    Promise.all(
      QUERIES.map(
        async (query) => `${query} ${(await fhir.get(`Observation?${query}`).expect(200)).text.replaceAll(/_cursor=[^"&]*/g, '_cursor')}`,
      ),
    );

  it('answers the same with it as without it', async () => {
    const [without, openlyWithout] = [await asked(), await openly()];
    const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }], text: 'pulse' };
    const about = { subject: { reference: 'Patient/p' }, derivedFrom: [{ reference: 'Observation/seen' }] };
    await fhir.put('Observation/high', tagged('high', { ...about, status: 'amended', code, valueQuantity: { value: 99 } })).expect(201);
    await fhir
      .put('Observation/low', tagged('low', { ...about, status: 'amended', code: { text: 'pulse' }, valueQuantity: { value: 1 } }))
      .expect(201);
    await fhir.put('Observation/hidden', tagged('hidden', { ...about, status: 'amended', code: { text: 'pulse' } })).expect(201);
    expect(await asked()).toEqual(without);
    // Nothing is proved by a question whose answer doesn't depend on what is hidden.
    const unchanged = (await openly()).filter((answer, i) => answer === openlyWithout[i]).map((answer) => answer.split(' ', 1)[0]);
    expect(unchanged).toEqual([]);
  });

  it('ends a walk where what is seen ends', async () => {
    const page = await ask('GET', 'Observation?_count=1');
    expect([keysIn(page), page.json.link.map((l) => l.relation)]).toEqual([['Observation/seen'], ['self', 'first']]);
  });

  it('finds no condition met by it', async () => {
    const body = tagged('seen', {});
    expect((await ask('POST', 'Observation', body, { 'if-none-exist': 'status=amended' })).status).toBe(201);
    expect((await ask('DELETE', 'Observation?value-quantity=gt50')).status).toBe(204);
    expect((await ask('DELETE', 'Observation?value-quantity=gt0')).status).toBe(204);
    for (const id of ['high', 'low']) await fhir.get(`Observation/${id}`).expect(200);
    const entry = [
      {
        request: { method: 'POST', url: 'Observation' },
        resource: { ...tagged('seen', {}), derivedFrom: [{ reference: 'Observation?value-quantity=gt50' }] },
      },
    ];
    const linked = await ask('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect([linked.status, linked.json.issue[0]?.expression]).toEqual([422, ['Bundle.entry[0]']]);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

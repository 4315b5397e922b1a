/** Old versions under an access filter: seen if they themselves match, and the current one does. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { not } from '../../../src/fhir/search/ast.ts';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { observation } from '../samples.ts';
import { askerOf, filterOf, refersTo, token, type Answered, type Ask } from './ask.ts';

const OPEN = {};
const RESTRICTED = { meta: { security: [{ system: 'urn:label', code: 'R' }] } };
const unlabelled = not(token('_security', 'urn:label', 'R'));

onEachStore('history under an access filter', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let ask: Ask;
  let asker: ReturnType<typeof askerOf>;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    asker = askerOf(app);
    ask = asker(filterOf({ Observation: unlabelled, Patient: refersTo('general-practitioner', 'Practitioner', 'me') }));
    await written('once-labelled', OPEN, RESTRICTED, OPEN);
    await written('now-labelled', OPEN, RESTRICTED);
    await written('deleted', OPEN, RESTRICTED, OPEN);
    await written('deleted-labelled', OPEN, RESTRICTED);
    await written('plain', OPEN);
    for (const id of ['deleted', 'deleted-labelled']) await fhir.delete(`Observation/${id}`).expect(204);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const written = async (id: string, ...versions: object[]): Promise<void> => {
    for (const [i, more] of versions.entries()) await fhir.put(`Observation/${id}`, observation({ id, valueInteger: i, ...more }));
  };
  const versionsIn = ({ json }: Answered): string[] =>
    (json.entry ?? []).map((e) => `${e.fullUrl.split('/').at(-1) ?? ''} ${e.response.etag.replace(/\D/g, '')}`);

  it('reads a version that matches', async () => {
    const statuses = async (id: string): Promise<number[]> => {
      const answers = await Promise.all([1, 2, 3, 4].map((v) => ask('GET', `Observation/${id}/_history/${v}`)));
      return answers.map((a) => a.status);
    };
    expect(await statuses('once-labelled')).toEqual([200, 404, 200, 404]);
    expect(await statuses('now-labelled')).toEqual([404, 404, 404, 404]);
    expect(await statuses('deleted')).toEqual([200, 404, 200, 410]);
    expect(await statuses('deleted-labelled')).toEqual([404, 404, 404, 404]);
    const [hidden, none] = [
      await ask('GET', 'Observation/once-labelled/_history/2'),
      await ask('GET', 'Observation/once-labelled/_history/9'),
    ];
    expect([hidden.text, hidden.headers]).toEqual([none.text, none.headers]);
  });

  it('tells of a deletion to whom the deleted was known', async () => {
    expect((await ask('GET', 'Observation/deleted')).status).toBe(410);
    const [hidden, none] = [await ask('GET', 'Observation/deleted-labelled'), await ask('GET', 'Observation/never-there')];
    expect(hidden.text.replace('deleted-labelled', 'never-there')).toBe(none.text);
  });

  it('lists the versions of a resource that match', async () => {
    expect(versionsIn(await ask('GET', 'Observation/once-labelled/_history'))).toEqual(['once-labelled 3', 'once-labelled 1']);
    expect(versionsIn(await ask('GET', 'Observation/deleted/_history'))).toEqual(['deleted 4', 'deleted 3', 'deleted 1']);
    for (const id of ['now-labelled', 'deleted-labelled']) expect((await ask('GET', `Observation/${id}/_history`)).status).toBe(404);
  });

  it.each(['Observation/_history', '_history'])('%s, in pages that tell nothing of what lies between', async (path) => {
    const expected = ['deleted 4', 'plain 1', 'deleted 3', 'deleted 1', 'once-labelled 3', 'once-labelled 1'];
    for (const count of [1, 2, 5, 6, 50]) {
      const seen: string[] = [];
      let url: string | undefined = `${path}?_count=${count}`;
      while (url !== undefined) {
        const page: Answered = await ask('GET', url);
        expect(page.json.total).toBeUndefined();
        const versions = versionsIn(page);
        url = page.json.link.find((l) => l.relation === 'next')?.url;
        expect(versions.length).toBe(url === undefined ? expected.length - seen.length : count);
        seen.push(...versions);
      }
      expect(seen).toEqual(expected);
    }
  });

  it('counts under no filter only', async () => {
    for (const path of ['Observation/_history', '_history', 'Observation/once-labelled/_history']) {
      for (const query of ['_summary=count', '_count=0']) expect((await ask('GET', `${path}?${query}`)).json.total).toBeUndefined();
    }
    const all = asker(filterOf({ '*': 'all' }));
    expect((await all('GET', 'Observation/once-labelled/_history?_summary=count')).json.total).toBe(3);
  });

  it('needs read for a resource, search for a type', async () => {
    const reads = asker(filterOf({ Observation: { read: 'all' } }));
    expect((await reads('GET', 'Observation/plain/_history')).status).toBe(200);
    for (const path of ['Observation/_history', '_history']) expect(versionsIn(await reads('GET', path))).toEqual([]);
    const searches = asker(filterOf({ Observation: { search: 'all' } }));
    expect((await searches('GET', 'Observation/plain/_history')).status).toBe(404);
    expect(versionsIn(await searches('GET', 'Observation/_history'))).toContain('plain 1');
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

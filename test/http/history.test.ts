/** https://hl7.org/fhir/R4/http.html#history */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { client, onEachStore, type FhirClient, type TestApp } from './harness.ts';
import { observation, patient } from './samples.ts';

interface Bundle {
  readonly resourceType: string;
  readonly type: string;
  readonly total?: number;
  readonly link: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource?: { readonly id: string; readonly meta: { readonly versionId: string } };
    readonly request: { readonly method: string; readonly url: string };
    readonly response: { readonly status: string; readonly etag: string; readonly lastModified: string };
  }[];
}

const MINUTE = 60_000;

onEachStore('history', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  /** When the steps below were taken. */
  const times: number[] = [];
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    const step = async (write: () => PromiseLike<unknown>): Promise<void> => {
      app.advance(MINUTE);
      await write();
      times.push(app.deps.clock.now());
    };
    await step(() => fhir.put('Patient/h', patient({ id: 'h' })).expect(201));
    await step(() => fhir.put('Patient/h', patient({ id: 'h', active: false })).expect(200));
    await step(() => fhir.post('Observation', observation()).expect(201));
    await step(() => fhir.delete('Patient/h').expect(204));
    await step(() => fhir.put('Patient/h', patient({ id: 'h' })).expect(201));
    await step(() => fhir.put('Patient/i', patient({ id: 'i' })).expect(201));
    app.advance(MINUTE);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  const bundle = async (path: string): Promise<Bundle> => (await fhir.get(path).expect(200)).body as unknown as Bundle;
  const methods = (of: Bundle): string[] => (of.entry ?? []).map((e) => `${e.request.method} ${e.response.etag}`);
  const linkOf = (of: Bundle, relation: string): string | undefined => of.link.find((l) => l.relation === relation)?.url;

  it('lists the versions of one resource, newest first', async () => {
    const found = await bundle('Patient/h/_history');
    expect([found.resourceType, found.type, found.total]).toEqual(['Bundle', 'history', 4]);
    expect(methods(found)).toEqual(['PUT W/"4"', 'DELETE W/"3"', 'PUT W/"2"', 'PUT W/"1"']);
    expect(found.entry?.map((e) => e.response.status)).toEqual(['200 OK', '204 No Content', '200 OK', '201 Created']);
    expect(found.entry?.[1]).toMatchObject({ fullUrl: `${app.baseUrl}/Patient/h`, request: { method: 'DELETE', url: 'Patient/h' } });
    expect(found.entry?.[1]).not.toHaveProperty('resource');
    expect(found.entry?.map((e) => e.resource?.meta.versionId)).toEqual(['4', undefined, '2', '1']);
  });

  it('lists those of a type and of all', async () => {
    expect((await bundle('Patient/_history')).total).toBe(5);
    const all = await bundle('_history');
    expect(all.total).toBe(6);
    expect(all.entry?.map((e) => e.request.url)).toContain('Observation');
  });

  it('starts at _since, and tells what was current at _at', async () => {
    const since = new Date((times[3] as number) - MINUTE / 2).toISOString();
    expect(methods(await bundle(`Patient/h/_history?_since=${since}`))).toEqual(['PUT W/"4"', 'DELETE W/"3"']);
    const at = new Date((times[1] as number) + 1).toISOString();
    expect(methods(await bundle(`Patient/h/_history?_at=${at}`))).toEqual(['PUT W/"2"']);
  });

  it.each(['Patient/h/_history', 'Patient/_history', '_history'])('pages through %s', async (path) => {
    const whole = methods(await bundle(path));
    const walked: string[] = [];
    let url: string | undefined = `${path}?_count=2`;
    for (let pages = 0; url !== undefined && pages < 10; pages++) {
      const page: Bundle = await bundle(url);
      expect(page.entry?.length).toBeLessThanOrEqual(2);
      expect(linkOf(page, 'first')).toBe(`${app.baseUrl}/${path}?_count=2`);
      walked.push(...methods(page));
      url = linkOf(page, 'next');
    }
    expect(walked).toEqual(whole);
  });

  it('goes on where it was, whatever is written meanwhile', async () => {
    const first = await bundle('Patient/i/_history?_count=1');
    expect(linkOf(first, 'next')).toBeUndefined();
    await fhir.put('Patient/i', patient({ id: 'i' })).expect(200);
    const page = await bundle('Patient/i/_history?_count=1');
    await fhir.put('Patient/i', patient({ id: 'i' })).expect(200);
    expect(methods(await bundle(linkOf(page, 'next') as string))).toEqual(['PUT W/"1"']);
  });

  it('counts', async () => {
    for (const query of ['_summary=count', '_count=0']) {
      const found = await bundle(`Patient/h/_history?${query}`);
      expect([found.total, found.entry]).toEqual([4, undefined]);
    }
  });

  it.each([
    ['Patient/absent/_history', 404],
    ['Nothing/_history', 404],
    ['Patient/h/_history?_since=soon', 400],
    ['Patient/h/_history?_at=', 400],
    ['Patient/h/_history?_count=-1', 400],
    ['Patient/h/_history?_count=1e9', 400],
    ['Patient/h/_history?_count=1000000000', 200],
    ['Patient/h/_history?_cursor=forged', 400],
    ['Patient/h/_history?nonsense=1', 400],
    ['Patient/h/_history?_since=2999-01-01', 200],
  ])('%s is %d', async (path, status) => {
    await fhir.get(path).expect(status);
  });

  it('takes a cursor only where it was made', async () => {
    const next = linkOf(await bundle('Patient/h/_history?_count=1'), 'next') as string;
    const query = next.slice(next.indexOf('?'));
    await fhir.get(`Patient/h/_history${query}`).expect(200);
    await fhir.get(`Patient/i/_history${query}`).expect(400);
    await client(app, '/clinics/other/fhir/R4').get(`Patient/_history${query}`).expect(400);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

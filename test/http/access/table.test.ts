/** Every interaction on what is hidden, what may be seen but not written, and what may be written: by filters of several kinds. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { or, type Node } from '../../../src/fhir/search/ast.ts';
import { client, onEachStore, type FhirClient, type TestApp } from '../harness.ts';
import { identified, observation } from '../samples.ts';
import { askerOf, filterOf, JSON_PATCH, refersTo, token, type Answered, type Ask, type Rules } from './ask.ts';

type Level = 'hidden' | 'seen' | 'own';
const LEVELS: readonly Level[] = ['hidden', 'seen', 'own'];

interface Kind {
  readonly type: string;
  readonly seen: Node;
  readonly own: Node;
  /** A resource of that level. */
  readonly resource: (level: Level, id: string) => object;
  /** What makes it one of that level beside itself. */
  readonly beside?: (level: Level, id: string) => readonly (readonly [string, object])[];
}

const mrn = (level: Level): Node => token('identifier', 'urn:mrn', level);
const about = (level: Level): Node => refersTo('subject', 'Patient', level);
const ofPatient = (level: Level, id: string): object => observation({ id, subject: { reference: `Patient/${level}` } });
const chained = (level: Level): Node => ({ op: 'chain', param: 'subject', type: 'Patient', where: mrn(level) });
const hasStatus = (code: string): Node => ({
  op: 'has',
  type: 'Observation',
  param: 'subject',
  where: { op: 'token', param: 'status', code },
});

const KINDS: Readonly<Record<string, Kind>> = {
  token: { type: 'Patient', seen: mrn('seen'), own: mrn('own'), resource: (level, id) => identified(level, { id }) },
  reference: { type: 'Observation', seen: about('seen'), own: about('own'), resource: ofPatient },
  chain: { type: 'Observation', seen: chained('seen'), own: chained('own'), resource: ofPatient },
  has: {
    type: 'Patient',
    seen: hasStatus('preliminary'),
    own: hasStatus('final'),
    resource: (_level, id) => identified('x', { id }),
    beside: (level, id) => {
      const status = { hidden: 'amended', seen: 'preliminary', own: 'final' }[level];
      return [[`Observation/has-${id}`, observation({ id: `has-${id}`, status, subject: { reference: `Patient/${id}` } })]];
    },
  },
};

const rulesOf = ({ type, seen, own }: Kind): Rules => {
  const visible = or(seen, own);
  return { [type]: { read: visible, search: visible, create: own, update: own, delete: own } };
};

/** What each level answers; of what is hidden, whatever the same answers of what is absent. */
const READS: readonly (readonly [method: 'GET' | 'HEAD', path: string])[] = [
  ['GET', '{}'],
  ['HEAD', '{}'],
  ['GET', '{}/_history/1'],
  ['GET', '{}/_history/9'],
  ['GET', '{}/_history'],
  ['GET', '{}/_history?_summary=count'],
  ['GET', '{}?_summary=true'],
];
const patched = [{ op: 'add', path: '/language', value: 'en' }];
const IF_MATCH = { 'if-match': 'W/"1"' };
const STALE = { 'if-match': 'W/"7"' };

/** A stranger's body, so that nothing could be created either: otherwise an id in use would have to say so. */
const WRITES: readonly (readonly [
  name: string,
  on: number,
  off: number,
  send: (ask: Ask, kind: Kind, id: string, body: object) => Promise<Answered>,
])[] = [
  ['PUT', 200, 403, (ask, { type }, id, body) => ask('PUT', `${type}/${id}`, body)],
  ['PUT with If-Match', 200, 403, (ask, { type }, id, body) => ask('PUT', `${type}/${id}`, body, IF_MATCH)],
  ['PUT with a stale If-Match', 412, 403, (ask, { type }, id, body) => ask('PUT', `${type}/${id}`, body, STALE)],
  ['PUT with If-None-Match', 412, 403, (ask, { type }, id, body) => ask('PUT', `${type}/${id}`, body, { 'if-none-match': '*' })],
  ['PUT by criteria', 200, 403, (ask, { type }, id, body) => ask('PUT', `${type}?_id=${id}`, body)],
  ['PATCH', 200, 403, (ask, { type }, id) => ask('PATCH', `${type}/${id}`, patched, JSON_PATCH)],
  ['PATCH with If-Match', 200, 403, (ask, { type }, id) => ask('PATCH', `${type}/${id}`, patched, { ...JSON_PATCH, ...IF_MATCH })],
  ['PATCH by criteria', 200, 403, (ask, { type }, id) => ask('PATCH', `${type}?_id=${id}`, patched, JSON_PATCH)],
  ['DELETE', 204, 403, (ask, { type }, id) => ask('DELETE', `${type}/${id}`)],
  ['DELETE with If-Match', 204, 403, (ask, { type }, id) => ask('DELETE', `${type}/${id}`, undefined, IF_MATCH)],
  ['DELETE with a stale If-Match', 412, 403, (ask, { type }, id) => ask('DELETE', `${type}/${id}`, undefined, STALE)],
  ['DELETE by criteria', 204, 403, (ask, { type }, id) => ask('DELETE', `${type}?_id=${id}`)],
];

/** The same but for the id that was asked for, and ids that are made. */
const plain = ({ status, headers, text }: Answered, id: string): string =>
  JSON.stringify([status, headers, text])
    .replaceAll(id, 'ID')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'NEW');

const inBundle = (type: string, method: string, url: string, resource?: object): object => ({
  resourceType: 'Bundle',
  type,
  entry: [{ request: { method, url }, ...(resource === undefined ? {} : { resource }) }],
});

onEachStore('access table', (open) => {
  let app: TestApp;
  let fhir: FhirClient;
  let count = 0;
  beforeAll(async () => {
    app = await open();
    fhir = client(app);
    for (const level of LEVELS) await fhir.put(`Patient/${level}`, identified(level, { id: level })).expect(201);
  }, 60_000);
  afterAll(() => app.close(), 60_000);

  describe.each(Object.entries(KINDS))('by %s', (name, kind) => {
    const { type, resource, beside } = kind;
    const stored = async (level: Level): Promise<string> => {
      const id = `${name}-${level}-${count++}`;
      await fhir.put(`${type}/${id}`, resource(level, id)).expect(201);
      for (const [path, body] of beside?.(level, id) ?? []) await fhir.put(path, body).expect(201);
      return id;
    };
    const absent = (): string => `${name}-absent-${count++}`;
    const ask = (...given: Parameters<Ask>): Promise<Answered> => askerOf(app)(filterOf(rulesOf(kind)))(...given);

    it.each(READS)('%s %s', async (method, path) => {
      const get = (id: string): Promise<Answered> => ask(method, path.replace('{}', `${type}/${id}`));
      const [hidden, none] = [await stored('hidden'), absent()];
      expect(plain(await get(hidden), hidden)).toBe(plain(await get(none), none));
      for (const level of ['seen', 'own'] as const) expect((await get(await stored(level))).status).toBe(path.endsWith('/9') ? 404 : 200);
    });

    it.each(WRITES)('%s', async (_name, on, off, send) => {
      const [hidden, none] = [await stored('hidden'), absent()];
      const answer = await send(ask, kind, hidden, resource('hidden', hidden));
      expect(plain(answer, hidden)).toBe(plain(await send(ask, kind, none, resource('hidden', none)), none));
      expect((await fhir.get(`${type}/${hidden}`).expect(200)).body.meta.versionId).toBe('1');
      const seen = await stored('seen');
      expect((await send(ask, kind, seen, resource('own', seen))).status).toBe(off);
      expect((await fhir.get(`${type}/${seen}`).expect(200)).body.meta.versionId).toBe('1');
      const own = await stored('own');
      expect((await send(ask, kind, own, resource('own', own))).status).toBe(on);
    });

    it('searches, in batches too', async () => {
      const [hidden, none, seen] = [await stored('hidden'), absent(), await stored('seen')];
      for (const query of ['_id={}', '_id={}&_total=accurate', '_id={}&_summary=count', '_id:not={}&_id={}']) {
        const get = (id: string): Promise<Answered> => ask('GET', `${type}?${query.replaceAll('{}', id)}`);
        expect(plain(await get(hidden), hidden)).toBe(plain(await get(none), none));
        if (!query.includes(':not')) expect((await get(seen)).json).toMatchObject(query.includes('count') ? { total: 1 } : { entry: [{}] });
      }
    });

    it.each(['batch', 'transaction'])('entries of a %s', async (of) => {
      const [hidden, none] = [await stored('hidden'), absent()];
      const entries = (id: string): object[] => [
        inBundle(of, 'GET', `${type}/${id}`),
        inBundle(of, 'GET', `${type}?_id=${id}`),
        inBundle(of, 'DELETE', `${type}/${id}`),
        inBundle(of, 'PUT', `${type}/${id}`, resource('hidden', id)),
        inBundle(of, 'PUT', `${type}?_id=${id}`, resource('hidden', id)),
        inBundle(of, 'PATCH', `${type}/${id}`, {
          resourceType: 'Binary',
          contentType: JSON_PATCH['content-type'],
          data: btoa(JSON.stringify(patched)),
        }),
      ];
      const others = entries(none);
      for (const [i, sent] of entries(hidden).entries()) {
        const [a, b] = [await ask('POST', '', sent), await ask('POST', '', others[i])];
        expect(plain(a, hidden)).toBe(plain(b, none));
      }
      expect((await fhir.get(`${type}/${hidden}`).expect(200)).body.meta.versionId).toBe('1');
      const seen = await stored('seen');
      const refused = await ask('POST', '', inBundle(of, 'DELETE', `${type}/${seen}`));
      if (of === 'batch') expect(refused.json.entry?.[0]?.response.status).toBe('403 Forbidden');
      else expect([refused.status, refused.json.issue[0]?.expression]).toEqual([403, ['Bundle.entry[0]']]);
    });
  });

  it('says of an id in use only that it is none of the caller’s', async () => {
    const ask = askerOf(app)(filterOf(rulesOf(KINDS['token'] as Kind)));
    await fhir.put('Patient/in-use', identified('hidden', { id: 'in-use' })).expect(201);
    const sent = await ask('PUT', 'Patient/in-use', identified('own', { id: 'in-use' }));
    expect([sent.status, sent.text]).toEqual([404, (await ask('GET', 'Patient/in-use')).text]);
    expect((await ask('PUT', 'Patient/not-in-use', identified('own', { id: 'not-in-use' }))).status).toBe(201);
    await fhir.delete('Patient/in-use').expect(204);
    expect((await ask('PUT', 'Patient/in-use', identified('own', { id: 'in-use' }))).status).toBe(404);
  });

  it('met no fault', () => expect(app.faults).toEqual([]));
});

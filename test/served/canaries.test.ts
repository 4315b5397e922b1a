/**
 * L1: what patients' records hold, and what people type, is in no log, trace, metric, error, redirect, crash dump, nor in Redis:
 * words that no software has are put everywhere they can be put, in a server as it starts, at its most talkative.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import type { JsonObject } from '../../src/fhir/model/json.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';
import { createValidator } from '../../src/fhir/validation/index.ts';
import { availableStores } from '../../tools/running-server.ts';
import { openCollector, type Collector } from '../operation/collector.ts';
import { allow, authorizeUrl, proof, registerApp } from './app.ts';
import { askAt, type Ask, type Asked, type Told } from './ask.ts';
import { canariesIn } from './canaries/forms.ts';
import { DATE, NUMBER, PLANTED, plantedResource, spoiled, WORD } from './canaries/planted.ts';
import { openRecorder, type Recorder } from './canaries/recorder.ts';
import { inOwnProcess, killPrograms, type ServingProgram } from './program.ts';
import { acceptTrail, refuseTrail } from './raw.ts';
import { openServedWorld, PASSWORD, type ServedWorld } from './world.ts';

const [EMAIL, PHONE, ADDRESS, DEVICE] = ['zqxmail@canary.test', '+919876501234', '198.51.100.77', 'Zqxdevice/1.0'];
const CANARIES = [...PLANTED, EMAIL, PHONE, ADDRESS, DEVICE];
/** Ids, and names where only names that are known may be: who asked is told of them, nobody else. */
const NAME = 'zqyname';
const ALL = [...CANARIES, NAME];
const CRASH = "process.on('SIGUSR2', () => { throw new Error(process.env.CRASH, { cause: new Error(process.env.CRASH) }) })";
const AT_ONCE = 8;

const definitions = loadDefinitions();
const registry = createRegistry(definitions);
const planter = { definitions, validator: createValidator({ definitions }) };
const planted = [...definitions.resourceTypes].map((type) => plantedResource(planter, type)).filter((resource) => resource !== undefined);

describe.each(availableStores())('L1 on %s', (store) => {
  let program: ServingProgram;
  let collector: Collector;
  let redis: Recorder;
  let world: ServedWorld;
  let system: string;
  let ask: Ask;
  const files = new Set(readdirSync('.'));
  /** What was told to whoever was refused, and where browsers were sent. */
  const told: string[] = [];
  let answers = 0;

  beforeAll(async () => {
    collector = await openCollector();
    redis = await openRecorder(process.env['TEST_REDIS_URL']);
    const more = {
      ...{ LOG_LEVEL: 'trace', TRUST_PROXY: '127.0.0.1', OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint },
      CRASH: CANARIES.join(' '),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CRASH)}`,
      ...(redis.url === undefined ? {} : { REDIS_URL: redis.url }),
    };
    world = await openServedWorld(
      store,
      more,
      ['DOCTOR', 'PATIENT'],
      inOwnProcess((begun) => (program = begun)),
    );
    system = await world.systemToken();
    const plain = askAt(world.url);
    ask = async (path, asked = {}) => {
      const headers = { 'user-agent': DEVICE, 'x-forwarded-for': ADDRESS, ...asked.headers };
      const answer = await plain(path, { ...asked, headers });
      answers += 1;
      if (answer.status >= 400) told.push(`${answer.text} ${JSON.stringify([...answer.headers])}`);
      else if (answer.status >= 300) told.push(answer.headers.get('location') ?? '');
      return answer;
    };
  }, 60_000);
  afterAll(async () => {
    killPrograms();
    await Promise.all([collector.close(), redis.close()]);
    await world.close();
  }, 60_000);

  /** Some at once; resolves to how many were answered with each status. */
  async function all<T>(items: readonly T[], work: (item: T) => Promise<Told>): Promise<Record<number, number>> {
    const counts: Record<number, number> = {};
    const left = items[Symbol.iterator]();
    const go = async (): Promise<void> => {
      for (const item of left) {
        const { status } = await work(item);
        counts[status] = (counts[status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, go));
    return counts;
  }
  const fhir = (path: string, asked: Asked = {}): Promise<Told> => ask(`/fhir/R4/${path}`, { token: system, ...asked });
  const typeOf = ({ resourceType }: JsonObject): string => String(resourceType);
  const keyOf = (resource: JsonObject): string => `${typeOf(resource)}/${NAME}`;
  const put = (resource: JsonObject, headers = {}): Promise<Told> =>
    fhir(keyOf(resource), { method: 'PUT', fhir: { ...resource, id: NAME }, headers });

  it('resources of every type, with a canary in every element', async () => {
    expect(planted.length).toBeGreaterThan(135);
    const written = await all(planted, (resource) => put(resource));
    expect(written[201]).toBeGreaterThan(130);
    expect((await all(planted, (resource) => put({ ...resource, language: 'en' })))[200]).toBeGreaterThan(130);
    // The file whose security context is nowhere is nobody's.
    expect((await all(planted, (resource) => fhir(keyOf(resource))))[200]).toBeGreaterThanOrEqual((written[201] ?? 0) - 1);
    expect(await all(planted, (resource) => fhir(`${keyOf(resource)}/_history/7`))).toEqual({ 404: planted.length });
    await all(planted, (resource) => put(resource, { 'if-match': 'W/"7"' }));
    await all(planted, (resource) =>
      fhir(typeOf(resource), { fhir: resource, headers: { 'if-none-exist': `_id=${WORD}&identifier=${WORD}` } }),
    );
  }, 60_000);

  it('what is wrong with resources', async () => {
    const wrong = planted.map((resource) => spoiled(resource) as JsonObject);
    const refused = await all(wrong, put);
    expect(refused[400] ?? refused[422]).toBeGreaterThan(130);
    const strange = await all(planted, (resource) => put({ ...resource, zqxElement: WORD, extension: [{ url: WORD }] }));
    expect(strange[201]).toBeUndefined();
    const entry = wrong.map((resource) => ({ resource, request: { method: 'POST', url: typeOf(resource), ifNoneExist: `name=${WORD}` } }));
    for (const type of ['batch', 'transaction', NAME]) await fhir('', { fhir: { resourceType: 'Bundle', type, entry } });
    await fhir('Patient', { raw: `{"resourceType":"Patient","name":"${WORD}`, headers: { 'content-type': 'application/fhir+json' } });
    await fhir('Patient', { raw: `<Patient><name>${WORD}</Patient>`, headers: { 'content-type': 'application/fhir+xml' } });
    await fhir('Patient', { raw: WORD, headers: { 'content-type': `text/${WORD}` } });
    const patches = [
      [{ op: 'test', path: '/name/0/family', value: WORD }],
      [{ op: 'replace', path: '/birthDate', value: WORD }],
      [{ op: NAME, path: `/${NAME}`, value: WORD }],
    ];
    for (const patch of patches)
      await fhir(`Patient/${NAME}`, {
        ...{ method: 'PATCH', raw: JSON.stringify(patch) },
        headers: { 'content-type': 'application/json-patch+json' },
      });
  }, 60_000);

  it('every parameter of every search', async () => {
    const searches = [...definitions.resourceTypes].flatMap((type) => registry.all(type).map(({ code }) => `${type}?${code}=`));
    expect(searches.length).toBeGreaterThan(1500);
    const values = [WORD, DATE, `${NUMBER}`, `ge${WORD}`, `${WORD}|${WORD}|${WORD}$${WORD}`];
    const asked = searches.map((search, n) => `${search}${encodeURIComponent(values[n % values.length] ?? '')}`);
    const counts = await all(asked, (search) => fhir(search));
    expect([(counts[200] ?? 0) > 700, (counts[400] ?? 0) > 100, counts[500]]).toEqual([true, true, undefined]);
    const wrong = [
      `Patient?name=${WORD}&_sort=${NAME}`,
      `Patient?_has:Observation:patient:code=${WORD}&_include=Patient:${NAME}`,
      `Patient?name:${NAME}=${WORD}`,
      `Patient?${NAME}=${WORD}`,
      `Observation?subject:Patient.name=${WORD}&date=${WORD}`,
      `Observation?subject=${WORD}/${WORD}`,
      `Patient?_cursor=${WORD}`,
      `Patient/${NAME}/Observation?date=${WORD}`,
      `Patient/$${NAME}`,
      `${NAME}?name=${WORD}`,
      `Patient?name=%${WORD}`,
      `Patient?_filter=name eq ${WORD}`,
      `Patient?_count=${WORD}&_total=${WORD}`,
    ];
    for (const path of wrong) for (const Prefer of ['handling=strict', 'handling=lenient']) await fhir(path, { headers: { Prefer } });
    await fhir('Patient/_search', { form: { birthdate: WORD, name: WORD } });
  }, 60_000);

  it('what people type: names, addresses, passwords, codes, reasons', async () => {
    const admin = world.person('demo', 'CLINIC_ADMIN').token;
    const doctor = world.person('demo', 'DOCTOR');
    const who = { email: EMAIL, givenName: WORD, familyName: WORD, phone: PHONE };
    const made = await ask('/users', { token: admin, json: { ...who, role: 'PATIENT' } });
    expect(made.status).toBe(201);
    const link = new URL((await world.messages(EMAIL))[0]?.values['link'] ?? '');
    const token = link.searchParams.get('token');
    await ask(`/password?token=${token}`);
    expect((await ask('/auth/reset-password', { json: { token, password: PASSWORD } })).status).toBe(204);
    const login = await ask('/auth/login', { json: { email: EMAIL, password: PASSWORD, clinic: 'demo' } });
    expect(login.status).toBe(200);
    const tries: readonly (readonly [string, Asked])[] = [
      ['/users', { token: admin, json: { ...who, role: 'PATIENT' } }],
      ['/users', { token: admin, json: { ...who, role: WORD, email: WORD } }],
      [`/users?name=${WORD}&email=${EMAIL}&role=${WORD}`, { token: admin }],
      [`/users/${NAME}`, { token: admin }],
      [`/audit?patient=${WORD}&from=${WORD}`, { token: admin }],
      ['/auth/login', { json: { email: EMAIL, password: WORD, clinic: 'demo' } }],
      ['/auth/login', { json: { email: WORD, password: WORD, clinic: WORD } }],
      ['/auth/login', { json: { email: { $ne: WORD }, password: [WORD] } }],
      ['/auth/register', { json: { ...who, password: WORD } }],
      ['/auth/verify-email', { json: { email: EMAIL, code: WORD } }],
      ['/auth/otp/request', { json: { channel: WORD, to: PHONE } }],
      ['/auth/otp/verify', { json: { to: PHONE, code: WORD } }],
      ['/auth/forgot-password', { json: { email: WORD } }],
      ['/auth/reset-password', { json: { token: WORD, password: WORD } }],
      ['/auth/refresh', { json: { refreshToken: WORD } }],
      ['/auth/me', { method: 'PUT', token: String(login.body['accessToken']), json: { phone: WORD, givenName: [WORD] } }],
      ['/auth/me', { token: `${WORD}.${WORD}.${WORD}` }],
      ['/oauth2/token', { form: { grant_type: WORD, code: WORD, client_id: WORD } }],
      ['/oauth2/introspect', { form: { token: WORD } }],
      [`/clinics/demo/locations`, { token: admin, json: { name: WORD, address: WORD } }],
      [`/clinics/${NAME}`, { token: admin }],
      [`/fhir/R4/Patient/${NAME}`, { token: doctor.token, headers: { 'x-break-glass': `${WORD} is unconscious` } }],
      [`/clinics/demo/fhir/R4/Patient/${NAME}`, { token: doctor.token }],
      [`/${NAME}?name=${WORD}`, {}],
      [`/fhir/R4/Patient/${NAME}`, { headers: { 'x-request-id': `${WORD} ${WORD}`, traceparent: WORD } }],
    ];
    for (const [path, asked] of tries) await ask(path, asked);
  }, 60_000);

  it('an app, and the pages on its way', async () => {
    const app = await registerApp(world, { name: WORD });
    const person = { ...world.person('demo', 'PATIENT'), email: EMAIL };
    const back = await allow(world, person, authorizeUrl(world, app, proof(), { login_hint: EMAIL }));
    expect(back.searchParams.get('code')).toBeTruthy();
    told.push(back.href);
    for (const more of [
      { login_hint: EMAIL },
      { scope: WORD },
      { redirect_uri: `https://${WORD}.example/` },
      { code_challenge_method: WORD },
    ])
      await ask(authorizeUrl(world, app, proof(), more));
    await ask('/oauth2/login', { form: { email: EMAIL, password: WORD, token: WORD } });
    await ask('/password/forgot', { form: { email: EMAIL, token: WORD } });
  });

  it('a store that fails', async () => {
    await refuseTrail(world);
    const counts = await all(planted.slice(0, 20), (resource) => fhir(keyOf(resource)));
    await all(planted.slice(0, 20), (resource) => put(resource));
    await ask('/auth/login', { json: { email: EMAIL, password: WORD, clinic: 'demo' } });
    await acceptTrail(world);
    expect(counts).toEqual({ 503: 20 });
  });

  it('leave nothing in metrics, errors, redirects or Redis', async () => {
    expect(answers).toBeGreaterThan(2500);
    const { text: metrics } = await ask('/metrics');
    expect(metrics).toContain('interaction="search-type"');
    expect((await ask('/readyz')).status).toBe(200);
    if (redis.url !== undefined) expect(redis.heard()).toContain('PING');
    expect(told.length).toBeGreaterThan(500);
    expect(canariesIn(metrics, ALL)).toEqual([]);
    expect(canariesIn(redis.heard(), ALL)).toEqual([]);
    expect([...new Set(told.flatMap((text) => canariesIn(text, CANARIES)))].slice(0, 60)).toEqual([]);
  });

  it('nor in logs, traces or dumps, of a crash either', async () => {
    program.child.kill('SIGUSR2');
    expect(await program.ended).toBe(1);
    const lines = program.output().trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(2000);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ msg: 'uncaughtException' });
    expect([...new Set(lines.flatMap((line) => canariesIn(line, ALL)))].slice(0, 20)).toEqual([]);
    expect(collector.received.join('').length).toBeGreaterThan(100_000);
    expect(canariesIn(collector.received.join(''), ALL)).toEqual([]);
    expect(readdirSync('.').filter((name) => !files.has(name))).toEqual([]);
    expect(readdirSync(world.dataDir).filter((name) => /report|core|heapsnapshot/.test(name))).toEqual([]);
  });
});

/**
 * A patient whose data went everywhere it can go is erased, and nothing of it is left: neither in a table nor in the bytes of a
 * file. Then L2: who tampers with the trail is found, and where it can't be written nothing is shown.
 *
 * What the law keeps: that something was done to the records of a patient who was erased, when and by whom, under a pseudonym;
 * and the certificate. Both are looked for here.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { availableStores } from '../../tools/running-server.ts';
import { authorizeUrl, proof, registerApp, tokensFor, codeFor } from './app.ts';
import type { Asked, Told } from './ask.ts';
import { formsOf } from './canaries/forms.ts';
import { runCommand } from './command.ts';
import { acceptTrail, everythingKept, refuseTrail, tamper } from './raw.ts';
import { openServedWorld, PASSWORD, type Clinic, type Person, type ServedWorld } from './world.ts';

const NAME = 'Zqxcanary';
const FAMILY = 'Zqxfamily';
const EMAIL = 'zqxmail@canary.test';
const PHONE = '+919876501234';
const IDENTIFIER = 'ZQX-77-4411';
const NOTE = 'Zqxnote in confidence';
const NARRATIVE = 'Zqxnarrative';
const ATTACHED = 'Zqxattachment scanned';
const ADDRESS = '198.51.100.77';
const DEVICE = 'Zqxdevice/1.0';
const CANARIES = [NAME, FAMILY, EMAIL, PHONE, IDENTIFIER, NOTE, NARRATIVE, ATTACHED, ADDRESS, DEVICE];

describe.each(availableStores())('on %s', (store) => {
  let world: ServedWorld;
  let system: string;
  beforeAll(async () => {
    world = await openServedWorld(store, { TRUST_PROXY: '127.0.0.1' });
    system = await world.systemToken();
  }, 60_000);
  afterAll(() => world.close());

  const admin = (clinic: Clinic = 'demo'): string => world.person(clinic, 'CLINIC_ADMIN').token;
  async function must(status: number, path: string, asked: Asked = {}): Promise<Told> {
    const told = await world.ask(path, asked);
    if (told.status !== status) throw new Error(`${path} answered ${told.status}, not ${status}: ${told.text}`);
    return told;
  }
  const put = (resource: { readonly resourceType: string; readonly id: string }, status = 201): Promise<Told> =>
    must(status, `/fhir/R4/${resource.resourceType}/${resource.id}`, { method: 'PUT', token: system, fhir: resource });
  const eraseAs = (patient: string) =>
    runCommand(world, 'admin', { action: 'erase', options: { patient, order: 'court', reason: 'request 7', yes: true } });
  const kept = async (canaries: readonly string[]): Promise<string[]> => {
    const bytes = (await everythingKept(world)).toString('latin1');
    return canaries.filter((canary) => formsOf(canary).some((form) => bytes.includes(form)));
  };
  const login = (email: string, clinic: Clinic, more: Asked = {}): Promise<Told> =>
    world.ask('/auth/login', { json: { email, password: PASSWORD, clinic }, ...more });

  async function invited(email: string, name: object, key = 'invitation'): Promise<{ readonly account: string; readonly patient: string }> {
    const json = { email, role: 'PATIENT', ...name };
    const made = await must(201, '/users', { token: admin(), json, headers: { 'idempotency-key': key } });
    const link = new URL((await world.messages(email))[0]?.values['link'] ?? '');
    await must(204, '/auth/reset-password', { json: { token: link.searchParams.get('token'), password: PASSWORD } });
    const token = String((await login(email, 'demo')).body['accessToken']);
    const { body } = await must(200, '/auth/me', { token });
    return { account: String(made.body['id']), patient: String(body['fhirUser']) };
  }

  const about = (reference: string) => ({ subject: { reference }, status: 'final', code: { text: NOTE } });

  async function writeResources(patient: string): Promise<void> {
    const id = patient.slice('Patient/'.length);
    const text = { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${NARRATIVE}</div>` };
    const name = [{ given: [NAME], family: FAMILY }];
    const telecom = [{ system: 'email', value: EMAIL }];
    const full = { resourceType: 'Patient', id, text, name, telecom, identifier: [{ system: 'urn:hospital', value: IDENTIFIER }] };
    await put(full, 200);
    await put({ resourceType: 'Observation', id: 'o1', ...about(patient), note: [{ text: NOTE }] } as never);
    await put({ resourceType: 'Observation', id: 'o1', ...about(patient), note: [{ text: NOTE }, { text: 'again' }] } as never, 200);
    await put({ resourceType: 'Observation', id: 'gone', ...about(patient) });
    await must(204, '/fhir/R4/Observation/gone', { method: 'DELETE', token: system });
    const data = Buffer.from(ATTACHED).toString('base64');
    await put({ resourceType: 'Binary', id: 'b1', contentType: 'text/plain', data } as never);
    const content = [{ attachment: { contentType: 'text/plain', data } }, { attachment: { url: 'Binary/b1' } }];
    await put({ resourceType: 'DocumentReference', id: 'd1', status: 'current', subject: { reference: patient }, content } as never);
    const patch = [{ op: 'add', path: '/description', value: NOTE }];
    const headers = { 'content-type': 'application/json-patch+json' };
    await must(200, '/fhir/R4/DocumentReference/d1', { method: 'PATCH', token: system, headers, raw: JSON.stringify(patch) });
    const ids = `identifier=urn:hospital|${IDENTIFIER}`;
    await must(200, '/fhir/R4/Patient', { token: system, fhir: full, headers: { 'if-none-exist': ids } });
    const entry = [
      { resource: { resourceType: 'Observation', ...about(patient) }, request: { method: 'POST', url: 'Observation' } },
      { request: { method: 'GET', url: `Patient?${ids}` } },
    ];
    await must(200, '/fhir/R4', { token: system, fhir: { resourceType: 'Bundle', type: 'batch', entry } });
    await must(201, '/fhir/R4/Provenance', { token: system, fhir: provenance });
  }
  const provenance = {
    resourceType: 'Provenance',
    target: [{ reference: 'Observation/o1' }],
    recorded: '2026-01-01T00:00:00Z',
    agent: [{ who: { display: NAME } }],
  };

  /** Whoever can ask in a way that leaves a trace. */
  async function lookAround(patient: string): Promise<void> {
    const paths = [
      `Patient?name=${NAME}`,
      `Patient?family:exact=${FAMILY}&_summary=count`,
      `Patient?telecom=${EMAIL}`,
      `Patient?identifier=${IDENTIFIER}`,
      `Observation?subject.name=${FAMILY}`,
      `Observation?patient=${patient}`,
      `${patient}/$everything`,
      `${patient}/_history`,
      `Patient/none?name=${NAME}`,
    ];
    for (const path of paths) await world.ask(`/fhir/R4/${path}`, { token: world.person('demo', 'CLINIC_ADMIN').token });
    for (const path of paths) await must(401, `/fhir/R4/${path}`);
    await world.ask('/fhir/R4/Patient/_search', { token: admin(), form: { name: NAME } });
    const glass = { 'x-break-glass': `${NAME} ${FAMILY} was found unconscious` };
    await world.ask(`/users?name=${NAME}`, { token: admin() });
    await world.ask(`/users?email=${encodeURIComponent(EMAIL)}`, { token: admin() });
    await world.ask(`/audit?patient=${patient.slice('Patient/'.length)}`, { token: admin(), headers: glass });
  }

  /** Everything that a person can leave behind by signing in. */
  async function live(patient: string): Promise<Person> {
    const headers = { 'user-agent': DEVICE, 'x-forwarded-for': ADDRESS };
    const token = String((await login(EMAIL, 'demo', { headers })).body['accessToken']);
    await must(200, `/fhir/R4/${patient}`, { token, headers });
    await must(404, '/fhir/R4/Observation/nobodys', { token, headers });
    await login(EMAIL, 'demo', { json: { email: EMAIL, password: `wrong ${NAME}`, clinic: 'demo' } });
    await world.ask('/auth/me', { method: 'PUT', token, headers, json: { phone: PHONE } });
    await must(202, '/auth/forgot-password', { json: { email: EMAIL } });
    await must(202, '/auth/otp/request', { json: { channel: 'email', to: EMAIL } });
    await must(202, '/auth/register', { json: { email: EMAIL, password: `${PASSWORD} too`, givenName: NAME, familyName: FAMILY } });
    const { body } = await must(200, '/auth/me', { token });
    return { account: String(body['id']), clinic: 'demo', role: 'PATIENT', fhirUser: patient, token, email: EMAIL };
  }

  it('an erasure leaves nothing of the patient', async () => {
    const { patient } = await invited(EMAIL, { givenName: NAME, familyName: FAMILY });
    await writeResources(patient);
    const person = await live(patient);
    const app = await registerApp(world, { launchUrl: 'https://app.example/launch' });
    const tokens = await tokensFor(world, person, app, 'openid fhirUser offline_access patient/*.rs');
    await codeFor(world, person, app, proof());
    await must(302, authorizeUrl(world, app, proof(), { login_hint: EMAIL }));
    const launched = { clientId: app.clientId, patient: patient.slice('Patient/'.length) };
    await must(201, '/clinics/demo/launches', { token: admin(), json: launched });
    await lookAround(patient);
    while ((await world.messages(EMAIL)).length < 4);
    expect((await kept(CANARIES)).toSorted()).toEqual(CANARIES.toSorted());

    const ran = await eraseAs(patient.slice('Patient/'.length));
    expect(ran).toMatchObject({ ok: true });
    expect(await kept(CANARIES)).toEqual([]);
    expect(await kept([patient.slice('Patient/'.length)])).toEqual([]);

    expect((await world.ask('/auth/me', { token: person.token })).status).toBe(401);
    expect((await world.ask(`/fhir/R4/${patient}`, { token: String(tokens['access_token']) })).status).toBe(401);
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens['refresh_token']), client_id: app.clientId };
    expect((await world.ask('/oauth2/token', { form: refresh })).body['error']).toBe('invalid_grant');
    expect((await login(EMAIL, 'demo')).status).toBe(401);
    const again = { token: admin(), json: { email: EMAIL, role: 'PATIENT', givenName: NAME, familyName: FAMILY } };
    expect((await world.ask('/users', { ...again, headers: { 'idempotency-key': 'invitation' } })).status).toBe(409);

    // What the law keeps.
    const [, certificate = '', pseudonym = ''] = /certificate: (\S+), (\S+)$/.exec(ran.lines.at(-1) ?? '') ?? [];
    expect((await world.ask(`/fhir/R4/${certificate}`, { token: system })).text).toContain('Certificate of erasure');
    const { body } = await must(200, `/audit?patient=${pseudonym}&limit=100`, { token: admin() });
    const told = (body['data'] as { what: string; actor?: object }[]).map(({ what }) => what);
    expect(told).toEqual(expect.arrayContaining(['read', '$everything', 'create', 'update']));
    expect((await runCommand(world, 'audit', { action: 'verify' })).ok).toBe(true);
  }, 60_000);

  it('who is a patient of another clinic too keeps the account, and loses the place here', async () => {
    const email = 'elsewhere@canary.test';
    const { account, patient } = await invited(email, { givenName: 'Elsewhere' }, 'elsewhere');
    await must(201, `/users/${account}/clinics/second`, { token: world.person('demo', 'SUPER_ADMIN').token, json: { role: 'PATIENT' } });
    const here = String((await login(email, 'demo')).body['accessToken']);
    const there = String((await login(email, 'second')).body['accessToken']);
    const { ok, lines } = await eraseAs(patient.slice('Patient/'.length));
    expect([ok, lines.filter((line) => line.startsWith('records of'))]).toEqual([
      true,
      ['membership', 'place', 'session', 'answer'].map((kind) => expect.stringContaining(`records of ${kind}: `)),
    ]);
    expect((await world.ask('/auth/me', { token: here })).status).toBe(401);
    expect((await world.ask('/auth/me', { token: there })).status).toBe(200);
    expect((await login(email, 'demo')).status).toBe(403);
    expect((await login(email, 'second')).status).toBe(200);
    expect((await world.ask(`/users/${account}`, { token: admin() })).status).toBe(404);
  });

  it('who works here keeps the account: only the patient goes', async () => {
    const { email, token, account } = world.person('demo', 'RECEPTIONIST');
    await put({ resourceType: 'Patient', id: 'staff', telecom: [{ system: 'email', value: email }] } as never);
    const { ok, lines } = await eraseAs('staff');
    expect([ok, lines.filter((line) => line.startsWith('records of'))]).toEqual([true, []]);
    expect((await world.ask('/auth/me', { token })).body).toMatchObject({ id: account, role: 'RECEPTIONIST' });
    expect((await world.ask('/fhir/R4/Patient/staff', { token: system })).status).toBe(404);
  });

  describe('L2', () => {
    const PHI = 'Zqxshown';
    const reads = ['/fhir/R4/Patient/shown', '/fhir/R4/Patient/none', `/fhir/R4/Patient?family=${PHI}`, '/fhir/R4/Patient/shown/_history'];
    const others = ['/users', '/audit', '/auth/me', '/oauth2/userinfo', '/fhir/R4/Patient/shown/$everything', '/clinics/demo'];
    const bundle = { resourceType: 'Bundle', type: 'batch', entry: [{ request: { method: 'GET', url: 'Patient/shown' } }] };
    const all = async (): Promise<Told[]> => [
      ...(await Promise.all([...reads, ...others].map((path) => world.ask(path, { token: admin() })))),
      await world.ask('/fhir/R4', { token: admin(), fhir: bundle }),
      await world.ask('/fhir/R4/Patient/shown'),
      await login(world.person('demo', 'DOCTOR').email, 'demo'),
      await world.ask('/auth/login', { json: { email: 'nobody@x.test', password: 'wrong' } }),
    ];

    it('a trail that cannot be written: nothing is shown, nobody gets in, and afterwards all goes on', async () => {
      await put({ resourceType: 'Patient', id: 'shown', name: [{ family: PHI }] } as never);
      const before = (await all()).map(({ status }) => status);
      await refuseTrail(world);
      const refused = await all();
      await acceptTrail(world);
      expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 503));
      expect(refused.filter(({ text }) => text.includes(PHI) || text.includes('accessToken'))).toEqual([]);
      expect((await all()).map(({ status }) => status)).toEqual(before);
      expect(before.filter((status) => status === 200).length).toBeGreaterThan(7);
      expect((await runCommand(world, 'audit', { action: 'verify' })).ok).toBe(true);
    });

    it('a record that was changed is found, with its place, and no other clinic is blamed', async () => {
      await tamper(world, 'second');
      const { ok, lines } = await runCommand(world, 'audit', { action: 'verify' });
      expect(ok).toBe(false);
      expect(lines.find((line) => line.startsWith('second'))).toBe(
        'second: BROKEN at chain 1, block 0: was changed, or is not the one that was here',
      );
      expect(lines.find((line) => line.startsWith('demo'))).toMatch(/^demo: OK, \d+ records/);
    });
  });
});

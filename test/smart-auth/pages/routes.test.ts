/** The pages as routes: what guards them, and what is refused. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { audited, openWorld, type World } from '../../browser/people.ts';
import { tokenIn, txOf, Visitor } from '../../served/visitor.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world.close());

const CALLBACK = 'http://127.0.0.1:9/callback';

async function asked(visitor: Visitor, scope: string, clinic: 'demo' | 'second' = 'demo'): Promise<string> {
  const { id } = await world.register(
    { name: 'App', authMethod: 'none', redirectUris: [CALLBACK], grantTypes: ['authorization_code'], scope, origins: [] },
    clinic,
  );
  const query = new URLSearchParams({
    ...{ response_type: 'code', client_id: id, redirect_uri: CALLBACK, scope, aud: `${world.url}/fhir/R4` },
    ...{ code_challenge: createHash('sha256').update('v').digest('base64url'), code_challenge_method: 'S256' },
  });
  return txOf(await visitor.get(`/oauth2/authorize?${query.toString()}`));
}

async function signedIn(visitor: Visitor, scope: string, who = world.patient): Promise<string> {
  const tx = await asked(visitor, scope);
  const token = tokenIn(await (await visitor.get(`/oauth2/login?tx=${tx}`)).text());
  const answer = await visitor.post('/oauth2/login', { tx, token, email: who.email, password: who.password });
  expect(answer.status).toBe(303);
  return tx;
}

describe('every page', () => {
  test.each([
    '/oauth2/login',
    '/oauth2/apps',
    '/password?token=none',
    '/password/forgot',
    '/oauth2/login?tx=none',
    '/oauth2/authorize?client_id=none',
  ])('%s is guarded', async (path) => {
    const { headers } = await new Visitor(world.url).get(path);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test('loads nothing but the stylesheet', async () => {
    const page = await (await new Visitor(world.url).get('/oauth2/apps')).text();
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1])).toEqual([
      '/oauth2/style.css',
      '/oauth2/apps?lang=hi',
      '/password/forgot?ui_locales=en',
    ]);
    const style = await new Visitor(world.url).get('/oauth2/style.css');
    expect(style.headers.get('content-type')).toBe('text/css; charset=utf-8');
    expect(await style.text()).not.toMatch(/url\(|@import/);
  });
});

describe('signing in', () => {
  test('a form from elsewhere signs nobody in', async () => {
    const visitor = new Visitor(world.url);
    const tx = await asked(visitor, 'openid');
    const token = tokenIn(await (await visitor.get(`/oauth2/login?tx=${tx}`)).text());
    const fields = { tx, token, email: world.patient.email, password: world.patient.password };
    for (const [sent, headers] of [
      [{ ...fields, token: '' }, {}],
      [{ ...fields, tx: '' }, {}],
      [fields, { 'Sec-Fetch-Site': 'cross-site' }],
      [fields, { Origin: 'https://evil.example' }],
    ] as const) {
      const refused = await visitor.post('/oauth2/login', sent, headers);
      expect(refused.status).toBe(403);
      expect(refused.headers.getSetCookie()).toEqual([]);
    }
    expect((await new Visitor(world.url).post('/oauth2/login', fields)).status).toBe(403);
    expect((await visitor.post('/oauth2/login', fields)).status).toBe(303);
  });

  test('an empty field is told at that field, and a wrong password in the trail', async () => {
    const visitor = new Visitor(world.url);
    const token = tokenIn(await (await visitor.get('/oauth2/apps')).text());
    const empty = await visitor.post('/oauth2/login', { token, email: '', password: 'x' });
    expect(empty.status).toBe(400);
    expect(await empty.text()).toMatch(
      /id="email-error">Fill in this field\.<\/span[^]*aria-describedby="email-error" aria-invalid="true"/,
    );
    expect((await visitor.post('/oauth2/login', { token, email: world.patient.email, password: 'x' })).status).toBe(403);
    const event = await audited(world, 'POST /oauth2/login', '4', world.patient.account);
    expect(event).toMatchObject({ type: { code: '110114' } });
    expect(JSON.stringify(event)).toContain(world.patient.account);
  });

  test('someone who does not belong to the clinic of the app is not let in', async () => {
    const visitor = new Visitor(world.url);
    const tx = await asked(visitor, 'openid', 'second');
    const token = tokenIn(await (await visitor.get(`/oauth2/login?tx=${tx}`)).text());
    const refused = await visitor.post('/oauth2/login', { tx, token, email: world.patient.email, password: world.patient.password });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('This account does not belong to the clinic.');
    expect(refused.headers.getSetCookie()).toEqual([]);
  });

  test('a ticket that has ended leads back to the start', async () => {
    const visitor = new Visitor(world.url);
    const first = tokenIn(await (await visitor.get('/oauth2/apps')).text());
    const page = await (
      await visitor.post('/oauth2/login', { token: first, email: world.doctor.email, password: world.doctor.password })
    ).text();
    const second = await visitor.post('/oauth2/second-factor', { token: tokenIn(page), ticket: 'ended', code: '123456' });
    expect(second.status).toBe(403);
    expect(await second.text()).toContain('This took too long. Sign in again.');
  });
});

describe('consent', () => {
  const SCOPE = 'launch/patient patient/Patient.rs';

  test('is shown in the browser alone in which the person signed in', async () => {
    const tx = await signedIn(new Visitor(world.url), SCOPE);
    const other = await new Visitor(world.url).get(`/oauth2/consent?tx=${tx}`);
    expect(other.status).toBe(303);
    expect(other.headers.get('location')).toContain('/oauth2/login?tx=');
  });

  test('a form from elsewhere allows nothing; a decision counts once; whatever is no yes is a no', async () => {
    const visitor = new Visitor(world.url);
    const tx = await signedIn(visitor, SCOPE);
    const token = tokenIn(await (await visitor.get(`/oauth2/consent?tx=${tx}`)).text());
    const fields = { tx, token, 'scope patient/Patient.rs': 'on', decision: 'allow' };
    expect((await visitor.post('/oauth2/consent', { ...fields, token: 'x' })).status).toBe(403);
    expect((await visitor.post('/oauth2/consent', fields, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    const nothing = await visitor.post('/oauth2/consent', { tx, token, decision: 'allow' });
    expect(nothing.status).toBe(400);
    expect(await nothing.text()).toContain('Nothing is ticked.');
    expect(await (await visitor.post('/oauth2/consent', { ...fields, decision: 'ALLOW' })).text()).toContain('error=access_denied');
    const late = await visitor.post('/oauth2/consent', fields);
    expect(late.status).toBe(410);
    expect(await late.text()).not.toContain('code=');
  });

  test('scopes that were not offered are not given', async () => {
    const visitor = new Visitor(world.url);
    const tx = await signedIn(visitor, SCOPE);
    const token = tokenIn(await (await visitor.get(`/oauth2/consent?tx=${tx}`)).text());
    const sent = { tx, token, 'scope patient/*.cruds': 'on', 'scope user/*.cruds': 'on', decision: 'allow' };
    expect((await visitor.post('/oauth2/consent', sent)).status).toBe(400);
  });
});

describe('the choice of a patient', () => {
  test('finds and takes only whom the person may see; what they may not is as if it were not there', async () => {
    const visitor = new Visitor(world.url);
    const tx = await signedIn(visitor, 'launch/patient patient/Patient.rs', world.nurse);
    const page = await visitor.get(`/oauth2/consent?tx=${tx}`);
    expect(page.headers.get('location')).toContain('/oauth2/patient?tx=');
    const token = tokenIn(await (await visitor.get(`/oauth2/patient?tx=${tx}`)).text());
    const search = async (fields: Record<string, string>): Promise<[number, string]> => {
      const answer = await visitor.post('/oauth2/patient', { tx, token, ...fields });
      return [answer.status, await answer.text()];
    };
    const [, both] = await search({ name: 'asha', birthDate: '1984-03-27' });
    expect(both).toContain('Asha Rao');
    expect(both).not.toContain('Ranade');
    expect((await search({ name: 'ranade' }))[1]).toContain('No patient was found.');
    expect((await search({ name: 'Asha,Kamala' }))[1]).toContain('No patient was found.');
    expect(await search({ name: ' ' })).toEqual([400, expect.stringContaining('Enter a name or a date of birth.')]);
    expect(await search({ birthDate: 'ge1900' })).toEqual([400, expect.stringContaining('birthDate-error')]);
    expect(await search({ pick: 'elsewhere' })).toEqual([403, expect.stringContaining('You may not see this patient.')]);
    expect(await search({ pick: '../Observation/pulse' })).toEqual([403, expect.anything()]);
    const elsewhere = await visitor.get(`/oauth2/consent?tx=${tx}&patient=elsewhere`);
    expect(elsewhere.headers.get('location')).toContain('/oauth2/patient?tx=');
  });
});

describe('allowed apps', () => {
  test('are taken back by a form of this browser alone', async () => {
    const visitor = new Visitor(world.url);
    await signedIn(visitor, 'openid');
    const page = await (await visitor.get('/oauth2/apps')).text();
    const revoke = { app: 'some', at: 'demo' };
    expect((await visitor.post('/oauth2/apps', { ...revoke, token: 'x' })).status).toBe(403);
    expect((await new Visitor(world.url).post('/oauth2/apps', { ...revoke, token: tokenIn(page) })).status).toBe(403);
    expect((await visitor.post('/oauth2/apps', { ...revoke, token: tokenIn(page) })).status).toBe(303);
    expect((await visitor.post('/oauth2/sign-out', { token: tokenIn(page) })).status).toBe(303);
    expect(await (await visitor.get('/oauth2/apps')).text()).toContain('<h1>Sign in</h1>');
  });
});

describe('a password by a link', () => {
  /** Someone new, who has been sent a link and done nothing yet. */
  async function invited(email: string): Promise<string> {
    const { token } = world.person('demo', 'SUPER_ADMIN');
    const { status } = await world.ask('/users', { token, json: { email, givenName: 'Nila', familyName: 'Menon', role: 'NURSE' } });
    expect(status).toBe(201);
    return linkIn((await world.messages(email))[0]);
  }
  const linkIn = (message: Awaited<ReturnType<World['messages']>>[number] | undefined): string => {
    const { pathname, search } = new URL(message?.values['link'] ?? '');
    return pathname + search;
  };
  const password = 'nine calm rivers in the rain';
  const login = (email: string, given: string): Promise<number> =>
    world.ask('/auth/login', { json: { email, password: given } }).then(({ status }) => status);

  test('is held to the rules, told in words, and sets it once; looking spends nothing', async () => {
    const visitor = new Visitor(world.url);
    const path = await invited('nila@clinic.example');
    await visitor.get(path);
    const page = await (await visitor.get(path)).text();
    expect(page).toContain('For the account of nila@clinic.example.');
    const link = new URL(path, world.url).searchParams.get('token') ?? '';
    const send = async (given: string, again = given): Promise<[number, string]> => {
      const answer = await visitor.post('/password', { token: tokenIn(page), link, password: given, again });
      return [answer.status, await answer.text()];
    };
    expect(await send('')).toEqual([400, expect.stringContaining('Fill in this field.')]);
    expect(await send(password, 'another')).toEqual([400, expect.stringMatching(/id="again-error">The two were not the same/)]);
    expect(await send('short')).toEqual([422, expect.stringContaining('A password has 8 to 128 characters.')]);
    expect(await send('password1')).toEqual([422, expect.stringMatching(/id="password-error">This password is among those/)]);
    expect(await send('Nila Menon 1')).toEqual([422, expect.stringContaining('made of the name or the e-mail address')]);
    expect(await login('nila@clinic.example', password)).toBe(401);
    expect((await send(password))[0]).toBe(303);
    expect(await login('nila@clinic.example', password)).toBe(200);
    for (const [status, text] of [await send('eight other rivers of silt'), [(await visitor.get(path)).status, ''] as const]) {
      expect(status).toBe(410);
      if (text !== '') expect(text).toMatch(/This link is no good any more[^]*href="\/password\/forgot\?ui_locales=en"/);
    }
    expect(await login('nila@clinic.example', password)).toBe(200);
  });

  test('is set by no form from elsewhere, and by no token that was made up', async () => {
    const visitor = new Visitor(world.url);
    const path = await invited('usha@clinic.example');
    const link = new URL(path, world.url).searchParams.get('token') ?? '';
    const fields = { token: tokenIn(await (await visitor.get(path)).text()), link, password, again: password };
    for (const [sent, headers] of [
      [{ ...fields, token: '' }, {}],
      [{ ...fields, link: 'made-up' }, {}],
      [fields, { 'Sec-Fetch-Site': 'cross-site' }],
      [fields, { Origin: 'https://evil.example' }],
    ] as const)
      expect((await visitor.post('/password', sent, headers)).status).toBe(403);
    expect((await new Visitor(world.url).post('/password', fields)).status).toBe(403);
    expect(await login('usha@clinic.example', password)).toBe(401);
    const madeUp = await visitor.get('/password?token=made-up');
    expect([madeUp.status, await madeUp.text()]).toEqual([410, expect.stringContaining('This link is no good any more')]);
  });

  test('signs the account out of every browser, and the trail says whose it was', async () => {
    const visitor = new Visitor(world.url);
    const { email, account } = await world.invite('demo', { role: 'NURSE', email: 'tara@clinic.example', givenName: 'Tara' });
    const token = tokenIn(await (await visitor.get('/oauth2/apps')).text());
    await visitor.post('/oauth2/login', { token, email, password: world.nurse.password });
    expect(await (await visitor.get('/oauth2/apps')).text()).toContain('Apps you allowed');
    const other = new Visitor(world.url);
    const forgot = tokenIn(await (await other.get('/password/forgot')).text());
    expect((await other.post('/password/forgot', { token: forgot, email })).status).toBe(303);
    const path = linkIn((await world.messages(email, 'reset-password'))[0]);
    const link = new URL(path, world.url).searchParams.get('token') ?? '';
    const form = tokenIn(await (await other.get(path)).text());
    expect((await other.post('/password', { token: form, link, password, again: password })).status).toBe(303);
    expect(await (await visitor.get('/oauth2/apps')).text()).toContain('<h1>Sign in</h1>');
    expect(await audited(world, 'POST /password', '0', account)).toMatchObject({
      agent: expect.arrayContaining([expect.objectContaining({ altId: account })]),
    });
  });

  test('is asked for with the same answer whoever it is; a form from elsewhere sends nothing', async () => {
    const visitor = new Visitor(world.url);
    const token = tokenIn(await (await visitor.get('/password/forgot')).text());
    const ask = async (email: string, headers = {}): Promise<readonly [number, string | null, string]> => {
      const answer = await visitor.post('/password/forgot', { token, email }, headers);
      return [answer.status, answer.headers.get('location'), await answer.text()];
    };
    const unknown = await ask('nobody@nowhere.example');
    expect(unknown).toEqual([303, `${world.url}/password/forgot?done=sent&ui_locales=en`, '']);
    expect(await ask(world.doctor.email)).toEqual(unknown);
    expect(await ask('no address')).toEqual([400, null, expect.stringContaining('id="email-error"')]);
    expect((await ask(world.patient.email, { 'Sec-Fetch-Site': 'cross-site' }))[0]).toBe(403);
    expect((await new Visitor(world.url).post('/password/forgot', { token, email: world.patient.email })).status).toBe(403);
    expect((await world.messages(world.doctor.email, 'reset-password')).length).toBe(1);
    const templates = (await world.messages(world.patient.email)).map(({ template }) => template);
    expect(templates).not.toContain('reset-password');
    for (let i = 0; i < 5; i++) await ask('often@nowhere.example');
    expect(await ask('often@nowhere.example')).toEqual([429, null, expect.stringContaining('Too many attempts')]);
  });
});

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
  test.each(['/oauth2/login', '/oauth2/apps', '/oauth2/login?tx=none', '/oauth2/authorize?client_id=none'])(
    '%s is guarded',
    async (path) => {
      const { headers } = await new Visitor(world.url).get(path);
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      );
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    },
  );

  test('loads nothing but the stylesheet', async () => {
    const page = await (await new Visitor(world.url).get('/oauth2/apps')).text();
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((m) => m[1])).toEqual(['/oauth2/style.css', '/oauth2/apps?lang=hi']);
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
    expect(await audited(world, 'POST /oauth2/login', '4')).toMatchObject({ type: { code: '110114' } });
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

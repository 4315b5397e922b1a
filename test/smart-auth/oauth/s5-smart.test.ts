/** S5: what Inferno's (g)(10) suite asks of an authorization server, and what else SMART App Launch 2.2 and OpenID say. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import request from 'supertest';
import { DEMO, DOCTOR, OTHER } from '../people.ts';
import { CLAIMS, ISSUER } from '../tokens/set-up.ts';
import { pkce } from './pkce.ts';
import {
  agree,
  asked,
  authorize,
  BASE,
  basic,
  get,
  locationOf,
  onEachWorld,
  post,
  redeem,
  register,
  token,
  tokensFor,
  type Answered,
  type World,
  seen,
} from './set-up.ts';

onEachWorld('S5: SMART App Launch', (open) => {
  let world: World;
  let app: string;
  beforeEach(async () => {
    world = await open();
    app = (await register(world)).client.clientId;
  });
  afterEach(() => world.close());

  const errorOf = async (more: Record<string, string | undefined>): Promise<string | null> =>
    locationOf(await authorize(world, asked(app, pkce(), more))).searchParams.get('error');

  it('discovery: absolute addresses, S256 alone, open to any origin', async () => {
    for (const path of ['/fhir/R4/.well-known/smart-configuration', '/.well-known/openid-configuration']) {
      const answer = await get(world, path);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'access-control-allow-origin': '*' });
      expect(answer.body).toMatchObject({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/oauth2/authorize`,
        token_endpoint: `${ISSUER}/oauth2/token`,
        jwks_uri: `${ISSUER}/.well-known/jwks.json`,
        code_challenge_methods_supported: ['S256'],
      });
    }
    const named = await get(world, '/clinics/demo/fhir/R4/.well-known/smart-configuration');
    expect(named.body['registration_endpoint']).toBe(`${ISSUER}/oauth2/register?clinic=demo`);
  });

  it.each([
    ['another aud', { aud: 'https://evil.example/fhir' }, 'invalid_request'],
    ['no aud', { aud: undefined }, 'invalid_request'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['scopes that may not be given', { scope: 'system/*.rs' }, 'invalid_scope'],
    ['no scope', { scope: undefined }, 'invalid_scope'],
    ['launch without a launch', { scope: 'launch openid' }, 'invalid_request'],
    ['a launch that nobody made', { launch: 'x' }, 'invalid_request'],
    ['no question to the person', { prompt: 'none' }, 'interaction_required'],
    ['a request object', { request: 'x' }, 'request_not_supported'],
  ])('%s is told to the app', async (_name, more, error) => {
    expect(await errorOf(more)).toBe(error);
  });

  it('the aud may name the clinic; POST works as GET does', async () => {
    expect(await errorOf({ aud: `${ISSUER}/clinics/demo/fhir/R4` })).toBeNull();
    expect(await errorOf({ aud: `${ISSUER}/clinics/other/fhir/R4` })).toBe('invalid_request');
    const answer = await post(world, '/oauth2/authorize', asked(app, pkce()));
    expect(locationOf(answer).pathname).toBe('/oauth2/login');
  });

  it('an ID token verifies by the published keys and says who, for whom and when', async () => {
    const answer = await tokensFor(world, DOCTOR, app, { nonce: 'n-1', scope: 'openid fhirUser' });
    const keys = (await get(world, '/.well-known/jwks.json')).body as unknown as JSONWebKeySet;
    const { payload } = await jwtVerify(String(answer.body['id_token']), createLocalJWKSet(keys), {
      algorithms: ['RS256'],
      issuer: ISSUER,
      audience: app,
      currentDate: new Date(world.clock.now()),
    });
    expect(payload).toMatchObject({ sub: 'asha', nonce: 'n-1', fhirUser: `${BASE}/Practitioner/1` });
    expect(payload['auth_time']).toBe(Math.floor(world.clock.now() / 1000));
    expect((await get(world, '/oauth2/userinfo', answer.body['id_token'])).status).toBe(401);
  });

  it('a browser in which someone signed in goes on to consent at once, unless the app wants a new login', async () => {
    const first = await authorize(world, asked(app, pkce()));
    const signedIn = await world.pages.signedIn(locationOf(first).searchParams.get('tx') ?? '', seen('asha'));
    const cookie = signedIn.ok ? signedIn.cookie.split(';', 1)[0] : '';
    expect(locationOf(await authorize(world, asked(app, pkce()), cookie)).pathname).toBe('/oauth2/consent');
    expect(locationOf(await authorize(world, asked(app, pkce(), { prompt: 'login' }), cookie)).pathname).toBe('/oauth2/login');
    world.clock.advance(60_000);
    expect(locationOf(await authorize(world, asked(app, pkce(), { max_age: '30' }), cookie)).pathname).toBe('/oauth2/login');
  });

  it('EHR launch: what was open is told to the app, once, to the one who opened it', async () => {
    const ehr = (await world.oauth.issuer.issue(CLAIMS, 900)).token;
    const start = (body: object) =>
      request(world.server)
        .post('/clinics/demo/launches')
        .set('Authorization', `Bearer ${ehr}`)
        .send({ clientId: app, ...body });
    const context = {
      patient: 'p7',
      encounter: 'e1',
      intent: 'reconcile',
      fhirContext: [{ reference: 'ImagingStudy/1' }],
      needPatientBanner: false,
    };
    const { body } = (await start(context).expect(201)) as { body: { launch: string; url: string } };
    expect(body.url).toBe(`https://app.example/launch?iss=${encodeURIComponent(BASE)}&launch=${body.launch}`);
    const proof = pkce();
    const wish = asked(app, proof, { scope: 'launch openid patient/*.rs', launch: body.launch });
    const tx = await authorize(world, wish);
    expect(await errorOf({ scope: 'launch', launch: body.launch })).toBe('invalid_request');
    expect(await world.pages.signedIn(locationOf(tx).searchParams.get('tx') ?? '', seen('meera'))).toEqual({
      ok: false,
      reason: 'other-person',
    });
    const back = await agree(world, DOCTOR, tx);
    const answer = await redeem(world, app, back.searchParams.get('code') ?? '', proof);
    expect(answer.body).toMatchObject({
      patient: 'p7',
      encounter: 'e1',
      intent: 'reconcile',
      fhirContext: [{ reference: 'ImagingStudy/1' }],
      need_patient_banner: false,
    });
    await start({ patient: 'hidden' }).expect(422);
    await start({ patient: 'p8', encounter: 'e1' }).expect(422);
    await start({ patient: 'p7', encounter: 'hidden' }).expect(422);
    await start({ clientId: 'nobody' }).expect(422);
    await request(world.server)
      .post('/clinics/demo/launches')
      .set('Authorization', `Bearer ${String(answer.body['access_token'])}`)
      .send({ clientId: app })
      .expect(403);
  });

  it('EHR launch by token exchange (RFC 8693), for tokens of our own front ends only', async () => {
    const form = (subject: unknown) => ({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: String(subject),
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:nadi:params:oauth:token-type:launch',
      client_id: app,
      patient: 'p7',
    });
    const ehr = (await world.oauth.issuer.issue(CLAIMS, 900)).token;
    const exchanged = await token(world, form(ehr));
    expect(exchanged.body).toMatchObject({ token_type: 'N_A', expires_in: 300 });
    expect(await errorOf({ scope: 'launch', launch: String(exchanged.body['access_token']) })).toBeNull();
    const byApp = await tokensFor(world, DOCTOR, app);
    expect((await token(world, form(byApp.body['access_token']))).body['error']).toBe('invalid_grant');
    const late = await token(world, form(ehr));
    world.clock.advance(300_001);
    expect(await errorOf({ scope: 'launch', launch: String(late.body['access_token']) })).toBe('invalid_request');
  });

  it('revocation (RFC 7009) ends the grant; a token of another app is left alone', async () => {
    const answer = await tokensFor(world, DOCTOR, app);
    const other = (await register(world)).client.clientId;
    expect((await post(world, '/oauth2/revoke', { token: String(answer.body['refresh_token']), client_id: other })).status).toBe(200);
    expect((await get(world, '/oauth2/userinfo', answer.body['access_token'])).status).toBe(200);
    expect((await post(world, '/oauth2/revoke', { token: String(answer.body['access_token']), client_id: app })).status).toBe(200);
    expect((await get(world, '/oauth2/userinfo', answer.body['access_token'])).status).toBe(401);
    const again = await token(world, { grant_type: 'refresh_token', client_id: app, refresh_token: String(answer.body['refresh_token']) });
    expect(again.body['error']).toBe('invalid_grant');
    expect((await post(world, '/oauth2/revoke', { token: 'junk', client_id: app })).status).toBe(200);
  });

  it('introspection: for confidential clients, of their clinic, with the launch context', async () => {
    const { client, secret } = await register(world, { authMethod: 'client_secret_basic' });
    const answer = await tokensFor(world, DOCTOR, app);
    const ask = (text: unknown, headers = basic(client.clientId, secret)) =>
      post(world, '/oauth2/introspect', { token: String(text) }, headers);
    expect((await ask(answer.body['access_token'])).body).toMatchObject({
      active: true,
      client_id: app,
      patient: 'p1',
      scope: answer.body['scope'],
      iss: ISSUER,
      sub: 'asha',
      fhirUser: `${BASE}/Practitioner/1`,
      exp: Math.floor(world.clock.now() / 1000) + 3600,
    });
    expect((await ask('junk')).body).toEqual({ active: false });
    expect((await ask(answer.body['refresh_token'])).body).toEqual({ active: false });
    expect((await ask(answer.body['access_token'], basic(client.clientId, 'wrong'))).status).toBe(401);
    expect((await post(world, '/oauth2/introspect', { token: 'x', client_id: app })).status).toBe(401);
    const stranger = await world.clients.register(OTHER, { ...client, authMethod: 'client_secret_basic' }, 'test');
    expect((await ask(answer.body['access_token'], basic(stranger.client.clientId, stranger.secret))).body).toEqual({ active: false });
    world.clock.advance(3600_000);
    expect((await ask(answer.body['access_token'])).body).toEqual({ active: false });
  });

  it('client secrets: by header or in the form as registered, rotated with a day of grace', async () => {
    const { client, secret } = await register(world, { authMethod: 'client_secret_basic' });
    const id = client.clientId;
    const tried = async (form: Record<string, string | undefined>, headers = {}) =>
      (await token(world, { grant_type: 'authorization_code', code: 'x', ...form }, headers)).body['error'];
    expect(await tried({}, basic(id, secret))).toBe('invalid_grant');
    expect(await tried({ client_id: id, client_secret: secret })).toBe('invalid_client');
    expect(await tried({ client_id: id })).toBe('invalid_client');
    expect(await tried({ client_id: app }, basic(id, secret))).toBe('invalid_client');
    expect(await tried({ client_secret: secret }, basic(id, secret))).toBe('invalid_request');
    const rotated = await world.clients.rotateSecret(DEMO, id);
    expect(await tried({}, basic(id, rotated.secret))).toBe('invalid_grant');
    world.clock.advance(24 * 3600_000 - 1);
    expect(await tried({}, basic(id, secret))).toBe('invalid_grant');
    world.clock.advance(1);
    expect(await tried({}, basic(id, secret))).toBe('invalid_client');
    const byPost = await register(world, { authMethod: 'client_secret_post' });
    expect(await tried({ client_id: byPost.client.clientId, client_secret: byPost.secret })).toBe('invalid_grant');
  });

  it('grants that a client isn’t registered for, or that there aren’t', async () => {
    expect((await token(world, { grant_type: 'client_credentials', client_id: app })).body['error']).toBe('unauthorized_client');
    expect((await token(world, { grant_type: 'password', client_id: app })).body['error']).toBe('unsupported_grant_type');
    expect((await token(world, { client_id: app })).body['error']).toBe('invalid_request');
  });

  describe('what is wrong with the form itself is told in the words of OAuth', () => {
    const FORM = 'application/x-www-form-urlencoded';
    const cases: readonly (readonly [string, string | undefined, string | Buffer, number])[] = [
      ['another media type', 'application/json', '{"grant_type":"refresh_token"}', 400],
      ['no media type', undefined, '', 400],
      ['a parameter twice', FORM, 'grant_type=refresh_token&grant_type=refresh_token', 400],
      ['a name of a prototype twice', FORM, '__proto__=1&__proto__=2', 400],
      ['a coding that it has not', FORM, 'a=b', 400],
      ['too large', FORM, `token=${'x'.repeat(1_100_000)}`, 413],
    ];
    it.each(['token', 'revoke', 'introspect'])('/oauth2/%s', async (path) => {
      for (const [what, type, body, status] of cases) {
        const sent = request(world.server).post(`/oauth2/${path}`);
        if (type !== undefined) void sent.set('Content-Type', type);
        if (what === 'a coding that it has not') void sent.set('Content-Encoding', 'zstd');
        const answer = (await (body === '' ? sent : sent.send(body))) as Answered;
        const { headers } = answer;
        expect([what, answer.status, headers['content-type'], headers['cache-control']]).toEqual([
          what,
          status,
          'application/json',
          'no-store',
        ]);
        const description = expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
        expect(answer.body).toEqual({ error: 'invalid_request', error_description: description });
        expect(world.api.trail.at(-1)).toMatchObject({
          what: `POST /oauth2/${path}`,
          outcome: 'refused',
          status,
          reason: 'invalid_request',
        });
      }
    });

    it('/oauth2/register', async () => {
      for (const [what, type, body, status] of [
        ['another media type', FORM, 'redirect_uris=x', 400],
        ['no JSON', 'application/json', '{"redirect_uris":', 400],
        ['a member twice', 'application/json', '{"scope":"a","scope":"b"}', 400],
        ['a wrong type', 'application/json', '{"redirect_uris":"https://a.example"}', 400],
        ['too large', 'application/json', `{"x":"${'x'.repeat(1_100_000)}"}`, 413],
      ] as const) {
        const answer = await request(world.server).post('/oauth2/register').set('Content-Type', type).send(body);
        const told = { error: 'invalid_client_metadata', error_description: expect.any(String) };
        expect([what, answer.status, answer.body]).toEqual([what, status, told]);
      }
    });
  });

  it('whoever asked, the trail names clinic, client and person', async () => {
    await tokensFor(world, DOCTOR, app);
    const last = world.api.trail.findLast((r) => r.what === 'POST /oauth2/token');
    expect(last).toMatchObject({
      category: 'token',
      outcome: 'success',
      clinic: 'demo',
      client: app,
      account: 'asha',
      patient: 'Patient/p1',
    });
    await token(world, { grant_type: 'refresh_token', client_id: app, refresh_token: 'x' });
    expect(world.api.trail.at(-1)).toMatchObject({ outcome: 'refused', reason: 'invalid_grant', client: app });
    expect(JSON.stringify(world.api.trail)).not.toMatch(/eyJ/);
  });
});

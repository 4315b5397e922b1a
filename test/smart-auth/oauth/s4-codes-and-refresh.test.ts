/** S4: PKCE left out or weakened, redirect URIs that aren't the app's, codes and refresh tokens used twice. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DEMO, DOCTOR, PATIENT } from '../people.ts';
import { pkce } from './pkce.ts';
import {
  agree,
  asked,
  authorize,
  CALLBACK,
  codeFor,
  get,
  locationOf,
  onEachWorld,
  redeem,
  register,
  token,
  tokensFor,
  type World,
  seen,
} from './set-up.ts';

const USERINFO = '/oauth2/userinfo';

onEachWorld('S4: codes and refresh tokens', (open) => {
  let world: World;
  let app: string;
  beforeEach(async () => {
    world = await open();
    app = (await register(world)).client.clientId;
  });
  afterEach(() => world.close());

  const refresh = (refreshToken: unknown, more: Record<string, string> = {}) =>
    token(world, { grant_type: 'refresh_token', client_id: app, refresh_token: String(refreshToken), ...more });

  it('a whole launch works: the app gets tokens, its patient, and they are good', async () => {
    const answer = await tokensFor(world, DOCTOR, app);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, patient: 'p1', need_patient_banner: true, tenant: 'demo' });
    expect((await get(world, USERINFO, answer.body['access_token'])).body['fhirUser']).toBe('http://nadi.test/fhir/R4/Practitioner/1');
  });

  it.each([
    ['no challenge', { code_challenge: undefined }],
    ['plain', { code_challenge_method: 'plain' }],
    ['no method, which would mean plain', { code_challenge_method: undefined }],
    ['a challenge that is no SHA-256', { code_challenge: 'short' }],
  ])('PKCE: %s', async (_name, more) => {
    const back = locationOf(await authorize(world, asked(app, pkce(), more)));
    expect(back.origin + back.pathname).toBe(CALLBACK);
    expect(back.searchParams.get('error')).toBe('invalid_request');
    expect(back.searchParams.get('state')).toBe('xyz');
  });

  it('PKCE: another verifier, none, or the challenge itself', async () => {
    for (const verifier of [pkce().verifier, '', 'challenge']) {
      const proof = pkce();
      const code = await codeFor(world, DOCTOR, app, proof);
      const sent = verifier === 'challenge' ? proof.challenge : verifier;
      const answer = await redeem(world, app, code, { ...proof, verifier: sent });
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_grant']);
      expect((await redeem(world, app, code, proof)).body['error']).toBe('invalid_grant');
    }
  });

  it.each([
    'https://app.example/callback/',
    'https://app.example/callback?x=1',
    'https://app.example/Callback',
    'https://app.example/callback#x',
    'https://app.example.evil.example/callback',
    'https://app.example@evil.example/callback',
    'https://app.example/callback/../evil',
    'javascript:alert(1)',
    '',
  ])('a redirect URI that isn’t the registered one is told to the person alone: %s', async (uri) => {
    const answer = await authorize(world, asked(app, pkce(), { redirect_uri: uri }));
    expect(answer.status).toBe(400);
    expect(answer.headers['location']).toBeUndefined();
  });

  it('no redirect URI, an unknown client, an app that doesn’t do this grant', async () => {
    expect((await authorize(world, asked(app, pkce(), { redirect_uri: undefined }))).status).toBe(400);
    expect((await authorize(world, asked('nobody', pkce()))).status).toBe(400);
    await world.clients.change((await register(world)).client.clinic, app, { ...(await register(world)).client }, false);
    expect((await authorize(world, asked(app, pkce()))).status).toBe(400);
  });

  it('a code is bound to its redirect URI and client, and lives a minute', async () => {
    const other = (await register(world)).client.clientId;
    const proof = pkce();
    expect(
      (await redeem(world, app, await codeFor(world, DOCTOR, app, proof), proof, { redirect_uri: 'https://app.example/x' })).status,
    ).toBe(400);
    const code = await codeFor(world, DOCTOR, app, proof);
    expect((await redeem(world, other, code, proof)).body['error']).toBe('invalid_grant');
    expect((await redeem(world, app, code, proof)).status).toBe(200);
    const late = await codeFor(world, DOCTOR, app, proof);
    world.clock.advance(60_001);
    expect((await redeem(world, app, late, proof)).body['error']).toBe('invalid_grant');
  });

  it('a code used twice ends whatever it gave', async () => {
    const proof = pkce();
    const code = await codeFor(world, DOCTOR, app, proof);
    const first = await redeem(world, app, code, proof);
    expect((await get(world, USERINFO, first.body['access_token'])).status).toBe(200);
    expect((await redeem(world, app, code, proof)).body['error']).toBe('invalid_grant');
    const tried = { outcome: 'refused', reason: 'invalid_grant', client: app, clinic: DEMO, account: DOCTOR.account };
    expect(world.api.trail.at(-1)).toMatchObject(tried);
    expect((await get(world, USERINFO, first.body['access_token'])).status).toBe(401);
    expect((await refresh(first.body['refresh_token'])).body['error']).toBe('invalid_grant');
  });

  it('of many who bring a code at once at most one gets tokens, and none keeps them', async () => {
    const proof = pkce();
    const code = await codeFor(world, DOCTOR, app, proof);
    const answers = await Promise.all(Array.from({ length: 6 }, async () => redeem(world, app, code, proof)));
    expect(answers.filter((a) => a.status === 200).length).toBeLessThanOrEqual(1);
    for (const { body } of answers.filter((a) => a.status === 200)) {
      expect((await get(world, USERINFO, body['access_token'])).status).toBe(401);
      expect((await refresh(body['refresh_token'])).status).toBe(400);
    }
  });

  it('a refresh token is good once; the next one goes on', async () => {
    const first = await tokensFor(world, DOCTOR, app);
    const second = await refresh(first.body['refresh_token']);
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({ patient: 'p1', scope: first.body['scope'] });
    expect((await refresh(second.body['refresh_token'])).status).toBe(200);
  });

  it('a spent refresh token ends the whole family', async () => {
    const first = await tokensFor(world, DOCTOR, app);
    const second = await refresh(first.body['refresh_token']);
    expect((await refresh(first.body['refresh_token'])).body['error']).toBe('invalid_grant');
    expect(world.api.trail.at(-1)).toMatchObject({ outcome: 'refused', clinic: DEMO, account: DOCTOR.account });
    expect((await refresh(second.body['refresh_token'])).body['error']).toBe('invalid_grant');
    expect((await get(world, USERINFO, second.body['access_token'])).status).toBe(401);
  });

  it('a refresh token of another app, or made up, is no good and ends nothing', async () => {
    const first = await tokensFor(world, DOCTOR, app);
    const other = (await register(world)).client.clientId;
    expect((await refresh(first.body['refresh_token'], { client_id: other })).body['error']).toBe('invalid_grant');
    expect((await refresh(`${String(first.body['refresh_token'])}x`)).body['error']).toBe('invalid_grant');
    expect((await refresh(first.body['refresh_token'])).status).toBe(200);
  });

  it('S1, S4: a refresh never widens: neither level nor letters nor type', async () => {
    const first = await tokensFor(world, DOCTOR, app, { scope: 'launch/patient patient/Observation.rs offline_access' });
    for (const scope of ['user/Observation.rs', 'patient/Observation.cruds', 'patient/*.rs', 'system/*.rs', 'openid']) {
      expect((await refresh(first.body['refresh_token'], { scope })).body['error']).toBe('invalid_scope');
    }
    const narrow = await refresh(first.body['refresh_token'], { scope: 'patient/Observation.r' });
    expect(narrow.body['scope']).toBe('patient/Observation.r');
    expect((await refresh(narrow.body['refresh_token'])).body['scope']).toBe(first.body['scope']);
  });

  it('a refresh gives no more than the app and the person may have today', async () => {
    const first = await tokensFor(world, DOCTOR, app);
    const { client } = await register(world);
    await world.clients.change(client.clinic, app, { ...client, scope: 'launch/patient patient/Observation.rs offline_access' }, true);
    expect((await get(world, USERINFO, first.body['access_token'])).status).toBe(401);
    world.clock.advance(10);
    const next = await refresh(first.body['refresh_token']);
    expect(next.body['scope']).toBe('launch/patient offline_access');
    await world.clients.remove(client.clinic, app);
    expect((await refresh(next.body['refresh_token'])).body['error']).toBe('invalid_client');
  });

  it('without offline_access or online_access there is no refresh token; online_access ends with the browser session', async () => {
    const none = await tokensFor(world, DOCTOR, app, { scope: 'launch/patient patient/*.rs' });
    expect(none.body['refresh_token']).toBeUndefined();
    const online = await tokensFor(world, DOCTOR, app, { scope: 'launch/patient patient/*.rs online_access' });
    expect(online.status).toBe(200);
    world.clock.advance(12 * 3600_000);
    expect((await refresh(online.body['refresh_token'])).body['error']).toBe('invalid_grant');
    const proof = pkce();
    const began = await authorize(world, asked(app, proof, { scope: 'launch/patient patient/*.rs online_access' }));
    const tx = locationOf(began).searchParams.get('tx') ?? '';
    const signedIn = await world.pages.signedIn(tx, seen(DOCTOR.account));
    const cookie = signedIn.ok ? signedIn.cookie.split(';', 1)[0] : '';
    const scopes = ['launch/patient', 'patient/*.rs', 'online_access'];
    const decided = await world.pages.decide(tx, cookie, { scopes, patient: 'p1' });
    const code = decided.ok ? new URL(decided.location).searchParams.get('code') : '';
    const held = await redeem(world, app, code ?? '', proof);
    const next = await refresh(held.body['refresh_token']);
    expect(next.status).toBe(200);
    expect(await world.pages.signOut(cookie)).toMatch(/^nadi=; .*Max-Age=0/);
    expect((await refresh(next.body['refresh_token'])).body['error']).toBe('invalid_grant');
    const offline = await tokensFor(world, DOCTOR, app);
    world.clock.advance(13 * 3600_000);
    expect((await refresh(offline.body['refresh_token'])).status).toBe(200);
  });

  it('who isn’t in the app’s clinic can’t agree; a decision counts once, in the browser where the person signed in', async () => {
    const tx = locationOf(await authorize(world, asked(app, pkce()))).searchParams.get('tx') ?? '';
    expect(await world.pages.signedIn(tx, seen('stranger'))).toEqual({ ok: false, reason: 'no-member' });
    const signedIn = await world.pages.signedIn(tx, seen(DOCTOR.account));
    if (!signedIn.ok) throw new Error(signedIn.reason);
    expect(signedIn.cookie).toMatch(/^nadi=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect((await world.pages.transactionOf(tx, 'nadi=other'))?.consent).toBeUndefined();
    expect(await world.pages.decide(tx, undefined, { scopes: ['openid'] })).toEqual({ ok: false, reason: 'not-signed-in' });
    const cookie = signedIn.cookie.split(';', 1)[0];
    const scopes = ['patient/*.rs', 'launch/patient'];
    expect(await world.pages.decide(tx, cookie, { scopes })).toEqual({ ok: false, reason: 'patient-needed' });
    expect(await world.pages.decide(tx, cookie, { scopes, patient: 'hidden' })).toEqual({ ok: false, reason: 'no-such-patient' });
    expect((await world.pages.decide(tx, cookie, { scopes, patient: 'p1' })).ok).toBe(true);
    expect(await world.pages.decide(tx, cookie, { scopes, patient: 'p1' })).toEqual({ ok: false, reason: 'ended' });
  });

  it('a patient who was picked counts where a scope asks for one, and nowhere else', async () => {
    const proof = pkce();
    const begun = await authorize(world, asked(app, proof, { scope: 'openid user/*.rs' }));
    const back = await agree(world, DOCTOR, begun, { patient: 'p1' });
    const { status, body } = await redeem(world, app, back.searchParams.get('code') ?? '', proof);
    expect([status, body['scope'], body['patient']]).toEqual([200, 'openid user/*.rs', undefined]);
    expect((await tokensFor(world, DOCTOR, app, { scope: 'launch/patient user/*.rs' })).body['patient']).toBe('p1');
  });

  it('scopes that were taken away, or never offered, aren’t granted; none at all is a refusal', async () => {
    const proof = pkce();
    const back = await agree(world, DOCTOR, await authorize(world, asked(app, proof)), {
      scopes: ['openid', 'user/*.cruds', 'system/*.cruds'],
    });
    const answer = await redeem(world, app, back.searchParams.get('code') ?? '', proof);
    expect(answer.body['scope']).toBe('openid');
    expect(answer.body['patient']).toBeUndefined();
    const refused = await agree(world, DOCTOR, await authorize(world, asked(app, proof)), { scopes: [] });
    expect(refused.searchParams.get('error')).toBe('access_denied');
    expect(refused.searchParams.get('state')).toBe('xyz');
  });

  it('a patient’s patient is the patient', async () => {
    const answer = await tokensFor(world, PATIENT, app);
    expect(answer.body['patient']).toBe('9');
    const proof = pkce();
    const back = await agree(world, PATIENT, await authorize(world, asked(app, proof)), { patient: 'p1' });
    expect((await redeem(world, app, back.searchParams.get('code') ?? '', proof)).body['patient']).toBe('9');
  });

  it('a person sees the apps they allowed, and takes it back', async () => {
    const answer = await tokensFor(world, PATIENT, app);
    const other = await tokensFor(world, DOCTOR, app);
    const mine = await world.oauth.issuer.issue(
      {
        sub: 'meera',
        kind: 'person',
        clinic: PATIENT.clinic,
        clientId: 'nadi',
        scope: 'patient/*.cruds',
        sid: 's',
        role: 'PATIENT',
        fhirUser: 'Patient/9',
      },
      900,
    );
    const list = await get(world, '/auth/apps', mine.token);
    expect(list.body['data']).toMatchObject([{ clientId: app, name: 'Growth chart', scope: answer.body['scope'] }]);
    const { default: request } = await import('supertest');
    await request(world.server).delete(`/auth/apps/${app}`).set('Authorization', `Bearer ${mine.token}`).expect(204);
    expect((await get(world, '/auth/apps', mine.token)).body['data']).toEqual([]);
    expect((await get(world, USERINFO, answer.body['access_token'])).status).toBe(401);
    expect((await refresh(answer.body['refresh_token'])).body['error']).toBe('invalid_grant');
    expect((await get(world, USERINFO, other.body['access_token'])).status).toBe(200);
  });
});

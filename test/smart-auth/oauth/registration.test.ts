/** S5, S6: apps that register themselves: https://www.rfc-editor.org/rfc/rfc7591 */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import request from 'supertest';
import { pkce } from './pkce.ts';
import { asked, authorize, locationOf, onEachWorld, type World } from './set-up.ts';

onEachWorld('S5: registration', (open) => {
  let world: World;
  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.close());

  it('dynamic registration: where the clinic allows it, and never for what acts without a person', async () => {
    const ask = (body: object, clinic = '') => request(world.server).post(`/oauth2/register${clinic}`).send(body);
    const wish = {
      client_name: 'App',
      redirect_uris: ['https://a.example/cb'],
      token_endpoint_auth_method: 'none',
      software_statement: 'x',
    };
    const { body } = (await ask({ ...wish, scope: 'openid launch/patient patient/*.rs' }).expect(201)) as {
      body: { client_id: string; scope: string };
    };
    expect(body.scope).toBe('openid launch/patient patient/*.rs');
    const began = await authorize(world, asked(body.client_id, pkce(), { redirect_uri: 'https://a.example/cb' }));
    expect(locationOf(began).pathname).toBe('/oauth2/login');
    expect((await ask({ ...wish, token_endpoint_auth_method: 'client_secret_basic' })).body).toHaveProperty('client_secret');
    const closed = await ask(wish, '?clinic=other').expect(403);
    const nowhere = await ask(wish, '?clinic=nowhere').expect(403);
    expect(nowhere.body).toEqual(closed.body);
    for (const redirect of [
      'http://a.example/cb',
      'https://a.example/cb#x',
      'javascript:alert(1)',
      'data:text/html,x',
      'https://*.a.example/cb',
      'myapp:/cb',
    ]) {
      expect((await ask({ ...wish, redirect_uris: [redirect] }).expect(400)).body).toMatchObject({ error: 'invalid_redirect_uri' });
    }
    for (const redirect of ['http://127.0.0.1:4000/cb', 'com.example.app:/cb'])
      await ask({ ...wish, redirect_uris: [redirect] }).expect(201);
    for (const more of [
      { scope: 'system/*.rs' },
      { grant_types: ['client_credentials'] },
      { response_types: ['token'] },
      { token_endpoint_auth_method: 'x' },
    ]) {
      expect((await ask({ ...wish, ...more }).expect(400)).body).toMatchObject({ error: 'invalid_client_metadata' });
    }
  });

  it('S6: one address registers so many apps in a quarter of an hour; another one, and later, is free', async () => {
    const from = (address: string) =>
      request(world.server)
        .post('/oauth2/register')
        .set('X-Test-Address', address)
        .send({ redirect_uris: ['https://a.example/cb'], token_endpoint_auth_method: 'none' });
    for (let i = 0; i < 20; i += 1) await from('203.0.113.9').expect(201);
    const refused = await from('203.0.113.9').expect(429);
    expect(refused.body).toMatchObject({ error: 'temporarily_unavailable' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await from('203.0.113.10').expect(201);
    world.clock.advance(15 * 60_000);
    await from('203.0.113.9').expect(201);
  });
});

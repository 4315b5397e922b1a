import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';
import request from 'supertest';
import type { ApiIdentity } from '../../../src/api/route.ts';
import { addPerson, DEMO, DOCTOR } from '../people.ts';
import { basic, onEachWorld, register, token, tokensFor, type World } from '../oauth/set-up.ts';
import { ISSUER } from '../tokens/set-up.ts';

const ADMIN = { account: 'admin', role: 'CLINIC_ADMIN', fhirUser: 'Practitioner/5', clinic: DEMO } as const;

onEachWorld('apps of a clinic', (open) => {
  let world: World;
  let admin: string;
  beforeEach(async () => {
    world = await open();
    await addPerson(world.records, ADMIN);
    const claims = { sub: 'admin', kind: 'person', clinic: DEMO, clientId: 'nadi', scope: 'user/*.cruds', sid: 'a' } as const;
    admin = (await world.oauth.issuer.issue({ ...claims, role: ADMIN.role, fhirUser: ADMIN.fhirUser }, 900)).token;
  });
  afterEach(() => world.close());

  type Method = 'get' | 'post' | 'put' | 'delete';
  const ask = (method: Method, path: string, body?: object) =>
    request(world.server)[method](`/clinics/demo/apps${path}`).set('Authorization', `Bearer ${admin}`).send(body);
  const NEW = {
    name: 'Lab portal',
    authMethod: 'client_secret_basic',
    redirectUris: ['https://lab.example/cb'],
    grantTypes: ['authorization_code'],
    scope: 'openid patient/*.rs launch/patient',
  };
  interface App {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly origins: readonly string[];
    readonly active: boolean;
  }

  it('are registered with a secret that is shown once, read, changed, and removed', async () => {
    const { body: app } = (await ask('post', '', NEW).expect(201)) as { body: App };
    expect(app).toMatchObject({ ...NEW, origins: ['https://lab.example'], active: true, registeredBy: 'admin' });
    const { body: read } = (await ask('get', `/${app.clientId}`).expect(200)) as { body: App };
    expect(read.clientSecret).toBeUndefined();
    expect(JSON.stringify(read)).not.toContain(app.clientSecret);
    const tried = async (): Promise<unknown> =>
      (await token(world, { grant_type: 'authorization_code', code: 'x' }, basic(app.clientId, app.clientSecret))).body['error'];
    expect(await tried()).toBe('invalid_grant');
    await ask('put', `/${app.clientId}`, { ...NEW, active: false }).expect(200);
    expect(await tried()).toBe('invalid_client');
    await ask('delete', `/${app.clientId}`).expect(204);
    await ask('get', `/${app.clientId}`).expect(404);
  });

  it('a new secret is given; the audit trail names the app and no secret', async () => {
    const { body: app } = (await ask('post', '', NEW).expect(201)) as { body: App };
    const { body: rotated } = (await ask('post', `/${app.clientId}/rotate-secret`).expect(200)) as { body: App };
    expect(rotated.clientSecret).not.toBe(app.clientSecret);
    expect(world.api.trail.at(-1)).toMatchObject({ category: 'configuration', target: app.clientId, account: 'admin' });
    expect(JSON.stringify(world.api.trail)).not.toContain(rotated.clientSecret);
    const { client } = await register(world);
    await ask('post', `/${client.clientId}/rotate-secret`).expect(422);
  });

  it('are listed a page at a time, those of other clinics nowhere', async () => {
    for (let i = 0; i < 3; i += 1) await register(world);
    const first = (await ask('get', '?limit=2').expect(200)) as { body: { data: App[]; page: { next: string } } };
    const second = (await ask('get', `?limit=2&cursor=${first.body.page.next}`).expect(200)) as typeof first;
    expect([first.body.data.length, second.body.data.length, second.body.page.next]).toEqual([2, 1, undefined]);
    await request(world.server).get('/clinics/other/apps').set('Authorization', `Bearer ${admin}`).expect(404);
  });

  it.each([
    ['a redirect URI over http', { redirectUris: ['http://lab.example/cb'] }, '/redirectUris/0'],
    ['no redirect URI', { redirectUris: [] }, '/redirectUris'],
    ['credentials by secret for a system', { grantTypes: ['client_credentials'] }, '/grantTypes'],
    ['system scopes for an app of persons', { scope: 'system/*.rs' }, '/scope'],
    ['signed assertions without keys', { authMethod: 'private_key_jwt' }, '/jwks'],
    ['a private key', { authMethod: 'private_key_jwt', jwks: { keys: [{ kty: 'RSA', kid: '1', d: 'x' }] } }, '/jwks/keys/0'],
    ['a shared secret as key', { authMethod: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', kid: '1', k: 'x' }] } }, '/jwks/keys/0'],
    ['an origin with a path', { origins: ['https://lab.example/x'] }, '/origins/0'],
    ['an unknown field', { trusted: true }, '/trusted'],
  ])('%s is refused, with its place', async (_name, more, pointer) => {
    const { body } = (await ask('post', '', { ...NEW, ...more }).expect(400)) as { body: { errors: readonly { pointer: string }[] } };
    expect(body.errors.map((e) => e.pointer)).toContain(pointer);
  });

  it('what an app holds ends with it, and when it is changed', async () => {
    const { client } = await register(world);
    const answer = await tokensFor(world, DOCTOR, client.clientId);
    const works = async (): Promise<ApiIdentity> =>
      world.oauth.identify({ authorization: `Bearer ${String(answer.body['access_token'])}` });
    expect((await works()).principal.client).toBe(client.clientId);
    await ask('delete', `/${client.clientId}`).expect(204);
    await expect(works()).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('N1: keys at an address inside are not fetched, and the answer doesn’t tell what is there', async () => {
    let arrived = 0;
    const inside = createServer((_request, response) => {
      arrived += 1;
      response.end('{"keys":[]}');
    });
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
    const { port } = inside.address() as AddressInfo;
    const { privateKey } = await generateKeyPair('ES384');
    for (const jwksUri of [`http://127.0.0.1:${port}/jwks`, `http://localhost:${port}/jwks`, 'https://169.254.169.254/latest']) {
      const { client } = await register(world, {
        authMethod: 'private_key_jwt',
        redirectUris: [],
        grantTypes: ['client_credentials'],
        scope: 'system/*.rs',
        jwksUri,
      });
      const assertion = await new SignJWT({ jti: 'j' })
        .setProtectedHeader({ alg: 'ES384', kid: 'k' })
        .setIssuer(client.clientId)
        .setSubject(client.clientId)
        .setAudience(`${ISSUER}/oauth2/token`)
        .setExpirationTime('1m')
        .sign(privateKey);
      const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      const answer = await token(world, { grant_type: 'client_credentials', client_assertion_type: type, client_assertion: assertion });
      expect(answer.body).toEqual({ error: 'invalid_client', error_description: 'the key set of the client cannot be fetched' });
    }
    expect(arrived).toBe(0);
    await new Promise((resolve) => inside.close(resolve));
  });
});

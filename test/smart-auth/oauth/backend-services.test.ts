/** S5: SMART Backend Services: https://hl7.org/fhir/smart-app-launch/backend-services.html */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { Outbound } from '../../../src/platform/outbound.ts';
import { ISSUER } from '../tokens/set-up.ts';
import { onEachWorld, register, token, type Answered, type World } from './set-up.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** Where a text or a number stands in every other assertion. */
const ODD = [{}, [], { $gt: '' }, null, true, ''];
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const served: { keys: JWK[] } = { keys: [] };
const outbound: Outbound = async () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(served)) });

onEachWorld('S5: backend services', (open) => {
  let world: World;
  beforeEach(async () => {
    world = await open({ outbound });
  });
  afterEach(() => world.close());

  it.each(['ES384', 'RS384'])('backend services by %s: signed assertions, each good once', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg };
    const { client } = await register(world, {
      authMethod: 'private_key_jwt',
      redirectUris: [],
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      jwks: { keys: [jwk] },
    });
    const sign = (claims: object = {}, header: object = {}, key: CryptoKey = privateKey) => {
      const now = Math.floor(world.clock.now() / 1000);
      const payload = {
        iss: client.clientId,
        sub: client.clientId,
        aud: `${ISSUER}/oauth2/token`,
        jti: `${Math.random()}`,
        exp: now + 300,
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ alg, kid: 'k1', ...header }).sign(key);
    };
    const ask = (assertion: string, more: Record<string, string> = {}) =>
      token(world, {
        grant_type: 'client_credentials',
        scope: 'system/*.rs',
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: assertion,
        ...more,
      });
    const good = await sign();
    const answer = await ask(good);
    expect(answer.body).toMatchObject({ expires_in: 300, scope: 'system/*.rs' });
    expect(answer.body['refresh_token']).toBeUndefined();
    expect((await ask(good)).body['error_description']).toBe('the assertion was used before');
    const now = Math.floor(world.clock.now() / 1000);
    const stranger = (await generateKeyPair(alg, { extractable: true })).privateKey;
    const bad = [
      sign({ exp: now + 400 }),
      sign({ exp: now - 60 }),
      sign({ aud: 'https://evil.example/token' }),
      sign({ iss: 'nobody' }),
      sign({ sub: 'somebody-else' }),
      sign({ jti: undefined }),
      sign({}, { kid: 'k2' }),
      sign({}, { kid: undefined }),
      ...ODD.flatMap((odd) => ['iss', 'sub', 'aud', 'jti', 'exp', 'nbf', 'iat'].map((claim) => sign({ [claim]: odd }))),
      ...ODD.map((kid) => sign({}, { kid })),
      sign({}, { jku: 'https://evil.example/jwks.json' }),
      sign({}, {}, stranger),
    ];
    for (const assertion of bad) {
      const { status, body } = await ask(await assertion);
      expect([status, body['error']]).toEqual([401, 'invalid_client']);
    }
    for (const parts of [
      ['x'],
      ['x', 'y', 'z'],
      [b64([]), b64([]), ''],
      [b64(null), b64(7), ''],
      [b64({ alg, kid: 'k1' }), b64({ iss: {} }), ''],
    ])
      expect((await ask(parts.join('.'))).body['error']).toBe('invalid_client');
    expect((await ask(await sign(), { client_assertion_type: 'x' })).body['error']).toBe('invalid_request');
    expect((await ask(await sign(), { scope: 'user/*.rs' })).body['error']).toBe('invalid_scope');
    expect((await ask(await sign(), { scope: 'system/*.cruds' })).body['error']).toBe('invalid_scope');
  });

  it('keys by jwks_uri are fetched anew, so that a client may rotate them', async () => {
    const uri = 'https://backend.example/jwks.json';
    const { client } = await register(world, {
      authMethod: 'private_key_jwt',
      redirectUris: [],
      grantTypes: ['client_credentials'],
      scope: 'system/*.rs',
      jwksUri: uri,
    });
    const ask = async (kid: string, key: CryptoKey): Promise<Answered> => {
      const assertion = await new SignJWT({ jti: `${kid} ${Math.random()}` })
        .setProtectedHeader({ alg: 'ES384', kid, jku: uri })
        .setIssuer(client.clientId)
        .setSubject(client.clientId)
        .setAudience(`${ISSUER}/oauth2/token`)
        .setExpirationTime(Math.floor(world.clock.now() / 1000) + 60)
        .sign(key);
      return token(world, { grant_type: 'client_credentials', client_assertion_type: ASSERTION_TYPE, client_assertion: assertion });
    };
    // What a stranger publishes is tried, and is no key.
    const strange = [{ kty: 'EC', crv: 'P-384', x: {}, y: 7 }, { kty: 'RSA', n: 'AQAB', e: 5 }, { kty: 'oct', k: 'AAAA' }, {}];
    served.keys = strange.map((key) => ({ ...key, kid: 'a' })) as JWK[];
    const { privateKey } = await generateKeyPair('ES384');
    expect((await ask('a', privateKey)).body).toMatchObject({ error: 'invalid_client' });
    for (const kid of ['a', 'b']) {
      // No sooner is it looked at again.
      world.clock.advance(60_000);
      const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
      served.keys = [{ ...(await exportJWK(publicKey)), kid }];
      expect((await ask(kid, privateKey)).body).toMatchObject({ scope: 'system/*.rs' });
    }
  });
});

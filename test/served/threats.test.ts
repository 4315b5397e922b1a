/**
 * S1 to S6 and N1 to N4 of the attacks, over the whole server: each with its allowed twin (S1, S2 are in scopes.ts, N2 to N4
 * in inert.ts). What one part decides alone is shown there on both stores, clause by clause (tokens/s3-tokens, oauth/s4-codes-and-refresh, oauth/s5-smart, sign-in,
 * platform/outbound, http/bad-input); here is that the whole keeps to it.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { availableStores } from '../../tools/running-server.ts';
import { allow, authorizeUrl, CALLBACK, codeFor, proof, redeem, registerApp, tokensFor, type App } from './app.ts';
import type { Told } from './ask.ts';
import { endingTests } from './endings.ts';
import { inertTests } from './inert.ts';
import { scopeTests } from './scopes.ts';
import { openServedWorld, type Person, type ServedWorld } from './world.ts';

const FHIR = '/fhir/R4';
/** A name that the server may call; the address that it stands for is as far away as ever. */
const ALLOWED_HOST = 'localhost';

describe.each(availableStores())('attacks on %s', (store) => {
  let world: ServedWorld;
  let system: string;
  let doctor: Person;
  let patient: Person;
  let app: App;
  beforeAll(async () => {
    world = await openServedWorld(store, { OUTBOUND_ALLOW: ALLOWED_HOST });
    system = await world.systemToken();
    doctor = world.person('demo', 'DOCTOR');
    patient = world.person('demo', 'PATIENT');
    app = await registerApp(world);
    const about = { status: 'final', code: { text: 'x' }, subject: { reference: patient.fhirUser } };
    for (const [id, code] of [
      ['vital', 'vital-signs'],
      ['social', 'social-history'],
    ]) {
      const category = [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] }];
      await keep(`Observation/${id}`, { ...about, category });
    }
  }, 60_000);
  afterAll(() => world.close());

  const fhir = (path: string, token: unknown): Promise<Told> => world.ask(`${FHIR}/${path}`, { token: String(token) });
  async function keep(key: string, resource: object): Promise<void> {
    const [resourceType, id] = key.split('/');
    const { status, text } = await world.ask(`${FHIR}/${key}`, { token: system, method: 'PUT', fhir: { resourceType, id, ...resource } });
    if (status !== 201) throw new Error(text);
  }

  scopeTests(() => ({ world, system }));
  endingTests(() => ({ world }));
  inertTests(() => ({ world, system, patient, app, keep }));

  describe('S3: forged, stale and revoked tokens are 401 on every surface', () => {
    const SURFACES = ['/fhir/R4/Patient', '/auth/me', '/oauth2/userinfo'];
    const statuses = async (token: string): Promise<number[]> =>
      Promise.all(SURFACES.map(async (path) => (await world.ask(path, { token })).status));
    const parts = (token: string): [string, string, string] => token.split('.') as [string, string, string];
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const header = (token: string): object => JSON.parse(Buffer.from(parts(token)[0], 'base64url').toString()) as object;

    it('the token as it was given is let in', async () => expect(await statuses(doctor.token)).toEqual([200, 200, 200]));

    it.each(['alg none', 'HS256 by the public key', 'kid traversal', 'jku', 'another clinic', 'no signature', 'not a token'])(
      '%s',
      async (attack) => {
        const [, claims, signature] = parts(doctor.token);
        const jwks = await world.ask('/.well-known/jwks.json');
        const forged = (more: object, sign: (text: string) => string = () => signature): string => {
          const text = `${encode({ ...header(doctor.token), ...more })}.${claims}`;
          return `${text}.${sign(text)}`;
        };
        const elsewhere = encode({ ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object), clinic: 'second' });
        const tokens: Readonly<Record<string, string>> = {
          'alg none': forged({ alg: 'none' }, () => ''),
          'HS256 by the public key': forged({ alg: 'HS256' }, (text) => createHmac('sha256', jwks.text).update(text).digest('base64url')),
          'kid traversal': forged({ kid: '../../../../dev/null' }),
          jku: forged({ jku: 'http://127.0.0.1:9/jwks' }),
          'another clinic': `${parts(doctor.token)[0]}.${elsewhere}.${signature}`,
          'no signature': `${parts(doctor.token)[0]}.${claims}.`,
          'not a token': 'x'.repeat(5000),
        };
        expect(await statuses(tokens[attack] ?? '')).toEqual([401, 401, 401]);
      },
    );

    it('a token whose session was ended', async () => {
      const { body } = await world.signIn(doctor);
      expect(await statuses(String(body['accessToken']))).toEqual([200, 200, 200]);
      await world.ask('/auth/logout', { json: { refreshToken: body['refreshToken'] } });
      expect(await statuses(String(body['accessToken']))).toEqual([401, 401, 401]);
      expect(await statuses(doctor.token)).toEqual([200, 200, 200]);
    });
  });

  describe('S4: codes and refresh tokens', () => {
    it.each([
      ['PKCE plain', { code_challenge_method: 'plain' }],
      ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }],
    ])('%s is refused', async (_name, more) => {
      const back = await allow(world, patient, authorizeUrl(world, app, proof(), more));
      expect([back.searchParams.get('error'), back.searchParams.get('code')]).toEqual(['invalid_request', null]);
    });

    it('a redirect URI that is not the app’s is not gone to', async () => {
      for (const redirect_uri of [
        'https://evil.example/',
        `${CALLBACK}/../x`,
        `${CALLBACK}?x`,
        'https://app.example.evil.example/callback',
      ]) {
        const { status, headers } = await world.ask(authorizeUrl(world, app, proof(), { redirect_uri }));
        expect([status, headers.get('location')]).toEqual([400, null]);
      }
    });

    it('a code used again ends what it gave, another verifier gets nothing', async () => {
      const shown = proof();
      const code = await codeFor(world, patient, app, shown);
      const { body } = await redeem(world, app, code, shown);
      expect((await fhir(patient.fhirUser, body['access_token'])).status).toBe(200);
      expect((await redeem(world, app, code, shown)).body['error']).toBe('invalid_grant');
      expect((await fhir(patient.fhirUser, body['access_token'])).status).toBe(401);
      const other = await codeFor(world, patient, app, shown);
      expect((await redeem(world, app, other, proof())).body['error']).toBe('invalid_grant');
    });

    it('a refresh token used again ends the family', async () => {
      const first = await tokensFor(world, patient, app, 'offline_access patient/*.rs');
      const refresh = (token: unknown): Promise<Told> =>
        world.ask('/oauth2/token', {
          form: { grant_type: 'refresh_token', client_id: app.clientId, refresh_token: String(token) },
        });
      const second = await refresh(first['refresh_token']);
      expect((await fhir(patient.fhirUser, second.body['access_token'])).status).toBe(200);
      expect((await refresh(first['refresh_token'])).body['error']).toBe('invalid_grant');
      expect((await fhir(patient.fhirUser, second.body['access_token'])).status).toBe(401);
      expect((await refresh(second.body['refresh_token'])).body['error']).toBe('invalid_grant');
    });
  });

  describe('S5: as Inferno’s (g)(10) suite asks', () => {
    it('another aud is refused', async () => {
      const back = await allow(world, patient, authorizeUrl(world, app, proof(), { aud: 'https://evil.example/fhir' }));
      expect(back.searchParams.get('error')).toBe('invalid_request');
    });

    it('limited scopes show what they name and nothing else', async () => {
      const { access_token: token } = await tokensFor(world, patient, app, 'patient/Patient.rs');
      expect((await fhir(patient.fhirUser, token)).status).toBe(200);
      expect((await fhir('Observation/vital', token)).status).toBe(404);
      expect((await fhir('Observation', token)).body).not.toHaveProperty('entry');
    });

    it('granular scopes show what meets them', async () => {
      const category = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';
      const { access_token: token } = await tokensFor(world, patient, app, `patient/Patient.r patient/Observation.rs?category=${category}`);
      expect((await fhir('Observation/vital', token)).status).toBe(200);
      expect((await fhir('Observation/social', token)).status).toBe(404);
      expect((await fhir('Observation', token)).text).not.toContain('Observation/social');
    });

    it('revocation ends a grant, introspection says so', async () => {
      const confidential = await registerApp(world, { authMethod: 'client_secret_basic' });
      const basic = Buffer.from(`${confidential.clientId}:${confidential.secret}`).toString('base64');
      const headers = { authorization: `Basic ${basic}` };
      const about = (path: string, token: string): Promise<Told> => world.ask(path, { form: { token }, headers });
      const { access_token: token } = await tokensFor(world, patient, app, 'patient/Patient.rs');
      expect((await about('/oauth2/introspect', String(token))).body).toMatchObject({
        active: true,
        patient: patient.fhirUser.split('/')[1],
      });
      await about('/oauth2/revoke', String(token));
      expect((await fhir(patient.fhirUser, token)).status).toBe(200);
      await world.ask('/oauth2/revoke', { form: { token: String(token), client_id: app.clientId } });
      expect((await fhir(patient.fhirUser, token)).status).toBe(401);
      expect((await about('/oauth2/introspect', String(token))).body).toEqual({ active: false });
    });

    it('S2: an app gets nothing of the account of its person, nor may it act as one who may', async () => {
      const { access_token: token } = await tokensFor(world, patient, app, 'openid fhirUser patient/Patient.rs');
      const asApp = (path: string, method = 'GET', json?: object): Promise<Told> =>
        world.ask(path, { method, token: String(token), ...(json === undefined ? {} : { json }) });
      expect((await asApp('/oauth2/userinfo')).status).toBe(200);
      expect((await asApp('/auth/me')).status).toBe(403);
      expect((await asApp('/auth/sessions')).status).toBe(403);
      expect((await asApp('/auth/sessions/x', 'DELETE')).status).toBe(403);
      expect((await asApp(`/auth/apps/${app.clientId}`, 'DELETE')).status).toBe(403);
      expect((await asApp('/auth/me', 'PUT', { name: 'Someone else' })).status).toBe(403);
      expect((await world.ask('/auth/me', { token: patient.token })).status).toBe(200);
    });
  });

  describe('N1: addresses that outsiders name', () => {
    let inside: Server;
    let arrived = 0;
    let port = 0;
    let key: CryptoKey;
    let jwk: object;
    beforeAll(async () => {
      const pair = await generateKeyPair('ES384');
      key = pair.privateKey;
      jwk = { ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES384' };
      inside = createServer((_request, response) => {
        arrived += 1;
        response.end(JSON.stringify({ keys: [jwk] }));
      });
      await new Promise<void>((resolve) => inside.listen(0, resolve));
      port = (inside.address() as AddressInfo).port;
    });
    afterAll(() => new Promise((resolve) => inside.close(resolve)));

    const BACKEND = { authMethod: 'private_key_jwt', redirectUris: [], grantTypes: ['client_credentials'], scope: 'system/*.rs' };
    async function signedIn(more: object): Promise<Told> {
      const { clientId } = await registerApp(world, { ...BACKEND, ...more });
      const assertion = await new SignJWT({ jti: clientId })
        .setProtectedHeader({ alg: 'ES384', kid: 'k' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(`${world.url}/oauth2/token`)
        .setExpirationTime('1m')
        .sign(key);
      const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      const form = { grant_type: 'client_credentials', scope: 'system/*.rs', client_assertion_type: type, client_assertion: assertion };
      return world.ask('/oauth2/token', { form });
    }

    it.each([
      'http://127.0.0.1:PORT/jwks',
      'http://[::1]:PORT/jwks',
      'https://127.0.0.1:PORT/jwks',
      'https://[::ffff:127.0.0.1]:PORT/jwks',
      'https://169.254.169.254/latest/meta-data',
      'https://127.0.0.1.evil.invalid/jwks',
    ])('keys at %s are not fetched', async (uri) => {
      const told = await signedIn({ jwksUri: uri.replace('PORT', String(port)) });
      expect([told.status, told.body['error'], told.body['error_description']]).toEqual([
        401,
        'invalid_client',
        'the key set of the client cannot be fetched',
      ]);
      expect(arrived).toBe(0);
    });

    it('the same keys are taken where they are registered with the client', async () => {
      expect((await signedIn({ jwks: { keys: [jwk] } })).status).toBe(200);
      expect(arrived).toBe(0);
    });

    it('nothing else that is kept is called: attachments, logos, endpoints of subscriptions', async () => {
      const url = `http://127.0.0.1:${port}/`;
      const kept: readonly (readonly [string, object])[] = [
        ['DocumentReference/outside', { status: 'current', content: [{ attachment: { url } }] }],
        ['Subscription/outside', { status: 'requested', reason: 'x', criteria: 'Patient', channel: { type: 'rest-hook', endpoint: url } }],
        ['Endpoint/outside', { status: 'active', connectionType: { code: 'x' }, payloadType: [{ text: 'x' }], address: url }],
        ['Patient/outside', { photo: [{ url }] }],
      ];
      for (const [key, resource] of kept) await keep(key, resource);
      await registerApp(world, { logoUri: url, launchUrl: url });
      expect((await fhir('DocumentReference/outside', system)).status).toBe(200);
      expect(arrived).toBe(0);
    });

    it.each(['$import', '$graphql', 'ValueSet/$expand', 'CodeSystem/$lookup', 'ImplementationGuide/$install', '$export'])(
      '%s is not there yet, and answers as what is unknown',
      async (operation) => {
        const { status } = await world.ask(`${FHIR}/${operation}?url=http://127.0.0.1:${port}/`, { token: system });
        expect(status).toBe(404);
        expect(arrived).toBe(0);
      },
    );

    it('and the same keys are fetched from where the server may call', async () => {
      expect((await signedIn({ jwksUri: `http://${ALLOWED_HOST}:${port}/jwks` })).status).toBe(200);
      expect(arrived).toBe(1);
    });
  });

  describe('S6: guessing', () => {
    it('locks the account that is guessed at, with Retry-After; others get in', async () => {
      const nurse = world.person('demo', 'NURSE');
      const guess = (email: string): Promise<Told> => world.ask('/auth/login', { json: { email, password: 'wrong horse battery' } });
      const statuses = [];
      for (let i = 0; i < 7; i += 1) statuses.push((await guess(nurse.email)).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 423, 423]);
      expect((await world.signIn(nurse)).headers.get('retry-after')).toMatch(/^\d+$/);
      expect((await world.signIn(doctor)).status).toBe(200);
      expect((await fhir('Patient', nurse.token)).status).toBe(200);
    });
  });
});

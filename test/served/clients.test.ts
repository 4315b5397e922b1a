/** Clients that others wrote, with their own ways to sign in, on the whole server: what they get through with is what our documents say. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientStorage, MedplumClient, MemoryStorage } from '@medplum/core';
import { Client as FhirKitClient } from 'fhir-kit-client';
import { createRemoteJWKSet, decodeProtectedHeader, exportJWK, generateKeyPair, jwtVerify, SignJWT, type CryptoKey } from 'jose';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as openid from 'openid-client';
import { availableStores } from '../../tools/running-server.ts';
import { allow, CALLBACK, codeFor, proof, redeem, registerApp, type App } from './app.ts';
import { openServedWorld, type Person, type ServedWorld } from './world.ts';

const MEERA = { resourceType: 'Patient', id: 'meera', name: [{ family: 'Joshi', given: ['Meera'] }], birthDate: '1991-08-15' } as const;
const SCOPE = 'openid fhirUser offline_access user/Patient.cruds user/Observation.cruds';

describe.each(availableStores())('on %s', (store) => {
  let world: ServedWorld;
  let doctor: Person;
  let base: string;
  beforeAll(async () => {
    world = await openServedWorld(store, {}, ['DOCTOR']);
    doctor = world.person('demo', 'DOCTOR');
    base = `${world.url}/fhir/R4`;
    const token = await world.systemToken();
    expect((await world.ask('/fhir/R4/Patient/meera', { method: 'PUT', token, fhir: MEERA })).status).toBe(201);
  }, 60_000);
  afterAll(() => world.close());

  /** With a key pair of its own. */
  async function system(): Promise<{ readonly app: App; readonly key: CryptoKey }> {
    const { publicKey, privateKey } = await generateKeyPair('ES384', { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k-1' }] };
    const asked = { authMethod: 'private_key_jwt', redirectUris: [], grantTypes: ['client_credentials'], scope: 'system/Patient.rs', jwks };
    return { app: await registerApp(world, asked), key: privateKey };
  }

  async function discovered(id: string, auth: openid.ClientAuth): Promise<openid.Configuration> {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its authors mark it so to stand out; this server is on the loopback interface
    return openid.discovery(new URL(world.url), id, undefined, auth, { execute: [openid.allowInsecureRequests] });
  }

  describe('MedplumClient', () => {
    const medplum = (more: object = {}): MedplumClient =>
      new MedplumClient({ baseUrl: world.url, fhirUrlPath: 'fhir/R4', tokenUrl: `${world.url}/oauth2/token`, ...more });

    it('signs in by a client’s secret; creates, reads, updates, patches, searches and deletes', async () => {
      const client = medplum({ authCredentialsMethod: 'header' });
      await client.startClientLogin(world.environment['BOOTSTRAP_CLIENT_ID'] ?? '', world.environment['BOOTSTRAP_CLIENT_SECRET'] ?? '');
      const made = await client.createResource({ resourceType: 'Patient', name: [{ family: 'Medplum' }], gender: 'female' });
      const changed = await client.updateResource({ ...made, birthDate: '1984-03-27' });
      expect(changed).toMatchObject({ meta: { versionId: '2' } });
      await client.patchResource('Patient', made.id, [{ op: 'replace', path: '/gender', value: 'other' }]);
      expect(await client.readResource('Patient', made.id)).toMatchObject({ birthDate: '1984-03-27', gender: 'other' });
      expect((await client.readHistory('Patient', made.id)).entry).toHaveLength(3);
      expect((await client.searchResources('Patient', 'family=medplum')).map(({ id }) => id)).toEqual([made.id]);
      const query = 'family=medplum&birthdate=1984-03-27';
      expect(await client.createResourceIfNoneExist({ resourceType: 'Patient' }, query)).toMatchObject({ id: made.id });
      const asked = { request: { method: 'GET', url: `Patient/${made.id}` } } as const;
      const batch = await client.executeBatch({ resourceType: 'Bundle', type: 'batch', entry: [asked] });
      expect(batch.entry?.[0]?.resource).toMatchObject({ id: made.id });
      await client.deleteResource('Patient', made.id);
      await expect(client.readResource('Patient', made.id, { cache: 'reload' })).rejects.toMatchObject({
        outcome: { resourceType: 'OperationOutcome' },
      });
    });

    it('with a wrong secret is not signed in', async () => {
      const client = medplum({ authCredentialsMethod: 'header' });
      await expect(client.startClientLogin(world.environment['BOOTSTRAP_CLIENT_ID'] ?? '', 'wrong')).rejects.toThrow();
      expect(client.isAuthenticated()).toBe(false);
    });

    it('signs in with an assertion of its own key, and writes nothing where it may only read', async () => {
      const { app, key } = await system();
      const client = medplum();
      await client.startJwtAssertionLogin(await assertion(app, key));
      expect((await client.readResource('Patient', 'meera')).birthDate).toBe('1991-08-15');
      await expect(client.createResource({ resourceType: 'Patient' })).rejects.toThrow();
    });

    const assertion = async ({ clientId }: App, key: CryptoKey): Promise<string> => {
      const signed = new SignJWT().setProtectedHeader({ alg: 'ES384', kid: 'k-1' }).setIssuer(clientId).setSubject(clientId);
      return signed.setAudience(`${world.url}/oauth2/token`).setExpirationTime('4m').setJti(clientId).sign(key);
    };

    it('signs a doctor in through the pages with PKCE, acts for them, and refreshes', async () => {
      const { clientId } = await registerApp(world, { scope: SCOPE });
      // Its `startPkce` works in browsers alone: it finds the verifier where that would have put it.
      const storage = new ClientStorage(new MemoryStorage());
      const verifier = openid.randomPKCECodeVerifier();
      storage.setString('codeVerifier', verifier);
      const client = medplum({ clientId, storage });
      const codeChallenge = await openid.calculatePKCECodeChallenge(verifier);
      const login = { scope: SCOPE, codeChallenge, codeChallengeMethod: 'S256' } as const;
      const url = new URL(client.getExternalAuthRedirectUri(`${world.url}/oauth2/authorize`, clientId, CALLBACK, login));
      url.searchParams.set('aud', base);
      const back = await allow(world, doctor, url.pathname + url.search);
      await client.processCode(back.searchParams.get('code') ?? '', { clientId, redirectUri: CALLBACK });
      expect(await client.readResource('Patient', 'meera')).toMatchObject({ name: MEERA.name });
      const before = client.getAccessToken();
      const observation = {
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'Pulse' },
        subject: { reference: 'Patient/meera' },
      } as const;
      const { id } = await client.createResource(observation);
      await client.refreshIfExpired(2 * 3_600_000);
      expect(client.getAccessToken()).not.toBe(before);
      expect(await client.searchOne('Observation', 'patient=meera')).toMatchObject({ id });
      await expect(client.readResource('Practitioner', doctor.fhirUser.split('/')[1] ?? '')).rejects.toThrow();
    });
  });

  it('fhir-kit-client finds the endpoints by SMART discovery, and reads, writes and pages with the token of a launch there', async () => {
    const client = new FhirKitClient({ baseUrl: base });
    const { authorizeUrl, tokenUrl, registerUrl } = await client.smartAuthMetadata();
    expect(String(registerUrl)).toBe(`${world.url}/oauth2/register`);
    const { clientId } = await registerApp(world, { scope: SCOPE });
    const verifier = openid.randomPKCECodeVerifier();
    const asked = { response_type: 'code', client_id: clientId, redirect_uri: CALLBACK, scope: SCOPE, aud: base, state: 's' };
    const challenge = { code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
    const back = await allow(world, doctor, `${String(authorizeUrl)}?${new URLSearchParams({ ...asked, ...challenge }).toString()}`);
    const told = await world.ask(String(tokenUrl), {
      form: {
        ...{ grant_type: 'authorization_code', client_id: clientId, redirect_uri: CALLBACK, code_verifier: verifier },
        code: back.searchParams.get('code') ?? '',
      },
    });
    await expect(client.read({ resourceType: 'Patient', id: 'meera' })).rejects.toMatchObject({ response: { status: 401 } });
    client.bearerToken = String(told.body['access_token']);
    expect(await client.read({ resourceType: 'Patient', id: 'meera' })).toMatchObject({ birthDate: '1991-08-15' });
    const pulse = { resourceType: 'Observation', status: 'final', code: { text: 'Nadi' }, subject: { reference: 'Patient/meera' } };
    const made = await client.create({ resourceType: 'Observation', body: pulse });
    await client.create({ resourceType: 'Observation', body: pulse });
    const id = String(made['id']);
    const changed = await client.update({ resourceType: 'Observation', id, body: { ...made, status: 'amended' } });
    expect(changed).toMatchObject({ status: 'amended', meta: { versionId: '2' } });
    expect(await client.vread({ resourceType: 'Observation', id, version: '1' })).toMatchObject({ status: 'final' });
    const first = await client.search({ resourceType: 'Observation', searchParams: { patient: 'meera', _count: '1' } });
    expect(await client.nextPage({ bundle: first as never })).toMatchObject({ entry: [expect.anything()] });
    await expect(client.read({ resourceType: 'Patient', id: 'nobody' })).rejects.toMatchObject({ response: { status: 404 } });
  });

  describe('openid-client', () => {
    it('discovers the server, signs a doctor in with PKCE, checks the ID token, and asks who it is', async () => {
      const { clientId, secret = '' } = await registerApp(world, { authMethod: 'client_secret_basic', scope: SCOPE });
      const config = await discovered(clientId, openid.ClientSecretBasic(secret));
      expect(config.serverMetadata()).toMatchObject({ issuer: world.url, code_challenge_methods_supported: ['S256'] });
      const tokens = await signedIn(config);
      const fhirUser = `${base}/${doctor.fhirUser}`;
      expect(tokens.claims()).toMatchObject({ iss: world.url, sub: doctor.account, aud: clientId, fhirUser });
      expect(await openid.fetchUserInfo(config, tokens.access_token, doctor.account)).toMatchObject({ sub: doctor.account, fhirUser });
    });

    it('refreshes, introspects and revokes', async () => {
      const { clientId, secret = '' } = await registerApp(world, { authMethod: 'client_secret_post', scope: SCOPE });
      const config = await discovered(clientId, openid.ClientSecretPost(secret));
      const tokens = await signedIn(config);
      const again = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
      expect(again.access_token).not.toBe(tokens.access_token);
      const told = await openid.tokenIntrospection(config, again.access_token);
      expect(told).toMatchObject({ active: true, client_id: clientId, sub: doctor.account });
      await openid.tokenRevocation(config, again.refresh_token ?? '');
      expect(await openid.tokenIntrospection(config, again.access_token)).toEqual({ active: false });
      await expect(openid.refreshTokenGrant(config, again.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
      await expect(openid.fetchUserInfo(config, again.access_token, doctor.account)).rejects.toThrow();
    });

    it('takes no ID token that was made for another sign-in, nor a code with another verifier', async () => {
      const { clientId } = await registerApp(world, { scope: SCOPE });
      const config = await discovered(clientId, openid.None());
      await expect(signedIn(config, { expectedNonce: 'another' })).rejects.toMatchObject({ code: 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' });
      const wrong = { pkceCodeVerifier: openid.randomPKCECodeVerifier() };
      await expect(signedIn(config, wrong)).rejects.toMatchObject({ error: 'invalid_grant' });
    });

    it('is let in as a system by an assertion signed with its key', async () => {
      const { app, key } = await system();
      const toTokenEndpoint: openid.ModifyAssertionOptions = {
        [openid.modifyAssertion]: (_header, payload) => void (payload.aud = `${world.url}/oauth2/token`),
      };
      const config = await discovered(app.clientId, openid.PrivateKeyJwt({ key, kid: 'k-1' }, toTokenEndpoint));
      const { access_token: token, scope } = await openid.clientCredentialsGrant(config, {
        scope: 'system/Patient.r system/Observation.rs',
      });
      expect(scope).toBe('system/Patient.r');
      expect((await world.ask('/fhir/R4/Patient/meera', { token })).status).toBe(200);
      expect((await world.ask('/fhir/R4/Patient', { token })).body).not.toHaveProperty('entry');
    });

    async function signedIn(config: openid.Configuration, more: openid.AuthorizationCodeGrantChecks = {}) {
      const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
      const challenge = { code_challenge: await openid.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
      const url = openid.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: SCOPE, aud: base, state, nonce, ...challenge });
      const back = await allow(world, doctor, url.pathname + url.search);
      return openid.authorizationCodeGrant(config, back, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        ...more,
      });
    }
  });

  it('an app with scopes of SMART 1, launched with a visit, sees that visit and reads and writes as they say', async () => {
    const system = await world.systemToken();
    const visit = {
      resourceType: 'Encounter',
      id: 'visit',
      status: 'in-progress',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/meera' },
    };
    expect((await world.ask('/fhir/R4/Encounter/visit', { method: 'PUT', token: system, fhir: visit })).status).toBe(201);
    const app = await registerApp(world, { scope: 'launch launch/encounter patient/Patient.read patient/Observation.write' });
    const opened = { clientId: app.clientId, patient: 'meera', encounter: 'visit' };
    const { body } = await world.ask('/clinics/demo/launches', { token: doctor.token, json: opened });
    const scope = 'launch/encounter patient/Patient.read patient/Observation.write';
    const shown = proof();
    const code = await codeFor(world, doctor, app, shown, { scope, launch: String(body['launch']) });
    const told = (await redeem(world, app, code, shown)).body;
    expect(told).toMatchObject({ patient: 'meera', encounter: 'visit', tenant: 'demo', need_patient_banner: true, scope });
    const token = String(told['access_token']);
    const pulse = { resourceType: 'Observation', status: 'final', code: { text: 'Nadi' }, subject: { reference: 'Patient/meera' } };
    expect((await world.ask('/fhir/R4/Patient/meera', { token })).status).toBe(200);
    expect((await world.ask('/fhir/R4/Patient/meera', { method: 'PUT', token, fhir: MEERA })).status).toBe(403);
    const made = await world.ask('/fhir/R4/Observation', { token, fhir: pulse });
    expect(made.status).toBe(201);
    expect((await world.ask(new URL(made.headers.get('location') ?? '').pathname, { token })).status).toBe(404);
    expect((await world.ask('/fhir/R4/Encounter/visit', { token })).status).toBe(404);
  });

  it('keys that are rotated by the command line leave old tokens good, and new ones are signed by the new key', async () => {
    const kidOf = (token: string): unknown => decodeProtectedHeader(token).kid;
    const keys = createRemoteJWKSet(new URL(`${world.url}/.well-known/jwks.json`), { cooldownDuration: 0 });
    const before = await world.systemToken();
    const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    await promisify(execFile)(process.execPath, [cli, 'keys', 'rotate'], { env: { ...process.env, ...world.environment } });
    // A process that is running notices within two seconds.
    let after = before;
    while (kidOf(after) === kidOf(before)) after = await world.systemToken();
    for (const token of [before, after]) {
      expect((await world.ask('/fhir/R4/Patient/meera', { token })).status).toBe(200);
      expect((await jwtVerify(token, keys, { issuer: world.url, audience: base })).payload.iss).toBe(world.url);
    }
  });
});

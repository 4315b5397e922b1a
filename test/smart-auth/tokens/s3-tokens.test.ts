/** S3: tokens that are forged, stale, meant for others or revoked. Each is refused with 401, its allowed twin is let in. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createHmac, createPublicKey } from 'node:crypto';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey, type JWTPayload } from 'jose';
import request from 'supertest';
import { Type } from 'typebox';
import { route } from '../../../src/api/route.ts';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { PLATFORM } from '../../../src/smart-auth/accounts/records.ts';
import { KEY_SET } from '../../../src/smart-auth/keys/records.ts';
import { onEachRecordStore, serveRoutes, type TestApi, type TestRecords } from '../../api/set-up.ts';
import { movableClock, type MovableClock } from '../clock.ts';
import { addClinic, addPerson, DEMO, DOCTOR, OTHER } from '../people.ts';
import { CLAIMS, giveKeys, ISSUER, sealer, tokenProcess, type TokenProcess } from './set-up.ts';

const ME = route({
  method: 'GET',
  path: '/me',
  summary: 'Who asks',
  tag: 'Test',
  rule: { own: 'a test' },
  answers: { 200: Type.Object({}) },
  audit: null,
  handle: async ({ identity }) => ({ status: 200, body: identity.principal }),
});

onEachRecordStore('S3: tokens', (open) => {
  let opened: TestRecords;
  let api: TestApi;
  let clock: MovableClock;
  let process: TokenProcess;

  beforeEach(async () => {
    clock = movableClock();
    opened = await open(clock);
    await addClinic(opened.records, DEMO);
    await addClinic(opened.records, OTHER);
    await addPerson(opened.records, DOCTOR);
    await giveKeys(opened.records);
    process = tokenProcess(opened.records, clock);
    api = await serveRoutes([ME], opened.records, { identify: async (headers) => process.identify(headers) });
  });
  afterEach(async () => {
    await api.close();
    await opened.dispose();
  });

  const ask = (token: string) => request(api.server).get('/me').set('Authorization', `Bearer ${token}`);
  const good = async (): Promise<string> => (await process.issuer.issue(CLAIMS, 900)).token;

  /** The server's own private key, as nobody outside has it. */
  const ownKey = async (algorithm = 'ES256'): Promise<{ kid: string; key: CryptoKey }> => {
    await process.keys.published();
    const kept = (await opened.records.get(KEY_SET, PLATFORM, 'current'))!.value.keys.find((k) => k.algorithm === algorithm)!;
    const jwk = JSON.parse(sealer.open(kept.sealed, kept.kid)!) as object;
    return { kid: kept.kid, key: (await importJWK(jwk, algorithm)) as CryptoKey };
  };
  const PAYLOAD = (): JWTPayload => ({
    iss: ISSUER,
    aud: `${ISSUER}/fhir/R4`,
    sub: 'asha',
    kind: 'person',
    clinic: 'demo',
    client_id: 'nadi',
    scope: 'user/*.cruds',
    sid: 's-1',
    role: 'DOCTOR',
    fhirUser: 'Practitioner/1',
    jti: 'j',
    iat: Math.floor(clock.now() / 1000),
    exp: Math.floor(clock.now() / 1000) + 900,
    issued_ms: clock.now(),
  });
  /** As the server would sign it, but for what is changed. */
  const signed = async (payload: object, header: object = {}): Promise<string> => {
    const { kid, key } = await ownKey();
    return new SignJWT({ ...PAYLOAD(), ...payload }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...header }).sign(key);
  };
  const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('a good token is let in, and so is one that this file signs without a change', async () => {
    const answer = await ask(await good()).expect(200);
    expect(answer.body).toEqual({ subject: 'Practitioner/1', clinic: 'demo', client: 'nadi', account: 'asha', role: 'DOCTOR' });
    await ask(await signed({})).expect(200);
  });

  it('no token gets a challenge without an error, a bad one with it', async () => {
    const none = await request(api.server).get('/me').expect(401);
    expect(none.headers['www-authenticate']).toBe('Bearer realm="nadi"');
    const bad = await ask('junk').expect(401);
    expect(bad.headers['www-authenticate']).toMatch(/error="invalid_token"/);
    await request(api.server)
      .get('/me')
      .set('Authorization', `Basic ${await good()}`)
      .expect(401);
  });

  it('alg none', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      await ask(`${b64({ alg, typ: 'at+jwt', kid: (await ownKey()).kid })}.${b64(PAYLOAD())}.`).expect(401);
    }
  });

  it('a public key used as the secret of an HMAC', async () => {
    const { kid } = await ownKey();
    const jwk = (await process.keys.published()).find((k) => k.kid === kid)!;
    const pem = await exportSPKI((await importJWK(jwk, 'ES256')) as CryptoKey);
    const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
    for (const secret of [pem, der, JSON.stringify(jwk)]) {
      const head = `${b64({ alg: 'HS256', typ: 'at+jwt', kid })}.${b64(PAYLOAD())}`;
      await ask(`${head}.${createHmac('sha256', secret).update(head).digest('base64url')}`).expect(401);
    }
  });

  it('a key of another algorithm, though it is ours', async () => {
    const { kid, key } = await ownKey('RS256');
    await ask(await new SignJWT(PAYLOAD()).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid }).sign(key)).expect(401);
  });

  it.each([
    ['a path as kid', { kid: '../../../../dev/null' }],
    ['a URL as kid', { kid: 'http://127.0.0.1/key.json' }],
    ['no kid', { kid: undefined }],
    ['jku', { jku: 'https://attacker.example/jwks.json' }],
    ['x5u', { x5u: 'https://attacker.example/cert.pem' }],
    ['a type of token that isn’t for access', { typ: 'JWT' }],
    ['an extension that nobody knows', { crit: ['exotic'], exotic: true }],
  ])('%s', async (_name, header) => {
    await ask(await signed({}, header).catch(() => `${b64({ alg: 'ES256', typ: 'at+jwt', ...header })}.${b64(PAYLOAD())}.AAAA`)).expect(
      401,
    );
  });

  it('a key that the token brings along', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const { exportJWK } = await import('jose');
    const jwk = await exportJWK(publicKey);
    const header = { alg: 'ES256', typ: 'at+jwt', kid: (await ownKey()).kid, jwk };
    await ask(await new SignJWT(PAYLOAD()).setProtectedHeader(header).sign(privateKey)).expect(401);
  });

  it.each([
    ['another issuer', { iss: 'https://evil.example' }],
    ['another audience', { aud: 'https://evil.example/fhir/R4' }],
    ['no audience', { aud: undefined }],
    ['an end that has passed', { exp: 1000 }],
    ['no end', { exp: undefined }],
    ['a beginning that is to come', { nbf: 9_999_999_999 }],
    ['no subject', { sub: undefined }],
    ['a role that there isn’t', { role: 'ROOT' }],
    ['a role that the person doesn’t have', { role: 'CLINIC_ADMIN' }],
    ['a clinic that the person isn’t in', { clinic: 'other' }],
    ['a reserved clinic', { clinic: '_platform' }],
    ['somebody else’s resource', { fhirUser: 'Practitioner/2' }],
    ['a client that there isn’t', { client_id: 'c-1' }],
    ['a system in the name of a front end', { kind: 'system' }],
    ['a scope that is no text', { scope: ['user/*.cruds'] }],
  ])('%s', async (_name, payload) => {
    await ask(await signed(payload)).expect(401);
  });

  it('a signature or content that was touched', async () => {
    const [head = '', body = '', signature = ''] = (await good()).split('.');
    await ask([head, b64({ ...PAYLOAD(), role: 'SUPER_ADMIN' }), signature].join('.')).expect(401);
    await ask([head, body, signature.slice(0, -2) + (signature.endsWith('AA') ? 'BB' : 'AA')].join('.')).expect(401);
    await ask([head, body, ''].join('.')).expect(401);
  });

  it('a token that ends while it is remembered', async () => {
    const token = await good();
    await ask(token).expect(200);
    clock.advance(899_000);
    await ask(token).expect(200);
    clock.advance(1_000);
    await ask(token).expect(401);
  });

  it('a revoked session, account, client: at once here, within a second in other processes', async () => {
    const other = tokenProcess(opened.records, clock);
    const asOther = async (token: string): Promise<unknown> => other.identify({ authorization: `Bearer ${token}` });
    const revocations = [
      () => process.revocations.revokeSession('s-1'),
      () => process.revocations.revokeAccount('asha'),
      () => process.revocations.revokeAccount('asha', DEMO),
      () => process.revocations.revokeClient('nadi'),
    ];
    for (const [i, revoke] of revocations.entries()) {
      const token = (await process.issuer.issue({ ...CLAIMS, sid: i === 0 ? 's-1' : 's-2' }, 900)).token;
      await ask(token).expect(200);
      await asOther(token);
      await revoke();
      await ask(token).expect(401);
      clock.advance(1000);
      await expect(asOther(token)).rejects.toMatchObject({ kind: 'unauthenticated' });
      await expect(tokenProcess(opened.records, clock).identify({ authorization: `Bearer ${token}` })).rejects.toMatchObject({
        status: 401,
      });
    }
  });

  it('what was issued after a revocation is good, and so is what it doesn’t name', async () => {
    await process.revocations.revokeAccount('asha');
    await process.revocations.revokeAccount('asha', OTHER);
    clock.advance(1);
    await ask(await good()).expect(200);
    const token = await good();
    await process.revocations.revokeAccount('asha', OTHER);
    await process.revocations.revokeSession('s-2');
    await process.revocations.revokeAccount('someone-else');
    await ask(token).expect(200);
  });

  it('a person who was made inactive, or whose clinic was, gets no further', async () => {
    const { MEMBERSHIP } = await import('../../../src/smart-auth/accounts/records.ts');
    const token = await good();
    const membership = (await opened.records.get(MEMBERSHIP, DEMO, 'asha'))!;
    await opened.records.replace(MEMBERSHIP, DEMO, 'asha', 1, { ...membership.value, active: false });
    await ask(token).expect(401);
  });

  it('the path of another clinic is not there, except for SUPER_ADMIN', async () => {
    const authorization = `Bearer ${await good()}`;
    await expect(async () => process.identify({ authorization }, OTHER)).rejects.toMatchObject({ kind: 'not-found' });
    await expect(async () => process.identify({ authorization }, asClinicId('nowhere'))).rejects.toMatchObject({ kind: 'not-found' });
    expect((await process.identify({ authorization }, DEMO)).principal.clinic).toBe('demo');
    await addPerson(opened.records, { account: 'root', role: 'SUPER_ADMIN', fhirUser: 'Practitioner/0', clinic: DEMO });
    const root = await process.issuer.issue({ ...CLAIMS, sub: 'root', role: 'SUPER_ADMIN', fhirUser: 'Practitioner/0' }, 900);
    const admin = { authorization: `Bearer ${root.token}` };
    expect((await process.identify(admin, OTHER)).principal).toMatchObject({ clinic: 'other', role: 'SUPER_ADMIN' });
    await expect(async () => process.identify(admin, asClinicId('nowhere'))).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('is verified once: the next request is answered from what is remembered, without waiting', async () => {
    const authorization = `Bearer ${await good()}`;
    const many = await Promise.all(Array.from({ length: 20 }, async () => process.identify({ authorization })));
    expect(new Set(many).size).toBe(1);
    expect(process.built).toHaveLength(1);
    expect(process.identify({ authorization })).toBe(many[0]);
  });

  it('R5: with the records away nobody is let in after some seconds, and it says so', async () => {
    const authorization = `Bearer ${await good()}`;
    await process.identify({ authorization });
    const records = { ...opened.records, list: () => Promise.reject(new Error('away')) };
    const { createRevocations } = await import('../../../src/smart-auth/tokens/revocations.ts');
    const blind = createRevocations({ records, clock, newId: process.newId });
    await expect(blind.refresh()).rejects.toMatchObject({ kind: 'unavailable' });
    let down = false;
    const shaky = createRevocations({
      records: { ...opened.records, list: (...args) => (down ? records.list() : opened.records.list(...args)) },
      clock,
      newId: process.newId,
    });
    await shaky.refresh();
    down = true;
    clock.advance(3000);
    await shaky.refresh();
    clock.advance(3000);
    await expect(shaky.refresh()).rejects.toMatchObject({ kind: 'unavailable', retryAfter: 5 });
    down = false;
    await shaky.refresh();
    expect(shaky.refresh()).toBeUndefined();
  });
});

/** Registering, passwords, codes and second factors, over HTTP on both stores. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { generate } from 'otplib';
import { asClinicId } from '../../src/fhir/model/ids.ts';
import { ACCOUNT, MEMBERSHIP, PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { ADMIN, addUser, onEachStore, tokenOf, type Answer, type Caller, type World } from './set-up.ts';

const PASSWORD = 'lantern-river-52';
const DAY = 24 * 60 * 60 * 1000;

onEachStore('accounts', (open) => {
  let world: World;
  let admin: Caller;
  let count = 0;
  const fresh = (): string => `person${(count += 1)}@x.test`;
  beforeAll(async () => {
    world = await open();
  });
  beforeEach(async () => {
    // The counts of messages and failures by address are of a quarter of an hour.
    world.advance(DAY);
    admin = await world.admin();
  });
  afterAll(async () => {
    expect(world.faults).toEqual([]);
    await world.close();
  });

  const register = (email: string, more: object = {}): Promise<Answer> =>
    world.as().post('/auth/register', { givenName: 'Ravi', familyName: 'Menon', email, password: PASSWORD, ...more });
  const codeTo = async (to: string): Promise<string> => (await world.lastTo(to))?.values['code'] ?? '';

  it('registering makes an account once the mailbox has answered, without a place', async () => {
    const email = fresh();
    const { status, body } = await register(email);
    expect(status).toBe(202);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(401);
    const code = await codeTo(email);
    expect((await world.as().post('/auth/verify-email', { ticket: 'another', code })).status).toBe(401);
    expect((await world.as().post('/auth/verify-email', { ticket: body.ticket, code: '000000x' })).status).toBe(401);
    expect((await world.as().post('/auth/verify-email', { ticket: body.ticket, code })).status).toBe(204);
    expect((await world.as().post('/auth/verify-email', { ticket: body.ticket, code })).status).toBe(401);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(403);
  });

  it('registering an address that has an account answers the same, changes nothing, and tells its owner', async () => {
    const [known, unknown] = [await register(ADMIN.email), await register(fresh())];
    expect([known.status, Object.keys(known.body), known.headers['content-length']]).toEqual([
      unknown.status,
      Object.keys(unknown.body),
      unknown.headers['content-length'],
    ]);
    expect((await world.lastTo(ADMIN.email))?.template).toBe('already-registered');
    expect((await world.as().post('/auth/verify-email', { ticket: known.body.ticket, code: '000000' })).status).toBe(401);
    expect((await world.as().post('/auth/login', { email: ADMIN.email, password: PASSWORD })).status).toBe(401);
  });

  it('a clinic takes patients in by themselves only once it says so', async () => {
    const email = fresh();
    const closed = await register(email, { clinic: 'demo' });
    const absent = await register(email, { clinic: 'nowhere' });
    expect([closed.status, closed.body]).toEqual([403, absent.body]);
    expect((await admin.put('/clinics/demo', { name: 'Demo', selfRegistration: true })).status).toBe(200);
    const { body } = await register(email, { clinic: 'demo' });
    expect((await world.as().post('/auth/verify-email', { ticket: body.ticket, code: await codeTo(email) })).status).toBe(204);
    const signedIn = await world.as().post('/auth/login', { email, password: PASSWORD });
    expect(signedIn.body).toMatchObject({ role: 'PATIENT', clinic: 'demo', scope: 'openid fhirUser patient/*.cruds' });
    await admin.put('/clinics/demo', { name: 'Demo', selfRegistration: false });
  });

  it('a password that was laid on an address before its owner came is of no use', async () => {
    const email = fresh();
    await register(email, { password: 'attackers-choice-77' });
    await addUser(world, admin, { email, role: 'DOCTOR' });
    expect((await world.as().post('/auth/login', { email, password: 'attackers-choice-77' })).status).toBe(401);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });

  it.each(['Password123', 'P@ssw0rd!', 'qwertyuiop', 'aaaaaaaaaaaa', 'seven77', 'x'.repeat(129), 'Ravi Menon 2024'])(
    'refuses the password %s',
    async (password) => {
      const { status, body } = await register('ravi@x.test', { password });
      expect([status, body.errors[0].pointer]).toEqual([422, '/password']);
    },
  );

  it('takes a password of words, of any alphabet, whatever it is made of', async () => {
    for (const password of ['correct lamp engine boat', 'नमस्ते दुनिया कैसे हो', 'only lower case letters'])
      expect((await register(fresh(), { password })).status).toBe(202);
  });

  it('a forgotten password is set by a link that is good once, and ends all sessions', async () => {
    const email = fresh();
    await addUser(world, admin, { email, role: 'NURSE' });
    const before = await world.signIn(email, PASSWORD);
    expect((await world.as().post('/auth/forgot-password', { email })).status).toBe(202);
    const token = tokenOf(await world.lastTo(email));
    expect((await world.as().post('/auth/reset-password', { token, password: 'password1' })).status).toBe(422);
    const both = await Promise.all([1, 2].map(() => world.as().post('/auth/reset-password', { token, password: 'another-good-one-3' })));
    expect(both.map(({ status }) => status).sort()).toEqual([204, 401]);
    expect((await world.as(before).get('/auth/me')).status).toBe(401);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(401);
    expect((await world.as().post('/auth/login', { email, password: 'another-good-one-3' })).status).toBe(200);
    expect((await world.lastTo(email))?.template).toBe('password-changed');
  });

  it('a link ends after half an hour, and others with the one that is used', async () => {
    const email = fresh();
    await addUser(world, admin, { email, role: 'NURSE' });
    await world.as().post('/auth/forgot-password', { email });
    const old = tokenOf(await world.lastTo(email));
    await world.as().post('/auth/forgot-password', { email });
    const token = tokenOf(await world.lastTo(email));
    expect((await world.as().post('/auth/reset-password', { token, password: 'another-good-one-3' })).status).toBe(204);
    expect((await world.as().post('/auth/reset-password', { token: old, password: 'another-good-one-4' })).status).toBe(401);
    await world.as().post('/auth/forgot-password', { email });
    const late = tokenOf(await world.lastTo(email));
    expect(late).not.toBe('');
    world.advance(30 * 60 * 1000 + 1);
    expect((await world.as().post('/auth/reset-password', { token: late, password: 'another-good-one-5' })).status).toBe(401);
  });

  it('forgot-password and otp/request answer alike for known and unknown addresses, and only the known get mail', async () => {
    for (const [path, more] of [
      ['/auth/forgot-password', {}],
      ['/auth/otp/request', { channel: 'email' }],
    ] as const) {
      const of = (address: string): object => (path.endsWith('request') ? { ...more, to: address } : { email: address });
      const unknown = fresh();
      const [one, two] = [await world.as().post(path, of(ADMIN.email)), await world.as().post(path, of(unknown))];
      expect([one.status, one.text]).toEqual([two.status, two.text]);
      expect(one.status).toBe(202);
      expect(await world.lastTo(unknown)).toBeUndefined();
    }
  });

  it('changing a password needs the old one, and leaves only the session that is answered', async () => {
    const email = fresh();
    await addUser(world, admin, { email, role: 'NURSE' });
    const [one, two] = [await world.signIn(email, PASSWORD), await world.signIn(email, PASSWORD)];
    const change = (currentPassword: string, newPassword: string): Promise<Answer> =>
      world.as(one).post('/auth/change-password', { currentPassword, newPassword });
    expect((await change('wrong-wrong-1', 'brand-new-thing-8')).status).toBe(401);
    expect((await change(PASSWORD, email)).status).toBe(422);
    const changed = await change(PASSWORD, 'brand-new-thing-8');
    expect(changed.status).toBe(200);
    expect((await world.as(one).get('/auth/me')).status).toBe(401);
    expect((await world.as(two).get('/auth/me')).status).toBe(401);
    expect((await world.as(changed.body.accessToken).get('/auth/me')).status).toBe(200);
  });

  it('a code that was sent signs in once; it is tried five times at most', async () => {
    const email = fresh();
    await addUser(world, admin, { email, role: 'NURSE' });
    const verify = (to: string, code: string): Promise<Answer> => world.as().post('/auth/otp/verify', { channel: 'email', to, code });
    await world.as().post('/auth/otp/request', { channel: 'email', to: email });
    const code = await codeTo(email);
    expect((await verify(email, code)).body).toMatchObject({ role: 'NURSE', clinic: 'demo' });
    expect((await verify(email, code)).status).toBe(401);
    const other = fresh();
    await addUser(world, admin, { email: other, role: 'NURSE' });
    await world.as().post('/auth/otp/request', { channel: 'email', to: other });
    const tried = await codeTo(other);
    for (let i = 0; i < 5; i++) expect((await verify(other, tried === '111111' ? '222222' : '111111')).status).toBe(401);
    world.advance(31_000);
    expect((await verify(other, tried)).status).toBe(401);
  });

  it('a code by telephone needs a number that has answered, and no other account has', async () => {
    const email = fresh();
    await addUser(world, admin, { email, role: 'NURSE' });
    const person = world.as(await world.signIn(email, PASSWORD));
    const phone = '+919876543210';
    await person.put('/auth/me', { phone });
    const confirm = await codeTo(phone);
    world.sent.length = 0;
    await world.as().post('/auth/otp/request', { channel: 'sms', to: phone });
    expect(await world.lastTo(phone)).toBeUndefined();
    expect((await person.post('/auth/me/phone', { code: confirm })).status).toBe(204);
    expect((await person.get('/auth/me')).body).toMatchObject({ phone, phoneVerified: true });
    await world.as().post('/auth/otp/request', { channel: 'sms', to: phone });
    const code = await codeTo(phone);
    expect((await world.as().post('/auth/otp/verify', { channel: 'sms', to: phone, code })).body).toMatchObject({ role: 'NURSE' });
    expect((await world.as().post('/auth/otp/request', { channel: 'whatsapp', to: phone })).status).toBe(422);
  });

  it('a number that a clinic writes down signs nobody in', async () => {
    const email = fresh();
    const phone = '+911111111111';
    await addUser(world, admin, { email, role: 'NURSE' });
    const id = (await admin.get(`/users?email=${email}`)).body.data[0]?.id ?? '';
    await admin.put(`/users/${id}`, { givenName: 'Asha', phone });
    await world.as().post('/auth/otp/request', { channel: 'sms', to: phone });
    expect(await world.lastTo(phone)).toBeUndefined();
    expect((await world.records.get(ACCOUNT, PLATFORM, id))?.value.phone).toBeUndefined();
  });

  it('a second factor is asked for at every sign-in, takes no code twice, and can be replaced by a recovery code once', async () => {
    const email = fresh();
    const { id } = await addUser(world, admin, { email, role: 'DOCTOR' });
    const person = world.as(await world.signIn(email, PASSWORD));
    expect((await person.post('/auth/mfa/enrol', { password: 'wrong-wrong-1' })).status).toBe(401);
    const { body: offer } = await person.post('/auth/mfa/enrol', { password: PASSWORD });
    expect(offer.uri).toMatch(/^otpauth:\/\/totp\//);
    expect(offer.qr).toContain('<svg');
    const codeNow = (): Promise<string> => generate({ secret: offer.secret, epoch: Math.floor(world.now() / 1000) });
    const step = (): void => world.advance(60_000);
    expect((await world.as().post('/auth/mfa/verify', { ticket: offer.ticket, code: '12345x' })).status).toBe(401);
    const { body: enrolled } = await world.as().post('/auth/mfa/verify', { ticket: offer.ticket, code: await codeNow() });
    expect(enrolled.recoveryCodes).toHaveLength(10);
    const start = async (): Promise<string> => {
      const { body } = await world.as().post('/auth/login', { email, password: PASSWORD });
      expect(body).toEqual({ mfaRequired: true, ticket: body.ticket });
      return body.ticket;
    };
    const finish = async (code: string): Promise<number> =>
      (await world.as().post('/auth/mfa/verify', { ticket: await start(), code })).status;
    expect(await finish(await codeNow())).toBe(401);
    step();
    const code = await codeNow();
    const ticket = await start();
    const together = await Promise.all([1, 2, 3].map(() => world.as().post('/auth/mfa/verify', { ticket, code })));
    expect(together.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await finish(enrolled.recoveryCodes[0])).toBe(200);
    expect(await finish(enrolled.recoveryCodes[0])).toBe(401);
    expect(world.trail.at(-1)).toMatchObject({ what: 'POST /auth/mfa/verify', outcome: 'refused', account: id });
    const stored = JSON.stringify((await world.people.accounts.findByEmail(email))?.value);
    expect(stored).not.toContain(offer.secret);
    expect(stored).not.toContain(enrolled.recoveryCodes[1]);
    expect((await person.post('/auth/mfa/enrol', { password: PASSWORD })).status).toBe(409);
    step();
    expect((await person.delete('/auth/mfa', { password: PASSWORD, code: '000000' })).status).toBe(401);
    expect((await person.delete('/auth/mfa', { password: PASSWORD, code: await codeNow() })).status).toBe(204);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).body.accessToken).toBeDefined();
  });

  it('S6: a second factor is not guessed: five wrong codes lock it', async () => {
    const email = fresh();
    await addUser(world, admin, { email, role: 'DOCTOR' });
    const person = world.as(await world.signIn(email, PASSWORD));
    const { body: offer } = await person.post('/auth/mfa/enrol', { password: PASSWORD });
    const code = await generate({ secret: offer.secret, epoch: Math.floor(world.now() / 1000) });
    await world.as().post('/auth/mfa/verify', { ticket: offer.ticket, code });
    const { ticket } = (await world.as().post('/auth/login', { email, password: PASSWORD })).body;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await world.as().post('/auth/mfa/verify', { ticket, code: `00000${i}` })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 423]);
  });

  it('a ticket ends with the password it was given for', async () => {
    const email = fresh();
    const { id } = await addUser(world, admin, { email, role: 'DOCTOR' });
    await admin.post('/clinics', { id: `c-${id.slice(-12)}`, name: 'Other' });
    await admin.post(`/users/${id}/clinics/c-${id.slice(-12)}`, { role: 'DOCTOR' });
    const { ticket } = (await world.as().post('/auth/login', { email, password: PASSWORD })).body;
    await world.as().post('/auth/forgot-password', { email });
    await world.as().post('/auth/reset-password', { token: tokenOf(await world.lastTo(email)), password: 'another-good-one-3' });
    expect((await world.as().post('/auth/login', { ticket, clinic: 'demo' })).status).toBe(401);
  });

  it('a hash of less work is made anew at the next sign-in', async () => {
    const { createPasswordHasher } = await import('../../src/smart-auth/accounts/passwords/hasher.ts');
    const email = fresh();
    const { id } = await addUser(world, admin, { email, role: 'NURSE' });
    const weak = createPasswordHasher({ parameters: { memoryCost: 512, timeCost: 1, parallelism: 1 }, threads: 1 });
    const passwordHash = await weak.hash(PASSWORD);
    await weak.close();
    await world.people.accounts.change(id, (account) => ({ ...account, passwordHash }));
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
    const renewed = (await world.people.accounts.find(id))?.value.passwordHash ?? '';
    expect(renewed).toContain('m=1024,t=2');
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
  });

  it('an errand that was left behind is done by the next process', async () => {
    const { ERRAND } = await import('../../src/smart-auth/messages/errands.ts');
    await world.records.insert(ERRAND, PLATFORM, 'left', {
      purpose: 'sign-in',
      channel: 'email',
      to: ADMIN.email,
      attempts: 0,
      notBefore: 0,
    });
    world.sent.length = 0;
    world.people.start();
    expect((await world.lastTo(ADMIN.email))?.template).toBe('code');
    expect(await world.records.get(ERRAND, PLATFORM, 'left')).toBeUndefined();
  });

  it('several starts at once make one administrator, one clinic, one client, and one of them tells the password', async () => {
    const other = await open();
    const { bootstrap } = other.people;
    const { BOOTSTRAPPED } = await import('../../src/smart-auth/accounts/bootstrap.ts');
    const { OAUTH_CLIENT } = await import('../../src/smart-auth/clients/records.ts');
    await other.records.remove(BOOTSTRAPPED, PLATFORM, 'done');
    const settings = {
      clinic: asClinicId('first'),
      timeZone: 'Asia/Kolkata',
      adminEmail: 'root@x.test',
      client: { id: 'backend', secret: 's'.repeat(32) },
      publicUrl: 'http://nadi.test',
    };
    const told = await Promise.all([1, 2, 3, 4].map(() => bootstrap(settings)));
    const passwords = told.filter((password) => password !== undefined);
    expect(passwords).toHaveLength(1);
    expect((await other.as().post('/auth/login', { email: 'root@x.test', password: passwords[0] })).body).toMatchObject({
      clinic: 'first',
      role: 'SUPER_ADMIN',
    });
    expect(await other.records.list(MEMBERSHIP, asClinicId('first'), { limit: 10 })).toHaveLength(1);
    expect(JSON.stringify(await other.records.get(OAUTH_CLIENT, PLATFORM, 'backend'))).not.toContain('ssss');
    expect(await bootstrap({ ...settings, adminEmail: 'second@x.test' })).toBeUndefined();
    expect(await other.people.accounts.findByEmail('second@x.test')).toBeUndefined();
    await other.close();
  });
});

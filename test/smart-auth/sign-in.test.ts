/** Signing in, refreshing and ending sessions, over HTTP on both stores. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GUARD_POLICY } from '../../src/smart-auth/accounts/guard.ts';
import { ADMIN, addUser, onEachStore, tokenOf, type Answer, type World } from './set-up.ts';

const wrongPassword = 'certainly-not-it-9';
const SECOND = 1000;

onEachStore('signing in', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await open();
  });
  afterAll(() => world.close());

  it('by password gives tokens for the only clinic, and what one is', async () => {
    const { status, body, headers } = await world.as().post('/auth/login', ADMIN);
    expect([status, body.tokenType, body.expiresIn, body.clinic, body.role]).toEqual([200, 'Bearer', 900, 'demo', 'SUPER_ADMIN']);
    expect(body.scope).toBe('openid fhirUser user/*.cruds');
    expect(headers['cache-control']).toBe('no-store');
    const me = await world.as(body.accessToken).get('/auth/me');
    expect(me.body).toMatchObject({ email: ADMIN.email, clinic: 'demo', role: 'SUPER_ADMIN', mfa: false });
    expect(me.body.fhirUser).toMatch(/^Practitioner\//);
  });

  it('an address is the same in whatever case', async () => {
    expect((await world.as().post('/auth/login', { ...ADMIN, email: 'ADMIN@Nadi.Local' })).status).toBe(200);
  });

  it('answers alike for an unknown account, a wrong password and one that has none', async () => {
    const admin = await world.admin();
    await admin.post('/users', { givenName: 'Invited', email: 'invited@x.test', role: 'NURSE' });
    const tried = ['nobody@x.test', ADMIN.email, 'invited@x.test'].map((email) =>
      world.as().post('/auth/login', { email, password: wrongPassword }),
    );
    const answers = await Promise.all(tried);
    expect(answers.map(seen)).toEqual([seen(answers[0] as Answer), seen(answers[0] as Answer), seen(answers[0] as Answer)]);
    expect(answers[0]?.status).toBe(401);
    // The trail alone knows whose account was tried.
    const isTried = world.trail.slice(-3).map(({ account }) => account !== undefined);
    expect(isTried.toSorted()).toEqual([false, true, true]);
  });

  it('compares a hash for an account that is not there', async () => {
    const before = await Promise.all([world.hasher.verify('x', undefined), world.hasher.verify('x', undefined)]);
    expect(before).toEqual([false, false]);
  });

  it('S4: refresh tokens are rotated, and a replayed one ends the family and its access tokens', async () => {
    const first = await world.as().post('/auth/login', ADMIN);
    const second = await world.as().post('/auth/refresh', { refreshToken: first.body.refreshToken });
    expect(second.status).toBe(200);
    expect(second.body.refreshToken).not.toBe(first.body.refreshToken);
    expect((await world.as(second.body.accessToken).get('/auth/me')).status).toBe(200);
    expect((await world.as().post('/auth/refresh', { refreshToken: first.body.refreshToken })).status).toBe(401);
    const { clinic, account } = world.trail.at(-1) ?? {};
    expect([clinic, account]).toEqual(['demo', (await world.people.accounts.findByEmail(ADMIN.email))?.id]);
    expect((await world.as(second.body.accessToken).get('/auth/me')).status).toBe(401);
    expect((await world.as(first.body.accessToken).get('/auth/me')).status).toBe(401);
    expect((await world.as().post('/auth/refresh', { refreshToken: second.body.refreshToken })).status).toBe(401);
  });

  it('S4: of two browsers that hold one refresh token at once, neither keeps the session', async () => {
    const { refreshToken } = (await world.as().post('/auth/login', ADMIN)).body;
    const asked = ['one', 'two', 'three'].map((agent) =>
      world.as(undefined, { 'user-agent': agent }).post('/auth/refresh', { refreshToken }),
    );
    const answers = await Promise.all(asked);
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeLessThanOrEqual(1);
    for (const { body } of good) expect((await world.as().post('/auth/refresh', { refreshToken: body.refreshToken })).status).toBe(401);
  });

  it('a double click is one use of a refresh token', async () => {
    const { refreshToken } = (await world.as().post('/auth/login', ADMIN)).body;
    const answers = await Promise.all([1, 2].map(() => world.as().post('/auth/refresh', { refreshToken })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.body.refreshToken).toBe(answers[1]?.body.refreshToken);
  });

  it('a refresh token is good for seven days', async () => {
    const { refreshToken, refreshExpiresIn } = (await world.as().post('/auth/login', ADMIN)).body;
    expect(refreshExpiresIn).toBe(7 * 24 * 60 * 60);
    world.advance(7 * 24 * 60 * 60 * SECOND + 1);
    expect((await world.as().post('/auth/refresh', { refreshToken })).status).toBe(401);
  });

  it('sessions are listed, and ended one by one or by logout, their access tokens at once', async () => {
    const one = (await world.as(undefined, { 'user-agent': 'first' }).post('/auth/login', ADMIN)).body;
    const two = (await world.as(undefined, { 'user-agent': 'second' }).post('/auth/login', ADMIN)).body;
    const list = (await world.as(one.accessToken).get('/auth/sessions')).body.data;
    expect(list.find(({ device }) => device === 'first')?.current).toBe(true);
    const other = list.find(({ device }) => device === 'second')?.id ?? '';
    expect((await world.as(one.accessToken).delete(`/auth/sessions/${other}`)).status).toBe(204);
    expect((await world.as(two.accessToken).get('/auth/me')).status).toBe(401);
    expect((await world.as().post('/auth/refresh', { refreshToken: two.refreshToken })).status).toBe(401);
    expect((await world.as().post('/auth/logout', { refreshToken: one.refreshToken })).status).toBe(204);
    expect((await world.as(one.accessToken).get('/auth/me')).status).toBe(401);
  });

  it('the session of someone else is not there to be ended', async () => {
    const admin = await world.admin();
    await addUser(world, admin, { email: 'nosy@x.test', role: 'NURSE' });
    const own = (await admin.get('/auth/sessions')).body.data;
    const nosy = world.as(await world.signIn('nosy@x.test', 'lantern-river-52'));
    expect((await nosy.delete(`/auth/sessions/${own[0]?.id ?? ''}`)).status).toBe(404);
    expect((await nosy.delete('/auth/sessions/none')).status).toBe(404);
    expect((await admin.get('/auth/me')).status).toBe(200);
  });

  it('several clinics give a choice, and a token is for the one that is chosen', async () => {
    const admin = await world.admin();
    expect((await admin.post('/clinics', { id: 'second', name: 'Second' })).status).toBe(201);
    const { id } = await addUser(world, admin, { email: 'both@x.test', role: 'DOCTOR' });
    expect((await admin.post(`/users/${id}/clinics/second`, { role: 'NURSE' })).status).toBe(201);
    const choice = await world.as().post('/auth/login', { email: 'both@x.test', password: 'lantern-river-52' });
    expect(choice.body).toMatchObject({
      clinicRequired: true,
      clinics: expect.arrayContaining([
        { clinic: 'demo', name: 'demo', role: 'DOCTOR' },
        { clinic: 'second', name: 'Second', role: 'NURSE' },
      ]),
    });
    const chosen = await world.as().post('/auth/login', { ticket: choice.body.ticket, clinic: 'second' });
    expect(chosen.body).toMatchObject({ clinic: 'second', role: 'NURSE' });
    const named = await world.as().post('/auth/login', { email: 'both@x.test', password: 'lantern-river-52', clinic: 'demo' });
    expect(named.body).toMatchObject({ clinic: 'demo', role: 'DOCTOR' });
    expect((await world.as().post('/auth/login', { email: 'both@x.test', password: 'lantern-river-52', clinic: 'none' })).status).toBe(403);
    expect((await world.as().post('/auth/login', { ticket: `x${choice.body.ticket}`, clinic: 'demo' })).status).toBe(401);
  });

  describe('a password that is set while another signs in with the one before', () => {
    const [old, next] = ['lantern-river-52', 'lantern-forest-87'];
    const email = 'under-way@x.test';
    const given = { email, password: old, address: '127.0.0.1' };
    const holder = { device: 'x', address: '127.0.0.1' };
    let account: string;
    beforeAll(async () => {
      account = (await addUser(world, await world.admin(), { email, role: 'DOCTOR' })).id;
    });

    it('after it was checked, before the session: no session', async () => {
      const step = await world.people.signIn.byPassword(given);
      if (step.step !== 'done') throw new Error(step.step);
      await world.people.credentials.change(account, old, next, holder.address);
      await expect(world.people.sessions.open(step.account, step.place, holder)).rejects.toMatchObject({ kind: 'unauthenticated' });
      expect(await world.people.sessions.list(account)).toEqual([]);
    });

    it('while it is checked: the one before opens nothing', async () => {
      const verify = world.hasher.verify;
      const hasher = world.hasher as { verify: typeof verify };
      hasher.verify = async (...tried) => {
        const isRight = await verify(...tried);
        hasher.verify = verify;
        await world.people.credentials.change(account, next, old, holder.address);
        return isRight;
      };
      const step = await world.people.signIn.byPassword({ ...given, password: next });
      if (step.step !== 'done') throw new Error(step.step);
      await expect(world.people.sessions.open(step.account, step.place, holder)).rejects.toMatchObject({ kind: 'unauthenticated' });
      expect((await world.people.sessions.list(account)).length).toBe(0);
    });

    it('by two at once who both know the one before: the first', async () => {
      const changes = [next, 'lantern-harbour-31'].map((password) =>
        world.people.credentials.change(account, old, password, holder.address),
      );
      const settled = (await Promise.allSettled(changes)).map(({ status }) => status);
      expect(settled.toSorted()).toEqual(['fulfilled', 'rejected']);
    });
  });

  it('leaves no fault and names the caller in the trail', () => {
    expect(world.faults).toEqual([]);
    expect(world.trail).toContainEqual(
      expect.objectContaining({ what: 'POST /auth/login', category: 'login', outcome: 'refused', status: 401 }),
    );
  });
});

onEachStore('S6', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await open({ guardPolicy: { ...GUARD_POLICY, perAddress: 12 } });
  });
  afterAll(() => world.close());

  const from = (address: string) => world.as(undefined, { 'x-test-address': address });
  const guess = (address: string, email = ADMIN.email) => from(address).post('/auth/login', { email, password: wrongPassword });

  it('S6: brute force locks with a back-off that doubles to a quarter of an hour, known account or not', async () => {
    for (const [net, email] of [ADMIN.email, 'nobody@x.test'].entries()) {
      const waits: number[] = [];
      for (let i = 0; i < 12; i++) {
        expect((await guess(`10.1${net}.${i}.1`, email)).status).toBe(401);
        if (i < 4) continue;
        const { status, headers } = await from(`10.1${net}.${i}.2`).post('/auth/login', { email, password: ADMIN.password });
        const wait = Number(headers['retry-after']);
        expect(status).toBe(423);
        waits.push(wait);
        world.advance(wait * SECOND);
      }
      expect(waits.slice(0, 7)).toEqual([30, 60, 120, 240, 480, 900, 900]);
    }
    expect((await from('10.12.0.1').post('/auth/login', ADMIN)).status).toBe(200);
  });

  it('S6: while it is locked, the right password is not tried, but a known device and a new password get in', async () => {
    const { deviceToken } = (await from('10.2.0.1').post('/auth/login', ADMIN)).body;
    for (let i = 0; i < 5; i++) await guess(`10.2.1.${i}`);
    const locked = await from('10.2.0.2').post('/auth/login', ADMIN);
    expect([locked.status, Number(locked.headers['retry-after']) > 0]).toEqual([423, true]);
    expect(locked.body.type).toMatch(/#locked$/);
    expect((await from('10.2.0.3').post('/auth/login', { ...ADMIN, deviceToken })).status).toBe(200);
    expect((await from('10.2.0.3').post('/auth/login', { ...ADMIN, deviceToken: 'x' })).status).toBe(423);
    await from('10.2.0.4').post('/auth/forgot-password', { email: ADMIN.email });
    const token = tokenOf(await world.lastTo(ADMIN.email));
    expect((await from('10.2.0.4').post('/auth/reset-password', { token, password: ADMIN.password })).status).toBe(204);
    expect((await from('10.2.0.5').post('/auth/login', ADMIN)).status).toBe(200);
  });

  it('S6: a device is no way around the lock for guessing', async () => {
    const { deviceToken } = (await from('10.3.0.1').post('/auth/login', ADMIN)).body;
    for (let i = 0; i < 5; i++) await from(`10.3.1.${i}`).post('/auth/login', { email: ADMIN.email, password: wrongPassword, deviceToken });
    expect((await from('10.3.0.2').post('/auth/login', { ...ADMIN, deviceToken })).status).toBe(423);
    expect((await from('10.3.0.2').post('/auth/login', ADMIN)).status).toBe(200);
  });

  it('S6: credential stuffing from one address is stopped, in a row or at once, and others are not', async () => {
    const tries = await Promise.all(Array.from({ length: 30 }, (_, i) => guess('10.4.0.1', `victim${i}@x.test`)));
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(12);
    const refused = tries.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(18);
    expect(Number(refused[0]?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await from('10.4.0.1').post('/auth/login', ADMIN)).status).toBe(429);
    expect((await from('10.4.0.2').post('/auth/login', ADMIN)).status).toBe(200);
    world.advance(15 * 60 * SECOND);
    expect((await from('10.4.0.1').post('/auth/login', ADMIN)).status).toBe(200);
  });

  it('S6: the addresses of one IPv6 network are one', async () => {
    for (let i = 0; i < 12; i++) await guess(`2001:db8:1:2::${i}`, `six${i}@x.test`);
    expect((await guess('2001:db8:1:2:ffff::1', 'six@x.test')).status).toBe(429);
    expect((await guess('2001:db8:1:3::1', 'six@x.test')).status).toBe(401);
  });

  it('S6: 40 guesses at once get no further than those in a row', async () => {
    const tries = await Promise.all(Array.from({ length: 40 }, (_, i) => guess(`10.5.0.${i}`, 'crowd@x.test')));
    expect(tries.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(tries.filter(({ status }) => status === 423)).toHaveLength(35);
  });

  it('S6: messages are not sent without end', async () => {
    const asked: number[] = [];
    for (let i = 0; i < 7; i++) asked.push((await from(`10.6.0.${i}`).post('/auth/forgot-password', { email: 'flood@x.test' })).status);
    expect(asked).toEqual([202, 202, 202, 202, 202, 429, 429]);
  });
});

const seen = ({ status, body, headers }: Answer): unknown => ({
  status,
  body,
  headers: Object.keys(headers)
    .filter((name) => name !== 'date')
    .sort(),
  length: headers['content-length'],
});

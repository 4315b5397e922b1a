/** Who manages whom, clinics, locations and staff, over HTTP on both stores. */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { asClinicId, asResourceId, asResourceType } from '../../src/fhir/model/ids.ts';
import { ROLES } from '../../src/fhir/model/principal.ts';
import { MEMBERSHIP, PLACE, PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import { ADMIN, addUser, onEachStore, type Caller, type World } from './set-up.ts';

const PASSWORD = 'lantern-river-52';
const DAY = 24 * 60 * 60 * 1000;

onEachStore('users and clinics', (open) => {
  let world: World;
  /** A SUPER_ADMIN in `demo`, the administrators of `a` and `b`. */
  let top: Caller;
  let inA: Caller;
  let inB: Caller;
  let count = 0;
  const fresh = (): string => `user${(count += 1)}@x.test`;
  beforeAll(async () => {
    world = await open();
    top = await world.admin();
    for (const clinic of ['a', 'b']) {
      expect((await top.post('/clinics', { id: clinic, name: `Clinic ${clinic}` })).status).toBe(201);
      const { id } = await addUser(world, top, { email: `admin-${clinic}@x.test`, role: 'NURSE' });
      expect((await top.post(`/users/${id}/clinics/${clinic}`, { role: 'CLINIC_ADMIN' })).status).toBe(201);
    }
  });
  beforeEach(async () => {
    world.advance(DAY);
    top = await world.admin();
    inA = world.as(await world.signIn('admin-a@x.test', PASSWORD, 'a'));
    inB = world.as(await world.signIn('admin-b@x.test', PASSWORD, 'b'));
  });
  afterAll(async () => {
    expect(world.faults).toEqual([]);
    await world.close();
  });

  const resource = async (clinic: string, reference: string): Promise<Record<string, unknown> | undefined> => {
    const [type = '', id = ''] = reference.split('/');
    const found = await world.store.read(asClinicId(clinic), { type: asResourceType(type), id: asResourceId(id) });
    return found && (JSON.parse(Buffer.from(found.body).toString()) as Record<string, unknown>);
  };

  it('each role is made with its FHIR resources in the same request, and can sign in', async () => {
    for (const role of ROLES.filter((r) => r !== 'SUPER_ADMIN')) {
      const email = fresh();
      const { fhirUser } = await addUser(world, inA, { email, role, givenName: 'Meera' });
      expect(fhirUser).toMatch(role === 'PATIENT' ? /^Patient\// : /^Practitioner\//);
      expect(await resource('a', fhirUser)).toMatchObject({
        active: true,
        name: [{ given: ['Meera'] }],
        telecom: [{ system: 'email', value: email }],
      });
      if (role !== 'PATIENT')
        expect(await resource('a', `PractitionerRole/${fhirUser.split('/')[1] ?? ''}`)).toMatchObject({
          code: [{ coding: [{ code: role }] }],
        });
      expect((await world.as().post('/auth/login', { email, password: PASSWORD })).body).toMatchObject({ clinic: 'a', role, fhirUser });
    }
  });

  it('what was cut off between resource, place and membership is finished by the same request', async () => {
    const email = fresh();
    const { id, fhirUser } = await addUser(world, inA, { email, role: 'DOCTOR' });
    await world.records.remove(MEMBERSHIP, asClinicId('a'), id);
    await world.records.remove(PLACE, PLATFORM, `${id} a`);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(403);
    const again = await inA.post('/users', { givenName: 'Asha', email, role: 'DOCTOR' });
    expect([again.status, again.body.id, again.body.fhirUser]).toEqual([201, id, fhirUser]);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).body).toMatchObject({ clinic: 'a', role: 'DOCTOR' });
    expect((await inA.post('/users', { givenName: 'Asha', email, role: 'NURSE' })).status).toBe(409);
  });

  it('a clinic administrator makes no SUPER_ADMIN, and touches none', async () => {
    expect((await inA.post('/users', { givenName: 'X', email: fresh(), role: 'SUPER_ADMIN' })).status).toBe(403);
    const { id } = await addUser(world, inA, { email: fresh(), role: 'NURSE' });
    expect((await inA.put(`/users/${id}/role`, { role: 'SUPER_ADMIN' })).status).toBe(403);
    expect((await inA.post(`/users/${id}/clinics/a`, { role: 'SUPER_ADMIN' })).status).toBe(403);
    const { id: boss } = await addUser(world, top, { email: fresh(), role: 'SUPER_ADMIN' });
    const { id: local } = await addUser(world, top, { email: 'demo-admin@x.test', role: 'CLINIC_ADMIN' });
    const inDemo = world.as(await world.signIn('demo-admin@x.test', PASSWORD, 'demo'));
    expect((await inDemo.put(`/users/${boss}/role`, { role: 'PATIENT' })).status).toBe(403);
    expect((await inDemo.put(`/users/${boss}`, { givenName: 'X' })).status).toBe(403);
    expect((await inDemo.delete(`/users/${boss}`)).status).toBe(403);
    expect((await inDemo.delete(`/users/${boss}/clinics/demo`)).status).toBe(403);
    expect((await inDemo.post(`/users/${boss}/clinics/demo`, { role: 'NURSE' })).status).toBe(403);
    expect((await top.get(`/users/${boss}`)).body).toMatchObject({ role: 'SUPER_ADMIN', active: true });
    for (const path of [`/users/${local}/role`, `/users/${local}`])
      expect((await inDemo.put(path, path.endsWith('role') ? { role: 'NURSE' } : { givenName: 'X', active: false })).status).toBe(422);
    expect((await inDemo.delete(`/users/${local}`)).status).toBe(422);
  });

  it('T1: users and places of another clinic are not there, the same as those that never were', async () => {
    const { id } = await addUser(world, inB, { email: fresh(), role: 'DOCTOR' });
    const never = '0190a0a0-0000-7000-8000-000000000000';
    for (const [ask] of [
      [(who: string) => inA.get(`/users/${who}`)],
      [(who: string) => inA.put(`/users/${who}`, { givenName: 'X' })],
      [(who: string) => inA.delete(`/users/${who}`)],
      [(who: string) => inA.put(`/users/${who}/role`, { role: 'NURSE' })],
      [(who: string) => inA.get(`/users/${who}/permissions`)],
      [(who: string) => inA.post(`/users/${who}/clinics/a`, { role: 'NURSE' })],
      [(who: string) => inA.post(`/users/${who}/clinics/b`, { role: 'NURSE' })],
      [(who: string) => inA.delete(`/users/${who}/clinics/b`)],
    ] as const) {
      const [there, absent] = [await ask(id), await ask(never)];
      expect([there.status, there.text, there.headers['content-length']]).toEqual([404, absent.text, absent.headers['content-length']]);
    }
    expect((await inB.get(`/users/${id}`)).body).toMatchObject({ role: 'DOCTOR', active: true });
    const list = (await inA.get('/users?limit=1000')).body.data;
    expect(list.map((user) => user.id)).not.toContain(id);
  });

  it('T1: clinics, locations and staff of another clinic are not there, the same as those that never were', async () => {
    const location = (await inB.post('/clinics/b/locations', { name: 'Branch' })).body.id;
    const person = (await inB.post('/clinics/b/staff', { givenName: 'Visiting' })).body.id;
    for (const tail of ['', '/locations', `/locations/${location}`, `/locations/${location}/qr`, '/staff', `/staff/${person}`]) {
      const [there, absent] = [await inA.get(`/clinics/b${tail}`), await inA.get(`/clinics/none${tail}`)];
      expect([tail, there.status, there.text]).toEqual([tail, 404, absent.text]);
    }
    expect((await inA.get(`/clinics/a/locations/${location}`)).status).toBe(404);
    expect((await inA.get(`/clinics/a/staff/${person}`)).status).toBe(404);
    expect((await top.get(`/clinics/b/locations/${location}`)).status).toBe(200);
    expect((await inA.get('/clinics')).body.data.map((c) => c.id)).toEqual(['a']);
    expect((await top.get('/clinics')).body.data.map((c) => c.id)).toEqual(expect.arrayContaining(['a', 'b', 'demo']));
    expect((await inA.post('/clinics', { id: 'mine', name: 'Mine' })).status).toBe(403);
    expect((await inA.delete('/clinics/a')).status).toBe(403);
  });

  it('an address that has an account elsewhere is invited like any other, and what others know of it stays there', async () => {
    const email = fresh();
    await addUser(world, inB, { email, role: 'DOCTOR', givenName: 'Known as B knows' });
    const made = await inA.post('/users', { givenName: 'As A says', email, role: 'NURSE' });
    expect([made.status, made.body.name]).toEqual([201, 'As A says']);
    expect((await inB.get(`/users?email=${email}`)).body.data[0]?.name).toBe('Known as B knows');
    const both = await world.as().post('/auth/login', { email, password: PASSWORD });
    expect(both.body.clinics).toHaveLength(2);
  });

  it('another role, a place taken away and a deactivation end tokens and sessions at once', async () => {
    const email = fresh();
    const { id, fhirUser } = await addUser(world, inA, { email, role: 'DOCTOR' });
    const ends = async (act: () => Promise<{ readonly status: number }>, status: number): Promise<void> => {
      const { body } = await world.as().post('/auth/login', { email, password: PASSWORD });
      expect((await world.as(body.accessToken).get('/auth/me')).status).toBe(200);
      expect((await act()).status).toBe(status);
      expect((await world.as(body.accessToken).get('/auth/me')).status).toBe(401);
      expect((await world.as().post('/auth/refresh', { refreshToken: body.refreshToken })).status).toBe(401);
    };
    await ends(() => inA.put(`/users/${id}/role`, { role: 'NURSE' }), 200);
    expect(await resource('a', `PractitionerRole/${fhirUser.split('/')[1] ?? ''}`)).toMatchObject({
      code: [{ coding: [{ code: 'NURSE' }] }],
    });
    await ends(() => inA.delete(`/users/${id}/clinics/a`), 204);
    expect(await resource('a', fhirUser)).toMatchObject({ active: false });
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).status).toBe(403);
    expect((await inA.post(`/users/${id}/clinics/a`, { role: 'PATIENT' })).status).toBe(201);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD })).body.fhirUser).toMatch(/^Patient\//);
    await ends(() => inA.delete(`/users/${id}`), 204);
    expect((await inA.put(`/users/${id}`, { givenName: 'Asha', active: true })).body.active).toBe(true);
    await top.post(`/users/${id}/clinics/demo`, { role: 'NURSE' });
    expect((await top.delete(`/users/${id}`)).status).toBe(204);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD, clinic: 'a' })).status).toBe(401);
  });

  it('a patient is not made staff by a change of role', async () => {
    const { id } = await addUser(world, inA, { email: fresh(), role: 'PATIENT' });
    expect((await inA.put(`/users/${id}/role`, { role: 'DOCTOR' })).status).toBe(422);
  });

  it('an account is bound to a patient who is there already, and to nobody else’s', async () => {
    const first = await addUser(world, inA, { email: fresh(), role: 'PATIENT' });
    expect((await inA.post('/users', { givenName: 'X', email: fresh(), role: 'PATIENT', resource: first.fhirUser })).status).toBe(409);
    expect((await inA.post('/users', { givenName: 'X', email: fresh(), role: 'PATIENT', resource: 'Patient/none' })).status).toBe(422);
    expect((await inA.post('/users', { givenName: 'X', email: fresh(), role: 'DOCTOR', resource: first.fhirUser })).status).toBe(422);
  });

  it('users are found by address, number, name and role, page by page, and changed under If-Match', async () => {
    const names = ['Ánanda', 'Anandi', 'Bhavna'];
    for (const givenName of names) await addUser(world, inB, { email: fresh(), role: 'THERAPIST', givenName });
    const found = async (query: string): Promise<string[]> => (await inB.get(`/users?${query}`)).body.data.map((u) => u.name).sort();
    expect(await found('name=anand')).toEqual(['Anandi', 'Ánanda']);
    expect(await found('role=THERAPIST')).toHaveLength(3);
    const pages: string[] = [];
    for (let query = 'role=THERAPIST&limit=2'; query !== '';) {
      const { body } = await inB.get(`/users?${query}`);
      pages.push(...body.data.map((u) => u.name));
      query = body.page.next === undefined ? '' : `role=THERAPIST&limit=2&cursor=${body.page.next}`;
    }
    expect(pages.sort()).toEqual([...names].sort());
    const user = (await inB.get('/users?name=bhavna')).body.data[0]!;
    const etag = (await inB.get(`/users/${user.id}`)).headers['etag'] ?? '';
    expect((await inB.put(`/users/${user.id}`, { givenName: 'Bhavna', familyName: 'Rao' }, { 'if-match': etag })).body.name).toBe(
      'Bhavna Rao',
    );
    expect((await inB.put(`/users/${user.id}`, { givenName: 'Late' }, { 'if-match': etag })).status).toBe(412);
    expect(await resource('b', user.fhirUser)).toMatchObject({ name: [{ text: 'Bhavna Rao', family: 'Rao' }] });
    expect((await inB.get(`/users/${user.id}/permissions`)).body).toMatchObject({ role: 'THERAPIST', active: true });
  });

  it('others manage nobody', async () => {
    const email = fresh();
    await addUser(world, inA, { email, role: 'DOCTOR' });
    const doctor = world.as(await world.signIn(email, PASSWORD));
    for (const path of ['/users', '/users/x', '/clinics']) expect((await doctor.get(path)).status).toBe(403);
    expect((await doctor.post('/users', { givenName: 'X', email: fresh(), role: 'NURSE' })).status).toBe(403);
    expect((await world.as().get('/users')).status).toBe(401);
  });

  it('a clinic that is deactivated lets nobody in', async () => {
    await top.post('/clinics', { id: 'closing', name: 'Closing', timeZone: 'Europe/Paris' });
    const email = fresh();
    const { id } = await addUser(world, inA, { email, role: 'DOCTOR' });
    await top.post(`/users/${id}/clinics/closing`, { role: 'DOCTOR' });
    const token = await world.signIn(email, PASSWORD, 'closing');
    expect((await top.delete('/clinics/closing')).status).toBe(204);
    expect((await world.as(token).get('/auth/me')).status).toBe(401);
    expect((await world.as().post('/auth/login', { email, password: PASSWORD, clinic: 'closing' })).status).toBe(403);
    expect((await top.get('/clinics/closing')).body).toMatchObject({ active: false, timeZone: 'Europe/Paris' });
    expect(await resource('closing', 'Organization/closing')).toMatchObject({ active: false, name: 'Closing' });
    expect((await top.post('/clinics', { id: 'closing', name: 'Again' })).status).toBe(409);
    expect((await top.post('/clinics', { id: 'zone', name: 'Z', timeZone: 'Mars/Olympus' })).status).toBe(422);
    expect((await top.post('/clinics', { id: '_platform', name: 'Z' })).status).toBe(400);
    expect((await top.delete('/clinics/demo')).status).toBe(422);
  });

  it('locations are Locations, with position, radius and what the plain form doesn’t know of', async () => {
    const position = { latitude: 9.9312, longitude: 76.2673 };
    const made = await inA.post('/clinics/a/locations', {
      name: 'Main',
      position,
      checkInRadius: 150,
      phone: '+914842345678',
      address: { city: 'Kochi' },
    });
    expect(made.status).toBe(201);
    const { id } = made.body;
    expect(made.headers['location']).toBe(`/clinics/a/locations/${id}`);
    expect(await resource('a', `Location/${id}`)).toMatchObject({
      position,
      managingOrganization: { reference: 'Organization/a' },
    });
    const changed = await inA.put(
      `/clinics/a/locations/${id}`,
      { name: 'Main house', position, active: false },
      { 'if-match': made.headers['etag'] ?? '' },
    );
    expect(changed.body).toEqual({ id, name: 'Main house', position, active: false });
    expect((await inA.put(`/clinics/a/locations/${id}`, { name: 'X' }, { 'if-match': made.headers['etag'] ?? '' })).status).toBe(412);
    expect((await inA.get('/clinics/a/locations?active=false&name=house')).body.data).toEqual([changed.body]);
    expect((await inA.delete(`/clinics/a/locations/${id}`)).status).toBe(204);
    expect((await inA.get(`/clinics/a/locations/${id}`)).status).toBe(404);
    expect((await inA.delete(`/clinics/a/locations/${id}`)).status).toBe(204);
  });

  it('the QR of a location is signed, ends, is of its clinic, and is renewed', async () => {
    const { id } = (await inA.post('/clinics/a/locations', { name: 'Desk' })).body;
    const path = `/clinics/a/locations/${id}`;
    const png = await inA.get(`${path}/qr`);
    expect([
      png.status,
      png.headers['content-type'],
      Buffer.from(png.body as unknown as Uint8Array)
        .subarray(1, 4)
        .toString(),
    ]).toEqual([200, 'image/png', 'PNG']);
    const svg = await inA.get(`${path}/qr?format=svg`);
    expect([
      svg.headers['content-type'],
      Buffer.from(svg.body as unknown as Uint8Array)
        .toString('utf8')
        .includes('<svg'),
    ]).toEqual(['image/svg+xml', true]);
    const { locationQr } = world.people;
    const [a, b] = [asClinicId('a'), asClinicId('b')];
    const text = await locationQr.text(a, id, 60);
    expect([await locationQr.verify(a, text), await locationQr.verify(b, text)]).toEqual([id, undefined]);
    const longer = text.replace(/:(\d+):/, (_, until: string) => `:${Number(until) + 1000}:`);
    expect(await locationQr.verify(a, longer)).toBeUndefined();
    world.advance(61_000);
    expect(await locationQr.verify(a, text)).toBeUndefined();
    const next = await locationQr.text(a, id, 60);
    await inA.put(path, { name: 'Desk', renewQr: true });
    expect(await locationQr.verify(a, next)).toBeUndefined();
    expect(await locationQr.verify(a, await locationQr.text(a, id, 60))).toBe(id);
  });

  it('staff are PractitionerRoles, with or without an account; whoever has one is deactivated as a user', async () => {
    const made = await inB.post('/clinics/b/staff', { givenName: 'Vasant', familyName: 'Lad', specialty: 'Panchakarma', role: 'DOCTOR' });
    expect(made.body).toMatchObject({ name: 'Vasant Lad', specialty: 'Panchakarma', role: 'DOCTOR', active: true });
    const path = `/clinics/b/staff/${made.body.id}`;
    expect((await inB.put(path, { givenName: 'Vasant', phone: '+914842345678', qualification: 'BAMS' })).body).toMatchObject({
      phone: '+914842345678',
      specialty: 'Panchakarma',
      role: 'DOCTOR',
    });
    expect((await inB.get('/clinics/b/staff?role=DOCTOR')).body.data.map((s) => s.id)).toContain(made.body.id);
    expect((await inB.delete(path)).status).toBe(204);
    expect((await inB.get(path)).body.active).toBe(false);
    const { id, fhirUser } = await addUser(world, inB, { email: fresh(), role: 'NURSE' });
    const own = `/clinics/b/staff/${fhirUser.split('/')[1] ?? ''}`;
    expect((await inB.get(own)).body).toMatchObject({ role: 'NURSE', practitioner: fhirUser });
    expect((await inB.delete(own)).status).toBe(409);
    await inB.delete(`/users/${id}`);
    expect((await inB.get(own)).body.active).toBe(false);
  });

  it('a repeat of what was answered makes nothing twice', async () => {
    const key = { 'idempotency-key': 'k-1' };
    const [one, two] = [
      await inA.post('/clinics/a/locations', { name: 'Once' }, key),
      await inA.post('/clinics/a/locations', { name: 'Once' }, key),
    ];
    expect([two.status, two.body]).toEqual([201, one.body]);
    expect((await inA.get('/clinics/a/locations?name=Once')).body.data).toHaveLength(1);
  });

  it('signing in as the administrator still works', async () => {
    expect(await world.signIn(ADMIN.email, ADMIN.password)).toBeDefined();
  });
});

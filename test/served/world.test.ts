/** The world that other tests stand in is what it says. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { ROLES } from '../../src/fhir/model/principal.ts';
import { availableStores } from '../../tools/running-server.ts';
import { openServedWorld, type ServedWorld } from './world.ts';

describe.each(availableStores())('everyone signed in on %s', (store) => {
  let world: ServedWorld;
  beforeAll(async () => void (world = await openServedWorld(store)), 60_000);
  afterAll(() => world.close());

  it.each(['demo', 'second'] as const)('in %s, in a role each', async (clinic) => {
    for (const role of ROLES.filter((one) => clinic === 'demo' || one !== 'SUPER_ADMIN')) {
      const { token, fhirUser } = world.person(clinic, role);
      const { body } = await world.ask('/auth/me', { token });
      expect(body).toMatchObject({ clinic, role, fhirUser });
    }
  });

  it('with a client of the first clinic', async () => {
    const token = await world.systemToken();
    expect((await world.ask('/fhir/R4/Practitioner?_summary=count', { token })).body['total']).toBeGreaterThan(5);
    expect((await world.ask('/clinics/second/fhir/R4/Practitioner', { token })).status).toBe(404);
  });

  async function codeByWhatsApp(to: string): Promise<string | undefined> {
    for (;;) {
      const found = (await world.messages(to)).find(({ channel }) => channel === 'whatsapp');
      if (found) return found.values['code'];
      await wait(20);
    }
  }

  it('who has shown that a number is theirs signs in by a code over WhatsApp', async () => {
    const { token } = world.person('demo', 'NURSE');
    const phone = '+919876500017';
    expect((await world.ask('/auth/me', { method: 'PUT', token, json: { phone } })).status).toBe(200);
    const [shown] = await world.messages(phone);
    expect((await world.ask('/auth/me/phone', { token, json: { code: shown?.values['code'] } })).status).toBe(204);
    expect((await world.ask('/auth/otp/request', { json: { channel: 'whatsapp', to: phone } })).status).toBe(202);
    const code = await codeByWhatsApp(phone);
    const signedIn = await world.ask('/auth/otp/verify', { json: { channel: 'whatsapp', to: phone, code } });
    expect(signedIn.body).toMatchObject({ clinic: 'demo', role: 'NURSE' });
  });
});

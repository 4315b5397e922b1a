/**
 * What a new password, another role and a place taken away end, on the whole server: sessions, tokens of apps, codes that wait,
 * browsers, and a sign-in that is under way. For good: also where the place is given again.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { authorizeUrl, codeFor, proof, redeem, registerApp, type App } from './app.ts';
import type { Told } from './ask.ts';
import { PASSWORD, type Person, type ServedWorld } from './world.ts';

const NEW_PASSWORD = 'nine loud herons at dusk';

/** What somebody holds who was let in. */
interface Held {
  readonly session: Readonly<Record<string, unknown>>;
  readonly tokens: Readonly<Record<string, unknown>>;
  /** Not redeemed yet. */
  readonly code: string;
  readonly shown: ReturnType<typeof proof>;
}

export function endingTests(at: () => { readonly world: ServedWorld }): void {
  describe('what ends with a password or a place', () => {
    let world: ServedWorld;
    let app: App;
    let count = 0;
    beforeAll(async () => {
      ({ world } = at());
      app = await registerApp(world);
    });

    const someone = (): Promise<Person> =>
      world.invite('demo', { role: 'DOCTOR', email: `ending-${(count += 1)}@demo.test`, givenName: 'Ending' });
    async function letIn(person: Person): Promise<Held> {
      const [first, shown] = [proof(), proof()];
      const scope = { scope: 'openid offline_access user/*.rs' };
      const { body: session } = await world.signIn(person);
      const { body: tokens } = await redeem(world, app, await codeFor(world, person, app, first, scope), first);
      return { session, tokens, shown, code: await codeFor(world, person, app, shown, scope) };
    }
    const refreshApp = (held: Held): Promise<Told> => {
      const form = { grant_type: 'refresh_token', client_id: app.clientId, refresh_token: String(held.tokens['refresh_token']) };
      return world.ask('/oauth2/token', { form });
    };
    /** In the order: the app's access token and refresh token, the waiting code, the session's access and refresh token. */
    const statusesOf = async (held: Held): Promise<number[]> => {
      const told = [
        await world.ask('/fhir/R4/Patient?_count=1', { token: String(held.tokens['access_token']) }),
        await refreshApp(held),
        await redeem(world, app, held.code, held.shown),
        await world.ask('/auth/me', { token: String(held.session['accessToken']) }),
        await world.ask('/auth/refresh', { json: { refreshToken: held.session['refreshToken'] } }),
      ];
      return told.map(({ status }) => status);
    };
    const ended = [401, 400, 400, 401, 401];
    const changePassword = (held: Held): Promise<Told> =>
      world.ask('/auth/change-password', {
        token: String(held.session['accessToken']),
        json: { currentPassword: PASSWORD, newPassword: NEW_PASSWORD },
      });
    const admin = (path: string, method: string, json?: object): Promise<Told> =>
      world.ask(path, { token: world.person('demo', 'SUPER_ADMIN').token, method, ...(json ? { json } : {}) });

    it('they are good as long as nothing changes', async () => {
      expect(await statusesOf(await letIn(await someone()))).toEqual([200, 200, 200, 200, 200]);
    });

    it('a new password', async () => {
      const held = await letIn(await someone());
      const changed = await changePassword(held);
      expect(changed.status).toBe(200);
      expect(await statusesOf(held)).toEqual(ended);
      const apps = await world.ask('/auth/apps', { token: String(changed.body['accessToken']) });
      expect([apps.status, apps.body]).toEqual([200, { data: [] }]);
    });

    it('a password that is set by a link', async () => {
      const person = await someone();
      const held = await letIn(person);
      await world.ask('/auth/forgot-password', { json: { email: person.email } });
      const [sent] = await world.messages(person.email, 'reset-password');
      const token = new URL(sent?.values['link'] ?? '').searchParams.get('token') ?? '';
      expect((await world.ask('/auth/reset-password', { json: { token, password: NEW_PASSWORD } })).status).toBe(204);
      expect(await statusesOf(held)).toEqual(ended);
    });

    it('a browser that was signed in asks again', async () => {
      const person = await someone();
      const held = await letIn(person);
      const cookie = await browserCookie(world, person, app);
      const begun = (): Promise<Told> => world.ask(authorizeUrl(world, app, proof()), { headers: { cookie } });
      expect((await begun()).headers.get('location')).toContain('/oauth2/consent');
      expect((await changePassword(held)).status).toBe(200);
      expect((await begun()).headers.get('location')).toContain('/oauth2/login');
    });

    it('another role, also once the old one is given again', async () => {
      const person = await someone();
      const held = await letIn(person);
      expect((await admin(`/users/${person.account}/role`, 'PUT', { role: 'NURSE' })).status).toBe(200);
      expect((await admin(`/users/${person.account}/role`, 'PUT', { role: 'DOCTOR' })).status).toBe(200);
      expect(await statusesOf(held)).toEqual(ended);
      expect((await world.signIn(person)).status).toBe(200);
    });

    it('a place that is taken away and given again', async () => {
      const person = await someone();
      const held = await letIn(person);
      expect((await admin(`/users/${person.account}/clinics/demo`, 'DELETE')).status).toBe(204);
      expect((await admin(`/users/${person.account}/clinics/demo`, 'POST', { role: 'DOCTOR' })).status).toBe(201);
      expect(await statusesOf(held)).toEqual(ended);
      expect((await world.signIn(person)).status).toBe(200);
    });

    it('an account that is deactivated and activated again', async () => {
      const person = await someone();
      const held = await letIn(person);
      expect((await admin(`/users/${person.account}`, 'DELETE')).status).toBe(204);
      expect((await admin(`/users/${person.account}`, 'PUT', { givenName: 'Ending', active: true })).status).toBe(200);
      expect(await statusesOf(held)).toEqual(ended);
      expect((await world.signIn(person)).status).toBe(200);
    });
  });
}

/** Of a browser in which the person signed in for the app. */
async function browserCookie({ ask, url }: ServedWorld, { email }: Person, app: App): Promise<string> {
  const login = await ask((await ask(authorizeUrl({ url } as ServedWorld, app, proof()))).headers.get('location') ?? '');
  const hidden = [...login.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]);
  const cookie = login.headers.getSetCookie().map((set) => set.split(';', 1)[0]);
  const form = { ...(Object.fromEntries(hidden) as Record<string, string>), email, password: PASSWORD };
  const headers = { cookie: cookie.join('; '), 'sec-fetch-site': 'same-origin' };
  const signedIn = await ask('/oauth2/login', { form, headers });
  return signedIn.headers
    .getSetCookie()
    .map((set) => set.split(';', 1)[0])
    .join('; ');
}

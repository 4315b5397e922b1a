/** The pages in a real browser: a phone, without JavaScript, in English and Hindi. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { enter, passCode, signIn } from './drive.ts';
import { audited, openWorld, type World } from './people.ts';
import { closed, listening, openBrowser } from './set-up.ts';

let world: World;
let browser: Browser;
let app: Server;
let appUrl: string;
let contexts: BrowserContext[] = [];

beforeAll(async () => {
  app = createServer((_request, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>the app</title>'));
  [world, browser, appUrl] = await Promise.all([openWorld(), openBrowser(), listening(app)]);
});
afterEach(async () => {
  await Promise.all(contexts.map((c) => c.close()));
  contexts = [];
});
afterAll(async () => {
  await browser.close();
  await Promise.all([world.close(), closed(app)]);
});

const PHONE = { viewport: { width: 320, height: 640 }, javaScriptEnabled: false, isMobile: true, hasTouch: true };

async function phone(more: { readonly locale?: string } = {}): Promise<Page> {
  const context = await browser.newContext({ ...PHONE, locale: 'en-IN', ...more });
  contexts.push(context);
  return context.newPage();
}

async function authorizeUrl(scope: string, name = 'Growth Chart', more: Record<string, string> = {}): Promise<string> {
  const redirect = `${appUrl}/callback`;
  const { id } = await world.register({
    ...{ name, authMethod: 'none', redirectUris: [redirect], grantTypes: ['authorization_code', 'refresh_token'], scope, origins: [] },
  });
  const challenge = createHash('sha256').update(randomBytes(32)).digest('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: id,
    redirect_uri: redirect,
    scope,
    state: 's-1',
    aud: `${world.url}/fhir/R4`,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...more,
  });
  return `${world.url}/oauth2/authorize?${query.toString()}`;
}

const shot = (page: Page, name: string): Promise<unknown> =>
  process.env['SHOTS'] === undefined ? Promise.resolve() : page.screenshot({ path: `${process.env['SHOTS']}/${name}.png`, fullPage: true });

const title = (page: Page): Promise<string> => page.locator('h1').innerText();

/** Nothing is cut off at 320 px, and what is touched is big enough. Asked from outside: the page runs no scripts. */
async function fits(page: Page): Promise<void> {
  const box = await page.locator('main').boundingBox();
  expect(box!.x + box!.width).toBeLessThanOrEqual(320);
  for (const target of await page.locator('button, .link, .button, .language, label.scope, .field input').all()) {
    const size = (await target.boundingBox())!;
    expect(size.height).toBeGreaterThanOrEqual(44);
    expect(size.x).toBeGreaterThanOrEqual(0);
    expect(size.x + size.width).toBeLessThanOrEqual(320);
  }
}

describe('a doctor', () => {
  test('signs in with a second factor, picks a patient, allows a part, and comes back to the app', async () => {
    const page = await phone();
    await page.goto(
      await authorizeUrl(
        'launch/patient openid fhirUser offline_access patient/Observation.rs patient/AllergyIntolerance.cruds user/Appointment.rs',
      ),
    );
    expect(await title(page)).toBe('Sign in');
    expect(await page.locator('.app').innerText()).toContain('Growth Chart wants to use records at Sanjeevani Clinic, Pune');
    await fits(page);
    await shot(page, '1-login');

    await signIn(page, { ...world.doctor, password: 'wrong' });
    expect(await page.getByRole('alert').innerText()).toBe('The e-mail address or the password is wrong.');
    expect(await page.inputValue('#email')).toBe(world.doctor.email);
    expect(await page.inputValue('#password')).toBe('');
    await shot(page, '2-login-wrong');
    await signIn(page, world.doctor);

    expect(await title(page)).toBe('Enter your code');
    await page.fill('#code', '000000');
    await enter(page);
    expect(await page.locator('#code').getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator('#code').getAttribute('aria-describedby')).toBe('code-hint code-error');
    await fits(page);
    await shot(page, '3-code');
    await passCode(page, world.doctor);

    expect(await title(page)).toBe('Choose a patient');
    await page.fill('#name', 'kamala');
    await enter(page);
    expect(await page.locator('.choices li').count()).toBe(10);
    await fits(page);
    await shot(page, '4-patients');
    await page.getByRole('button', { name: 'More patients' }).click();
    expect(await page.locator('.choices li').count()).toBe(2);
    await page.fill('#name', 'Ash Ra');
    await enter(page);
    expect(await page.locator('.choices li').allInnerTexts()).toEqual([expect.stringContaining('Asha Rao')]);
    await page.getByRole('button', { name: 'Asha Rao' }).click();

    expect(await title(page)).toBe('Allow Growth Chart?');
    const text = await page.locator('main').innerText();
    for (const part of [
      'Records of Asha Rao',
      'See all measurements, findings and reports',
      'See, add, change and delete allergies',
      'Records of everyone whom you may see',
      'See appointments',
      'Keep access while you are away',
      'Can change records',
      'Signed in as Dr Kavita Deshpande (kavita@clinic.example)',
    ])
      expect(text).toContain(part);
    await fits(page);
    await shot(page, '5-consent');
    await page.getByLabel('delete allergies').uncheck();
    await page.getByLabel('Keep access while you are away').uncheck();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForURL(`${appUrl}/callback?*`);
    const back = new URL(page.url()).searchParams;
    expect(back.get('state')).toBe('s-1');
    expect(back.get('code')).toMatch(/^[\w-]{43}$/);
    expect(await audited(world, 'POST /oauth2/consent')).toMatchObject({
      type: { code: '110114' },
      outcome: '0',
      purposeOfEvent: [{ text: 'allowed' }],
      agent: expect.arrayContaining([expect.objectContaining({ altId: world.doctor.account, who: { reference: world.doctor.fhirUser } })]),
      entity: expect.arrayContaining([expect.objectContaining({ what: { reference: 'Patient/asha' } })]),
    });
  });

  test('refuses, and the app is told', async () => {
    const page = await phone();
    await page.goto(await authorizeUrl('openid user/Patient.rs'));
    await signIn(page, world.doctor);
    await page.fill('#code', world.doctor.recoveryCodes[0] ?? '');
    await enter(page);
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.waitForURL(`${appUrl}/callback?*`);
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
    expect(new URL(page.url()).searchParams.get('code')).toBeNull();
  });
});

describe('a patient', () => {
  test('reads the pages in Hindi, allows, and signs out', async () => {
    const page = await phone({ locale: 'hi-IN' });
    await page.goto(await authorizeUrl('launch/patient openid patient/*.rs patient/Appointment.cruds offline_access', 'स्वास्थ्य डायरी'));
    expect(await page.locator('html').getAttribute('lang')).toBe('hi');
    expect(await title(page)).toBe('साइन इन करें');
    await shot(page, '6-login-hi');
    await signIn(page, world.patient);
    expect(await page.locator('legend').first().innerText()).toBe('आपके अपने रिकॉर्ड');
    await fits(page);
    await shot(page, '7-consent-hi');
    await page.getByRole('button', { name: 'अनुमति दें' }).click();
    await page.waitForURL(`${appUrl}/callback?*`);
    expect(new URL(page.url()).searchParams.get('code')).toMatch(/^[\w-]{43}$/);

    await page.goto(`${world.url}/oauth2/apps`);
    await page.getByRole('link', { name: 'English' }).click();
    expect(await title(page)).toBe('Apps you allowed');
    await fits(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByRole('status').innerText()).toBe('You are signed out.');
  });

  test('picks no other patient than themselves', async () => {
    const page = await phone();
    await page.goto(await authorizeUrl('launch/patient patient/*.rs'));
    await signIn(page, world.patient);
    expect(await title(page)).toBe('Allow Growth Chart?');
    const tx = new URL(page.url()).searchParams.get('tx') ?? '';
    await page.goto(`${world.url}/oauth2/patient?tx=${tx}`);
    expect(await title(page)).toBe('Allow Growth Chart?');
  });
});

test('someone of several clinics chooses one to see the apps that they allowed', async () => {
  const page = await phone();
  await page.goto(`${world.url}/oauth2/apps`);
  await signIn(page, world.nurse);
  expect(await title(page)).toBe('Choose a clinic');
  await fits(page);
  await shot(page, '8-clinic');
  await page.getByRole('button', { name: 'Dhanvantari' }).click();
  expect(await title(page)).toBe('Apps you allowed');
});

test('a hostile app writes nothing into the page, and its scopes are shown as text', async () => {
  const context = await browser.newContext({ viewport: { width: 320, height: 640 } });
  contexts.push(context);
  const page = await context.newPage();
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  const name = `"><script>alert(1)</script><img src=x onerror=alert(2)>'`;
  const scope = `user/Patient.rs?name=<svg/onload=alert(3)>`;
  await page.goto(
    await authorizeUrl(scope, name, {
      state: `"><script>alert(4)</script>`,
      login_hint: `"><script>alert(5)</script>`,
      ui_locales: '"><script>',
    }),
  );
  expect(await page.inputValue('#email')).toBe(`"><script>alert(5)</script>`);
  await signIn(page, world.nurse);
  expect(await page.locator('h1').innerText()).toBe(`Allow ${name}?`);
  expect(await page.locator('label.scope').innerText()).toContain('only where name=<svg/onload=alert(3)>');
  expect(await page.locator('script, img, svg, iframe').count()).toBe(0);
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(`${appUrl}/callback?*`);
  expect(new URL(page.url()).searchParams.get('state')).toBe(`"><script>alert(4)</script>`);
  expect(dialogs).toEqual([]);
});

describe('a link that came by mail', () => {
  const CHOSEN = 'nine calm rivers in the rain';

  async function choose(page: Page, password: string, again = password): Promise<void> {
    await page.fill('#password', password);
    await page.fill('#again', again);
    await enter(page);
  }

  /** The link of the page is told to nobody: neither to what it loads nor to where it leads. */
  function referers(page: Page): string[] {
    const sent: string[] = [];
    page.on('request', (request) => void sent.push(request.headers()['referer'] ?? ''));
    return sent;
  }

  const linkFor = async (email: string, template: string): Promise<string> =>
    (await world.messages(email, template))[0]?.values['link'] ?? '';

  test('invites someone, who chooses a password on a phone, and signs in with it', async () => {
    const { token } = world.person('demo', 'SUPER_ADMIN');
    const someone = { email: 'nila@clinic.example', givenName: 'Nila', familyName: 'Menon', role: 'NURSE' };
    expect((await world.ask('/users', { token, json: someone })).status).toBe(201);
    const page = await phone();
    const told = referers(page);
    await page.goto(await linkFor(someone.email, 'invitation'));
    expect(await title(page)).toBe('Choose a password');
    await fits(page);
    await shot(page, '9-password');
    await choose(page, 'password1');
    expect(await page.locator('#password').getAttribute('aria-describedby')).toBe('password-hint password-error');
    await choose(page, CHOSEN, 'another');
    expect(await page.locator('#again-error').innerText()).toBe('The two were not the same. Type both again.');
    await fits(page);
    await choose(page, CHOSEN);
    expect(await title(page)).toBe('Your password is set.');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, { email: someone.email, password: CHOSEN });
    expect(await title(page)).toBe('Apps you allowed');
    expect(new Set(told)).toEqual(new Set(['']));
  });

  test('sets a new password for someone who forgot it, in the midst of an app’s request, in Hindi', async () => {
    const page = await phone({ locale: 'hi-IN' });
    await page.goto(await authorizeUrl('openid user/Patient.rs'));
    await page.getByRole('link', { name: 'पासवर्ड भूल गए?' }).click();
    await fits(page);
    await page.fill('#email', world.nurse.email);
    await enter(page);
    expect(await page.getByRole('status').innerText()).toContain('यदि इस पते का खाता है');
    await shot(page, '10-forgot-hi');
    const link = await linkFor(world.nurse.email, 'reset-password');
    const mail = await page.context().newPage();
    await mail.goto(link);
    expect(await title(mail)).toBe('पासवर्ड चुनें');
    await fits(mail);
    await shot(mail, '11-password-hi');
    await choose(mail, CHOSEN);
    expect(await title(mail)).toBe('आपका पासवर्ड सेट हो गया।');
    await mail.goto(link);
    expect(await mail.getByRole('alert').innerText()).toContain('यह लिंक अब मान्य नहीं है');
    await fits(mail);

    await page.getByRole('link', { name: 'साइन इन पर वापस' }).click();
    await signIn(page, world.nurse);
    expect(await page.getByRole('alert').innerText()).toBe('ई-मेल पता या पासवर्ड ग़लत है।');
    await signIn(page, { ...world.nurse, password: CHOSEN });
    expect(await title(page)).toBe('Growth Chart को अनुमति दें?');
  });
});

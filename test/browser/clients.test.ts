/** Libraries that others wrote, in a real browser; what needs none is in test/served/clients.test.ts. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type Server } from 'node:http';
import * as openid from 'openid-client';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { blocksOf } from '../docs/smart-apps.ts';
import { passCode, signIn } from './drive.ts';
import { openWorld, type App, type World } from './people.ts';
import { closed, listening, openBrowser } from './set-up.ts';

const LIBRARY = createRequire(import.meta.url).resolve('fhirclient/build/fhir-client.js');

let world: World;
let browser: Browser;
let app: Server;
let appUrl: string;
let context: BrowserContext;
/** What the app calls itself, as its launch page has it. */
let clientId = '';
const SCOPE = 'openid fhirUser launch/patient patient/Patient.rs offline_access';

beforeAll(async () => {
  app = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    void fileOf(path).then(([type, body]) => response.writeHead(200, { 'Content-Type': type }).end(body));
  });
  [world, browser, appUrl] = await Promise.all([openWorld(), openBrowser(), listening(app)]);
});
afterEach(async () => context?.close());
afterAll(async () => {
  await browser.close();
  await Promise.all([world.close(), closed(app)]);
});

/** An app as docs/smart-apps.md has it: a page that launches, and one that is come back to. */
async function fileOf(path: string): Promise<[string, string]> {
  const [launch = '', index = ''] = blocksOf('html');
  if (path === '/fhir-client.js') return ['text/javascript', await readFile(LIBRARY, 'utf8')];
  if (path === '/callback.html') return ['text/html', '<!doctype html><title>back</title>'];
  return ['text/html', path === '/launch.html' ? launch.replace('CLIENT_ID', clientId) : index];
}

const register = (more: Readonly<Record<string, unknown>> = {}): Promise<App> =>
  world.register({
    name: 'Growth Chart',
    authMethod: 'none',
    redirectUris: [`${appUrl}/index.html`],
    launchUrl: `${appUrl}/launch.html`,
    grantTypes: ['authorization_code', 'refresh_token'],
    scope: `launch ${SCOPE}`,
    origins: [appUrl],
    ...more,
  });

async function newPage(): Promise<Page> {
  context = await browser.newContext();
  return context.newPage();
}

/** The window of the app holds the client of the library. */
const inApp = (page: Page, expression: string): Promise<unknown> => page.evaluate(expression);

describe('fhirclient', () => {
  test('is launched by a patient, reads their record, refreshes, and is let in no more once they revoke it', async () => {
    clientId = (await register()).id;
    const page = await newPage();
    await page.goto(`${appUrl}/launch.html?iss=${encodeURIComponent(`${world.url}/fhir/R4`)}`);
    await page.waitForSelector('#email');
    await signIn(page, world.patient);
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForFunction(`document.title !== 'waiting' && location.pathname === '/index.html'`);
    expect(await page.title()).toBe('patient meera');
    expect(await inApp(page, 'client.user.fhirUser')).toBe('Patient/meera');
    expect(await inApp(page, `client.request('Patient?name=asha').then((b) => (b.entry ?? []).length)`)).toBe(0);
    await inApp(page, 'client.refresh()');
    expect(await inApp(page, 'client.patient.read().then((p) => p.id)')).toBe('meera');

    const apps = await context.newPage();
    await apps.goto(`${world.url}/oauth2/apps`);
    await apps.getByRole('button', { name: 'Take access away from Growth Chart' }).click();
    expect(await apps.getByRole('status').innerText()).toBe('The app has no access any more.');
    const read = `client.refresh().then(() => client.patient.read()).then(() => 'read', () => 'refused')`;
    expect(await inApp(page, read)).toBe('refused');
  });

  test('is launched from the record of a patient, and reads that patient', async () => {
    clientId = (await register()).id;
    const { url } = (await world.ask('/clinics/demo/launches', { token: world.doctor.token, json: { clientId, patient: 'asha' } })).body;
    const page = await newPage();
    await page.goto(String(url));
    await page.waitForSelector('#email');
    await signIn(page, world.doctor);
    await passCode(page, world.doctor);
    expect(await page.locator('main').innerText()).toContain('Records of Asha Rao');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.waitForFunction(`document.title !== 'waiting' && location.pathname === '/index.html'`);
    expect(await page.title()).toBe('patient asha');
    expect(await inApp(page, 'client.user.fhirUser')).toBe(world.doctor.fhirUser);
  });
});

test('openid-client signs a person in through the pages in the language it asks for, and checks the ID token', async () => {
  const { id } = await register({ name: 'Portal', scope: 'openid fhirUser', redirectUris: [`${appUrl}/callback.html`] });
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its authors mark it so to stand out; this server is on the loopback interface
  const config = await openid.discovery(new URL(world.url), id, undefined, openid.None(), { execute: [openid.allowInsecureRequests] });
  const [verifier, state, nonce] = [openid.randomPKCECodeVerifier(), openid.randomState(), openid.randomNonce()];
  const parameters = {
    redirect_uri: `${appUrl}/callback.html`,
    scope: 'openid fhirUser',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...{ state, nonce, ui_locales: 'hi' },
  };
  const page = await newPage();
  await page.goto(openid.buildAuthorizationUrl(config, parameters).href);
  expect(await page.locator('h1').innerText()).toBe('साइन इन करें');
  await signIn(page, world.patient);
  await page.getByRole('button', { name: 'अनुमति दें' }).click();
  await page.waitForURL(`${appUrl}/callback.html?*`);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await openid.authorizationCodeGrant(config, new URL(page.url()), checks);
  expect(tokens.claims()).toMatchObject({ sub: world.patient.account, aud: id, fhirUser: `${world.url}/fhir/R4/Patient/meera` });
  expect(await openid.fetchUserInfo(config, tokens.access_token, world.patient.account)).toMatchObject({ sub: world.patient.account });
});

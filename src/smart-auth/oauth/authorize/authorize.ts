/** /oauth2/authorize: takes in what an app asks for, and sends the browser on to sign in and agree. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiAnswer } from '../../../api/route.ts';
import { PLATFORM } from '../../accounts/records.ts';
import type { OAuthClient } from '../../clients/records.ts';
import { hashOf, randomSecret } from '../../clients/secrets.ts';
import { browserOf, type KnownBrowser } from '../browser-session.ts';
import type { OAuthDeps } from '../deps.ts';
import { OAuthError } from '../errors.ts';
import { AUTHORIZATION, LAUNCH, type Authorization, type Launch } from '../records.ts';
import { redirectProblem, requestProblem, type Parameters } from './checks.ts';
import { returnTo } from './redirect.ts';
import { attach } from './transactions.ts';

const LIFE_MS = 10 * 60_000;

export async function authorize(deps: OAuthDeps, params: Parameters, headers: IncomingHttpHeaders): Promise<ApiAnswer> {
  const client = await deps.clients.active(params['client_id'] ?? '');
  const problem = redirectProblem(client, params);
  if (problem !== undefined || !client) return deps.errorPage(problem ?? '', headers);
  const back = { redirectUri: params['redirect_uri'] ?? '', ...(params['state'] === undefined ? {} : { state: params['state'] }) };
  try {
    return await begin(deps, client, params, { ...back, cookie: headers.cookie });
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const location = returnTo(back, deps.publicUrl(), { error: error.code, error_description: error.message });
    return { status: 302, headers: { Location: location }, audit: { reason: error.code, clinic: client.clinic, client: client.clientId } };
  }
}

interface Browser {
  readonly redirectUri: string;
  readonly state?: string;
  readonly cookie: string | undefined;
}

async function begin(deps: OAuthDeps, client: OAuthClient, params: Parameters, { cookie, ...back }: Browser): Promise<ApiAnswer> {
  const problem = requestProblem({ params, client, deps });
  if (problem) throw problem;
  const launch = await takeLaunch(deps, client, params['launch']);
  const authorization: Authorization = { ...back, ...askedBy(deps, client, params), ...(launch ? { launch } : {}) };
  const tx = randomSecret();
  await deps.records.insert(AUTHORIZATION, PLATFORM, hashOf(tx), authorization, { expiresAt: deps.clock.now() + LIFE_MS });
  const browser = await browserOf(deps, cookie);
  const mayGoOn = browser !== undefined && suits(deps, authorization, browser, params['prompt']);
  const page = mayGoOn && (await attach(deps, tx, browser)).ok ? 'consent' : 'login';
  const audit = { clinic: client.clinic, client: client.clientId };
  return { status: 302, headers: { Location: `${deps.publicUrl()}/oauth2/${page}?tx=${tx}${inLanguage(params)}` }, audit };
}

/** The pages choose among the languages that the app asks for. */
const inLanguage = ({ ui_locales: locales }: Parameters): string =>
  locales === undefined ? '' : `&${new URLSearchParams({ ui_locales: locales }).toString()}`;

function askedBy(deps: OAuthDeps, client: OAuthClient, params: Parameters): Omit<Authorization, 'redirectUri' | 'state' | 'launch'> {
  const { nonce, max_age: maxAge, login_hint: loginHint } = params;
  return {
    clientId: client.clientId,
    clinic: client.clinic,
    codeChallenge: params['code_challenge'] ?? '',
    scope: deps.scopes.granted(params['scope'] ?? '', client.scope),
    ...(nonce === undefined ? {} : { nonce }),
    ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    ...(loginHint === undefined ? {} : { loginHint }),
  };
}

/** A launch is good once, for the app that it was made for. */
async function takeLaunch(
  { records }: OAuthDeps,
  { clientId, clinic }: OAuthClient,
  launch: string | undefined,
): Promise<Launch | undefined> {
  if (launch === undefined) return undefined;
  const found = await records.get(LAUNCH, PLATFORM, hashOf(launch));
  const isIts = found?.value.clientId === clientId && found.value.clinic === clinic;
  if (!isIts || !(await records.remove(LAUNCH, PLATFORM, hashOf(launch)))) {
    throw new OAuthError('invalid_request', 'launch is not known, was used, or has ended');
  }
  return found.value;
}

/** Whether who signed in in this browser may do for the request, as far as time and the app's wishes go. */
function suits({ clock }: OAuthDeps, { maxAge, launch }: Authorization, browser: KnownBrowser, prompt = ''): boolean {
  if (/(^| )(login|select_account)( |$)/.test(prompt)) return false;
  if (maxAge !== undefined && clock.now() - browser.signedInAt > maxAge * 1000) return false;
  return launch === undefined || launch.account === browser.account;
}

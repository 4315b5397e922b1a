/** Which client calls, and whether it proves that: one way each, tried in order. */
import type { IncomingHttpHeaders } from 'node:http';
import { PLATFORM } from '../../accounts/records.ts';
import type { OAuthClient } from '../../clients/records.ts';
import { isSecretOf } from '../../clients/secrets.ts';
import type { OAuthDeps } from '../deps.ts';
import { OAuthError } from '../errors.ts';
import { openRefreshToken } from '../../tokens/refresh-token.ts';
import { GRANT } from '../records.ts';
import { clientOfAssertion } from './assertion.ts';

export type Form = Readonly<Record<string, string | undefined>>;

export interface Presented {
  readonly headers: IncomingHttpHeaders;
  readonly form: Form;
}

type Way = (deps: OAuthDeps, presented: Presented) => Promise<OAuthClient> | undefined;

/** Each answers only for what is presented in its way. */
const WAYS: readonly Way[] = [byBasic, byAssertion, byPost, byName, byRefreshToken];

/** Throws `invalid_client`, and `invalid_request` where a client proves itself in two ways. */
export async function authenticateClient(deps: OAuthDeps, presented: Presented): Promise<OAuthClient> {
  const { form, headers } = presented;
  const given = [headers.authorization, form['client_assertion'], form['client_secret']].filter((v) => v !== undefined);
  if (given.length > 1) throw new OAuthError('invalid_request', 'a client proves itself in one way at a time');
  for (const way of WAYS) {
    const found = way(deps, presented);
    if (found) return sameClient(await found, form);
  }
  throw invalidClient();
}

/** Confidential clients only. */
export async function authenticateConfidential(deps: OAuthDeps, presented: Presented): Promise<OAuthClient> {
  const client = await authenticateClient(deps, presented);
  if (client.authMethod === 'none') throw invalidClient();
  return client;
}

function sameClient(client: OAuthClient, form: Form): OAuthClient {
  const named = form['client_id'];
  if (named !== undefined && named !== client.clientId) throw invalidClient();
  return client;
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1: both parts are form-encoded before they are joined. */
function byBasic(deps: OAuthDeps, { headers }: Presented): Promise<OAuthClient> | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return Promise.reject(invalidClient());
  return bySecret(deps, 'client_secret_basic', formDecoded(text.slice(0, colon)), formDecoded(text.slice(colon + 1)));
}

function byPost(deps: OAuthDeps, { form }: Presented): Promise<OAuthClient> | undefined {
  const { client_id: id = '', client_secret: secret } = form;
  return secret === undefined ? undefined : bySecret(deps, 'client_secret_post', id, secret);
}

function byAssertion(deps: OAuthDeps, { form }: Presented): Promise<OAuthClient> | undefined {
  const { client_assertion: assertion, client_assertion_type: type } = form;
  return assertion === undefined ? undefined : clientOfAssertion(deps, assertion, type);
}

/** A public client proves nothing: PKCE binds the code to whoever asked for it. */
function byName(deps: OAuthDeps, { form }: Presented): Promise<OAuthClient> | undefined {
  const { client_id: id } = form;
  return id === undefined ? undefined : known(deps, id, (client) => client.authMethod === 'none');
}

/**
 * A refresh may name no client: then the token says whose it is, if that is a public one.
 * https://hl7.org/fhir/smart-app-launch/app-launch.html#refresh-access-token
 */
function byRefreshToken(deps: OAuthDeps, { form }: Presented): Promise<OAuthClient> | undefined {
  const { grant_type: type, refresh_token: text } = form;
  return type !== 'refresh_token' || text === undefined ? undefined : publicClientOf(deps, text);
}

async function publicClientOf(deps: OAuthDeps, refreshToken: string): Promise<OAuthClient> {
  const token = openRefreshToken(deps.sealer, 'grant', refreshToken);
  const grant = token && (await deps.records.get(GRANT, PLATFORM, token.id));
  if (!grant) throw new OAuthError('invalid_grant', 'the refresh token is not known, has ended, or was used');
  return known(deps, grant.value.clientId, (client) => client.authMethod === 'none');
}

const bySecret = ({ clock, ...deps }: OAuthDeps, method: OAuthClient['authMethod'], id: string, secret: string): Promise<OAuthClient> =>
  known(deps, id, (client) => client.authMethod === method && isSecretOf(client, secret, clock.now()));

async function known({ clients }: Pick<OAuthDeps, 'clients'>, id: string, proves: (client: OAuthClient) => boolean): Promise<OAuthClient> {
  const client = await clients.active(id);
  if (!client || !proves(client)) throw invalidClient();
  return client;
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidClient();
  }
}

/** Whether the client is unknown or its proof is wrong isn't told. */
const invalidClient = (): OAuthError => new OAuthError('invalid_client', 'the client is not known or did not prove itself');

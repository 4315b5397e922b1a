/** /oauth2/token: a grant is a module. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiAnswer } from '../../api/route.ts';
import type { OAuthClient } from '../clients/records.ts';
import { authenticateClient, type Form } from './client/authenticate.ts';
import type { OAuthDeps } from './deps.ts';
import { OAuthError, withErrors } from './errors.ts';
import { authorizationCode } from './grants/authorization-code.ts';
import { clientCredentials } from './grants/client-credentials.ts';
import { refreshToken } from './grants/refresh-token.ts';
import { tokenExchange } from './grants/token-exchange.ts';

type GrantOfClient = (deps: OAuthDeps, client: OAuthClient, form: Form) => Promise<ApiAnswer>;
type RegisteredGrant = OAuthClient['grantTypes'][number];

const GRANTS: Readonly<Record<RegisteredGrant, GrantOfClient>> = {
  authorization_code: authorizationCode,
  refresh_token: refreshToken,
  client_credentials: clientCredentials,
};
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const GRANT_TYPES: readonly string[] = [...Object.keys(GRANTS), TOKEN_EXCHANGE];

export function token(deps: OAuthDeps, headers: IncomingHttpHeaders, form: Form): Promise<ApiAnswer> {
  const named = form['client_id'] === undefined ? {} : { client: form['client_id'] };
  return withErrors(() => grant(deps, headers, form), named);
}

async function grant(deps: OAuthDeps, headers: IncomingHttpHeaders, form: Form): Promise<ApiAnswer> {
  const type = form['grant_type'];
  if (type === undefined) throw new OAuthError('invalid_request', 'grant_type is missing');
  if (type === TOKEN_EXCHANGE) return tokenExchange(deps, form);
  if (!isRegistered(type)) throw new OAuthError('unsupported_grant_type', `grant_type must be one of ${GRANT_TYPES.join(', ')}`);
  const client = await authenticateClient(deps, { headers, form });
  if (!client.grantTypes.includes(type)) throw new OAuthError('unauthorized_client', 'the client is not registered for this grant');
  return GRANTS[type](deps, client, form);
}

const isRegistered = (type: string): type is RegisteredGrant => Object.hasOwn(GRANTS, type);

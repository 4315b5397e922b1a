/** https://hl7.org/fhir/smart-app-launch/backend-services.html */
import type { ApiAnswer } from '../../../api/route.ts';
import type { OAuthClient } from '../../clients/records.ts';
import type { Form } from '../client/authenticate.ts';
import type { OAuthDeps } from '../deps.ts';
import { answerOf, OAuthError } from '../errors.ts';

const SECONDS = 300;

export async function clientCredentials(deps: OAuthDeps, client: OAuthClient, form: Form): Promise<ApiAnswer> {
  if (client.authMethod === 'none') throw new OAuthError('unauthorized_client', 'a public client has no credentials');
  const { clientId, clinic } = client;
  const asked = form['scope'] ?? client.scope;
  const scope = deps.scopes
    .granted(asked, client.scope)
    .split(' ')
    .filter((s) => s.startsWith('system/'))
    .join(' ');
  if (scope === '') throw new OAuthError('invalid_scope', 'nothing of this scope may be given to the client: it needs system/ scopes');
  const claims = { sub: clientId, kind: 'system', clinic, clientId, scope, sid: deps.newId() } as const;
  if (!(await deps.inGoodStanding(claims))) throw new OAuthError('invalid_client', 'the clinic of the client is not active');
  const { token, expiresIn } = await deps.issuer.issue(claims, SECONDS);
  const body = { access_token: token, token_type: 'Bearer', expires_in: expiresIn, scope };
  return answerOf(body, 200, { clinic, client: clientId, reason: scope });
}

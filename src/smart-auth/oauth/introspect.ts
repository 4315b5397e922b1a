/** https://www.rfc-editor.org/rfc/rfc7662, https://hl7.org/fhir/smart-app-launch/token-introspection.html */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiAnswer } from '../../api/route.ts';
import { PLATFORM } from '../accounts/records.ts';
import type { OAuthClient } from '../clients/records.ts';
import { audienceOf } from '../tokens/access-token.ts';
import { authenticateConfidential, type Form } from './client/authenticate.ts';
import type { OAuthDeps } from './deps.ts';
import { answerOf, withErrors } from './errors.ts';
import { goodTokenOf } from './good-token.ts';
import { fhirUserClaims } from './grants/answer.ts';
import { openRefreshToken } from '../tokens/refresh-token.ts';
import { GRANT } from './records.ts';

/** Confidential clients ask, about tokens of their clinic; of any other they learn that it isn't active. */
export function introspect(deps: OAuthDeps, headers: IncomingHttpHeaders, form: Form): Promise<ApiAnswer> {
  return withErrors(async () => {
    const client = await authenticateConfidential(deps, { headers, form });
    const text = form['token'] ?? '';
    const told = (await accessToken(deps, client, text)) ?? (await refreshToken(deps, client, text)) ?? { active: false };
    return answerOf(told, 200, { clinic: client.clinic, client: client.clientId });
  });
}

async function accessToken(deps: OAuthDeps, { clinic }: OAuthClient, text: string): Promise<object | undefined> {
  const token = await goodTokenOf(deps, text);
  if (token?.claims.clinic !== clinic) return undefined;
  const { sub, scope, clientId, sid, fhirUser, patient, encounter } = token.claims;
  const context = (await deps.records.get(GRANT, PLATFORM, sid))?.value.context ?? {};
  const { needPatientBanner: _banner, ...told } = context;
  const publicUrl = deps.publicUrl();
  return {
    active: true,
    token_type: 'Bearer',
    scope,
    client_id: clientId,
    sub,
    iss: publicUrl,
    aud: audienceOf(publicUrl),
    exp: token.endsAt / 1000,
    iat: Math.floor(token.issuedAt / 1000),
    ...told,
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter }),
    ...(fhirUser === undefined ? {} : { fhirUser: fhirUserClaims(publicUrl, { fhirUser }).fhirUser }),
  };
}

/** Only the client's own. */
async function refreshToken(deps: OAuthDeps, { clientId }: OAuthClient, text: string): Promise<object | undefined> {
  const token = openRefreshToken(deps.sealer, 'grant', text);
  const found = token && (await deps.records.get(GRANT, PLATFORM, token.id));
  if (!token || found?.value.clientId !== clientId || found.value.refresh !== token.number) return undefined;
  const { scope, account } = found.value;
  const end = found.expiresAt === undefined ? {} : { exp: Math.floor(found.expiresAt / 1000) };
  return { active: true, scope, client_id: clientId, sub: account, iss: deps.publicUrl(), ...end };
}

/** https://www.rfc-editor.org/rfc/rfc7009: with one token of a grant all of them end. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiAnswer } from '../../api/route.ts';
import { PLATFORM } from '../accounts/records.ts';
import { authenticateClient, type Form } from './client/authenticate.ts';
import type { OAuthDeps } from './deps.ts';
import { answerOf, withErrors } from './errors.ts';
import { endGrant } from './grants/life.ts';
import { openRefreshToken } from '../tokens/refresh-token.ts';
import { GRANT } from './records.ts';

/** A token that isn't the client's is left alone, and the answer is the same. */
export function revoke(deps: OAuthDeps, headers: IncomingHttpHeaders, form: Form): Promise<ApiAnswer> {
  return withErrors(async () => {
    const client = await authenticateClient(deps, { headers, form });
    const text = form['token'] ?? '';
    const grantId = (await ofAccessToken(deps, client.clientId, text)) ?? (await ofRefreshToken(deps, client.clientId, text));
    if (grantId !== undefined) await endGrant(deps, grantId);
    return answerOf({}, 200, { clinic: client.clinic, client: client.clientId });
  });
}

async function ofAccessToken({ verify }: OAuthDeps, clientId: string, text: string): Promise<string | undefined> {
  const claims = (await verify(text))?.claims;
  return claims?.clientId === clientId ? claims.sid : undefined;
}

async function ofRefreshToken(deps: OAuthDeps, clientId: string, text: string): Promise<string | undefined> {
  const token = openRefreshToken(deps.sealer, 'grant', text);
  const grant = token && (await deps.records.get(GRANT, PLATFORM, token.id))?.value;
  return grant?.clientId === clientId ? token?.id : undefined;
}

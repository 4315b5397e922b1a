/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3 with https://www.rfc-editor.org/rfc/rfc7636#section-4.6 */
import { createHash } from 'node:crypto';
import type { ApiAnswer } from '../../../api/route.ts';
import type { StoredRecord } from '../../../records/port.ts';
import { PLATFORM } from '../../accounts/records.ts';
import type { OAuthClient } from '../../clients/records.ts';
import { hashOf } from '../../clients/secrets.ts';
import { MAX_TOKEN_SECONDS } from '../../tokens/port.ts';
import type { Form } from '../client/authenticate.ts';
import type { OAuthDeps } from '../deps.ts';
import { notingGrant, OAuthError } from '../errors.ts';
import { granterOf } from '../members.ts';
import { AUTHORIZATION_CODE, GRANT, type AuthorizationCode, type Grant } from '../records.ts';
import { hasScope, tokenAnswer } from './answer.ts';
import { endGrant, grantEnd } from './life.ts';
import { sealRefreshToken } from '../../tokens/refresh-token.ts';

/** A code that comes a second time has been stolen once: whatever it gave ends. */
export async function authorizationCode(deps: OAuthDeps, client: OAuthClient, form: Form): Promise<ApiAnswer> {
  const found = await deps.records.get(AUTHORIZATION_CODE, PLATFORM, hashOf(form['code'] ?? ''));
  if (found?.value.grant.clientId !== client.clientId) throw badCode();
  return notingGrant(found.value.grant, () => redeem(deps, client, found, form));
}

async function redeem(deps: OAuthDeps, client: OAuthClient, found: StoredRecord<AuthorizationCode>, form: Form): Promise<ApiAnswer> {
  const code = await use(deps, found);
  assertBound(code, form);
  const grant = withRefresh(code.grant, client);
  const { grantId } = code;
  const now = deps.clock.now();
  const inserted = await deps.records.insert(GRANT, PLATFORM, grantId, { ...grant, usedAt: now }, { expiresAt: grantEnd(grant, now) });
  if (!inserted.ok) throw badCode();
  // Only now: whoever ends all that the person gave sees it from here on.
  const member = await granterOf(deps.records, grant);
  if (!member) {
    await endGrant(deps, grantId);
    throw badCode();
  }
  const refresh =
    grant.refresh === undefined ? {} : { refreshToken: sealRefreshToken(deps.sealer, 'grant', { id: grantId, number: grant.refresh }) };
  return tokenAnswer(deps, { grantId, grant, member, scope: grant.scope, ...refresh });
}

/** Marks it as used, before anything else is looked at: nobody tries twice. */
async function use(deps: OAuthDeps, found: StoredRecord<AuthorizationCode>): Promise<AuthorizationCode> {
  const { records, clock } = deps;
  const kept = { expiresAt: clock.now() + MAX_TOKEN_SECONDS * 1000 };
  const used =
    !found.value.used &&
    (await records.replace(AUTHORIZATION_CODE, PLATFORM, found.id, found.revision, { ...found.value, used: true }, kept)).ok;
  if (used) return found.value;
  await cutOff(deps, found.value);
  throw badCode();
}

/** Where the first use is still under way, it finds its place taken. */
async function cutOff(deps: OAuthDeps, { grantId, grant }: AuthorizationCode): Promise<void> {
  const ended = { ...grant, scope: '' };
  const inserted = await deps.records.insert(GRANT, PLATFORM, grantId, ended, { expiresAt: deps.clock.now() + UNDER_WAY_MS });
  if (inserted.ok) await deps.revocations.revokeSession(grantId);
  else await endGrant(deps, grantId);
}

const UNDER_WAY_MS = 120_000;

function assertBound({ redirectUri, codeChallenge }: AuthorizationCode, form: Form): void {
  const { redirect_uri: uri, code_verifier: verifier = '' } = form;
  const isWellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier);
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (uri !== redirectUri || !isWellFormed || challenge !== codeChallenge) throw badCode();
}

function withRefresh(grant: Grant, client: OAuthClient): Grant {
  const mayRefresh = client.grantTypes.includes('refresh_token');
  const asked = hasScope(grant.scope, 'offline_access') || hasScope(grant.scope, 'online_access');
  return mayRefresh && asked ? { ...grant, refresh: 1 } : grant;
}

const badCode = (): OAuthError => new OAuthError('invalid_grant', 'the code is not known, has ended, was used, or is not for this request');

/** https://www.rfc-editor.org/rfc/rfc6749#section-6, each token good once (RFC 9700, section 4.14.2) */
import type { ApiAnswer } from '../../../api/route.ts';
import { PLATFORM } from '../../accounts/records.ts';
import type { OAuthClient } from '../../clients/records.ts';
import type { StoredRecord } from '../../../records/port.ts';
import { isLive } from '../browser-session.ts';
import type { Form } from '../client/authenticate.ts';
import type { Member, OAuthDeps } from '../deps.ts';
import { notingGrant, OAuthError } from '../errors.ts';
import { granterOf } from '../members.ts';
import { GRANT, type Grant } from '../records.ts';
import { tokenAnswer } from './answer.ts';
import { endGrant, grantEnd } from './life.ts';
import { openRefreshToken, sealRefreshToken, type RefreshToken } from '../../tokens/refresh-token.ts';

export async function refreshToken(deps: OAuthDeps, client: OAuthClient, form: Form): Promise<ApiAnswer> {
  const token = openRefreshToken(deps.sealer, 'grant', form['refresh_token'] ?? '');
  const found = token && (await deps.records.get(GRANT, PLATFORM, token.id));
  if (!token || found?.value.clientId !== client.clientId) throw badToken();
  return notingGrant(found.value, () => refresh(deps, client, { token, found, form }));
}

interface Shown {
  readonly token: RefreshToken;
  readonly found: StoredRecord<Grant>;
  readonly form: Form;
}

async function refresh(deps: OAuthDeps, client: OAuthClient, { token, found, form }: Shown): Promise<ApiAnswer> {
  await assertUnspent(deps, found.value, token);
  const member = await granterOf(deps.records, found.value);
  const isOpen = found.value.session === undefined || (await isLive(deps, found.value.session));
  if (!member || !isOpen) {
    await endGrant(deps, found.id);
    throw badToken();
  }
  const scope = scopeOf(deps, { grant: found.value, client, member }, form['scope']);
  const number = token.number + 1;
  await rotate(deps, found, number);
  return tokenAnswer(deps, {
    grantId: found.id,
    grant: found.value,
    member,
    scope,
    refreshToken: sealRefreshToken(deps.sealer, 'grant', { id: found.id, number }),
  });
}

/** A spent token in someone's hands: either they or the app stole it, so the whole family ends. */
async function assertUnspent(deps: OAuthDeps, { refresh }: Grant, { id, number }: RefreshToken): Promise<void> {
  if (refresh === number) return;
  await endGrant(deps, id);
  throw badToken();
}

async function rotate(deps: OAuthDeps, found: StoredRecord<Grant>, refresh: number): Promise<void> {
  const now = deps.clock.now();
  const value = { ...found.value, refresh, usedAt: now };
  const replaced = await deps.records.replace(GRANT, PLATFORM, found.id, found.revision, value, { expiresAt: grantEnd(value, now) });
  if (replaced.ok) return;
  await endGrant(deps, found.id);
  throw badToken();
}

interface Terms {
  readonly grant: Grant;
  readonly client: OAuthClient;
  readonly member: Member;
}

/** Never more than was granted, nor than the app and the person's role may have today. */
function scopeOf({ scopes }: OAuthDeps, { grant, client, member }: Terms, asked: string | undefined): string {
  if (asked !== undefined && !scopes.isWithin(asked, grant.scope))
    throw new OAuthError('invalid_scope', 'a refresh never widens the scope');
  const scope = scopes.granted(asked ?? grant.scope, client.scope, member.role);
  if (scope === '') throw new OAuthError('invalid_scope', 'nothing of this scope may be given any more');
  return scope;
}

const badToken = (): OAuthError => new OAuthError('invalid_grant', 'the refresh token is not known, has ended, or was used');

/** How long grants live, and how they end: then every token of theirs is revoked. */
import { PLATFORM } from '../../accounts/records.ts';
import { MAX_TOKEN_SECONDS } from '../../tokens/port.ts';
import type { OAuthDeps } from '../deps.ts';
import { GRANT, type Grant } from '../records.ts';

/** An app that isn't used for so long must ask again. */
const OFFLINE_MS = 90 * 86_400_000;
const ONLINE_MS = 12 * 3600_000;

/** A grant without refresh tokens lives as long as its access token. */
export function grantEnd({ refresh, session }: Grant, now: number): number {
  if (refresh === undefined) return now + MAX_TOKEN_SECONDS * 1000;
  return now + (session === undefined ? OFFLINE_MS : ONLINE_MS);
}

export async function endGrant({ records, revocations }: Pick<OAuthDeps, 'records' | 'revocations'>, grantId: string): Promise<void> {
  await revocations.revokeSession(grantId);
  await records.remove(GRANT, PLATFORM, grantId);
}

/**
 * Refresh tokens: sealed texts that name their grant and count up, so that none can be made up, and a spent one is known
 * when it comes again.
 */
import type { OAuthDeps } from '../deps.ts';

const CONTEXT = 'refresh token';

export interface RefreshToken {
  readonly grantId: string;
  readonly number: number;
}

export const sealRefresh = ({ sealer }: Pick<OAuthDeps, 'sealer'>, { grantId, number }: RefreshToken): string =>
  sealer.seal(`${number} ${grantId}`, CONTEXT);

/** Undefined for what isn't one of ours. */
export function openRefresh({ sealer }: Pick<OAuthDeps, 'sealer'>, token: string): RefreshToken | undefined {
  const text = token.length > 1000 ? undefined : sealer.open(token, CONTEXT);
  const [, number, grantId] = /^(\d+) (.+)$/.exec(text ?? '') ?? [];
  return number === undefined || grantId === undefined ? undefined : { number: Number(number), grantId };
}

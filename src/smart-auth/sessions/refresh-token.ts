/**
 * Refresh tokens of sessions: sealed texts, so that a sign-in writes one record and a refresh another, and a spent token shows its
 * reuse for as long as its session lives.
 */
import type { Sealer } from '../../platform/seal.ts';

export interface RefreshToken {
  readonly session: string;
  readonly turn: number;
}

const CONTEXT = 'refresh-token';

export const sealRefreshToken = (sealer: Sealer, { session, turn }: RefreshToken): string => sealer.seal(`${turn} ${session}`, CONTEXT);

/** Undefined for what is no refresh token of this server. */
export function openRefreshToken(sealer: Sealer, token: string): RefreshToken | undefined {
  const [turn = '', session] = sealer.open(token, CONTEXT)?.split(' ') ?? [];
  return session === undefined ? undefined : { session, turn: Number(turn) };
}

/**
 * Refresh tokens: sealed texts that name what they go on with and count up, so that none can be made up, a spent one is known
 * when it comes again, and nothing is written beside the session or grant itself.
 */
import type { Sealer } from '../../platform/seal.ts';

/** What goes on: a session of a front end of ours, or the grant of an app. */
export type RefreshedKind = 'session' | 'grant';

export interface RefreshToken {
  /** Of the session or grant. */
  readonly id: string;
  readonly number: number;
}

const LONGEST = 1000;
const contextOf = (kind: RefreshedKind): string => `refresh token of a ${kind}`;

export const sealRefreshToken = (sealer: Sealer, kind: RefreshedKind, { id, number }: RefreshToken): string =>
  sealer.seal(`${number} ${id}`, contextOf(kind));

/** Undefined for what isn't one of ours, or not of that kind. */
export function openRefreshToken(sealer: Sealer, kind: RefreshedKind, token: string): RefreshToken | undefined {
  const text = token.length > LONGEST ? undefined : sealer.open(token, contextOf(kind));
  const [, number, id] = /^(\d+) (.+)$/.exec(text ?? '') ?? [];
  return number === undefined || id === undefined ? undefined : { number: Number(number), id };
}

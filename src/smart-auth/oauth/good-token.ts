/** A token that is good at this moment: verified, not revoked, and of those who are still what it says. */
import type { VerifiedToken } from '../tokens/access-token.ts';
import type { OAuthDeps } from './deps.ts';

/** Throws `unavailable`. */
export async function goodTokenOf(
  { verify, revocations, inGoodStanding }: Pick<OAuthDeps, 'verify' | 'revocations' | 'inGoodStanding'>,
  text: string,
): Promise<VerifiedToken | undefined> {
  const token = await verify(text);
  if (!token) return undefined;
  const isGood = await inGoodStanding(token.claims);
  await revocations.refresh();
  return isGood && !revocations.isRevoked(token) ? token : undefined;
}

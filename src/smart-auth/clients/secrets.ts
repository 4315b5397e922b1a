/** Client secrets: shown once, kept as a hash. They have 256 random bits, so a fast hash serves. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { OAuthClient } from './records.ts';

export const randomSecret = (): string => randomBytes(32).toString('base64url');
/** For ids of records that a secret stands for, too: whoever reads the records can't use them. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export const usesSecret = ({ authMethod }: Pick<OAuthClient, 'authMethod'>): boolean =>
  authMethod === 'client_secret_basic' || authMethod === 'client_secret_post';

/** Whether it is one of the client's secrets that is still good. */
export function isSecretOf({ secrets }: OAuthClient, secret: string, now: number): boolean {
  const given = Buffer.from(hashOf(secret));
  return secrets
    .filter(({ until }) => until === undefined || now < until)
    .map(({ hash }) => timingSafeEqual(Buffer.from(hash), given))
    .some((same) => same);
}

/** What an app sends to the authorization endpoint. */
import { createHash, randomBytes } from 'node:crypto';

/** https://www.rfc-editor.org/rfc/rfc7636 */
export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

export type Fields = Readonly<Record<string, string | undefined>>;

export const present = (fields: Fields): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));

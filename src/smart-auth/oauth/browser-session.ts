/** A person signed in in a browser, so that the next app needn't ask again. The cookie is good for the login pages alone. */
import type { RecordStore } from '../../records/port.ts';
import { eraOf, type SeenAccount } from '../accounts/era.ts';
import { ACCOUNT, PLATFORM } from '../accounts/records.ts';
import { hashOf, randomSecret } from '../clients/secrets.ts';
import type { OAuthDeps } from './deps.ts';
import { BROWSER_SESSION, type BrowserSession } from './records.ts';

export interface KnownBrowser extends BrowserSession {
  /** Of the record; the cookie holds what it is the hash of. */
  readonly id: string;
}

type Deps = Pick<OAuthDeps, 'records' | 'clock' | 'publicUrl'>;

const LIFE_MS = 12 * 3600_000;
const MOST = 1000;

/** `__Host-`: no other host and no path may set it. Browsers take that only over TLS. */
const isSecure = ({ publicUrl }: Pick<Deps, 'publicUrl'>): boolean => publicUrl().startsWith('https:');
const nameOf = (deps: Deps): string => (isSecure(deps) ? '__Host-nadi' : 'nadi');

const cookieOf = (deps: Deps, value: string, seconds: number): string =>
  `${nameOf(deps)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${isSecure(deps) ? '; Secure' : ''}`;

/** Resolves to the browser and to the `Set-Cookie` by which it is known again. */
export async function startBrowserSession(
  deps: Deps,
  { id: account, era }: SeenAccount,
): Promise<{ readonly browser: KnownBrowser; readonly cookie: string }> {
  const [secret, now] = [randomSecret(), deps.clock.now()];
  const session = { account, era, signedInAt: now };
  await deps.records.insert(BROWSER_SESSION, PLATFORM, hashOf(secret), session, { expiresAt: now + LIFE_MS });
  return { browser: { ...session, id: hashOf(secret) }, cookie: cookieOf(deps, secret, LIFE_MS / 1000) };
}

/** Undefined for one that has ended: by time, by its person, or with the era of the account. */
export async function browserOf(deps: Deps, cookieHeader: string | undefined): Promise<KnownBrowser | undefined> {
  const prefix = `${nameOf(deps)}=`;
  const cookie = cookieHeader
    ?.split(';')
    .map((c) => c.trim())
    .find((c) => c.startsWith(prefix));
  if (cookie === undefined) return undefined;
  const id = hashOf(cookie.slice(prefix.length));
  const found = await deps.records.get(BROWSER_SESSION, PLATFORM, id);
  if (!found) return undefined;
  const account = (await deps.records.get(ACCOUNT, PLATFORM, found.value.account))?.value;
  return account?.active && eraOf(account) === found.value.era ? { ...found.value, id } : undefined;
}

export const isLive = async ({ records }: Pick<Deps, 'records'>, session: string): Promise<boolean> =>
  (await records.get(BROWSER_SESSION, PLATFORM, session)) !== undefined;

/** Ends it; resolves to the `Set-Cookie` that makes the browser forget it. */
export async function endBrowserSession(deps: Deps, cookieHeader: string | undefined): Promise<string> {
  const browser = await browserOf(deps, cookieHeader);
  if (browser) await deps.records.remove(BROWSER_SESSION, PLATFORM, browser.id);
  return cookieOf(deps, '', 0);
}

/** All of an account: its password was changed, or it may not come in any more. */
export async function endBrowserSessions(records: RecordStore, account: string): Promise<void> {
  for (;;) {
    const found = await records.list(BROWSER_SESSION, PLATFORM, { by: { name: 'account', value: account }, limit: MOST });
    await Promise.all(found.map(({ id }) => records.remove(BROWSER_SESSION, PLATFORM, id)));
    if (found.length < MOST) return;
  }
}

/** Which addresses an app may name. */

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** `com.example.app:`, after a domain name that the app's maker has: https://www.rfc-editor.org/rfc/rfc8252#section-7.1 */
const PRIVATE_USE = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/;
const MAX_LENGTH = 2000;

/** Over TLS, or to the machine that the browser runs on. */
const isWebAddress = (url: URL): boolean => url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));

/** What is wrong with a redirect URI; undefined if nothing is. Redirect URIs are compared character by character. */
export function redirectUriProblem(text: string): string | undefined {
  const url = text.length <= MAX_LENGTH && /^[\x21-\x7e]+$/.test(text) ? URL.parse(text) : null;
  if (!url) return 'must be an absolute URI in ASCII, of at most 2000 characters';
  if (text.includes('#')) return 'must have no fragment';
  if (text.includes('*')) return 'must be complete: there are no wildcards';
  if (url.username !== '' || url.password !== '') return 'must hold no user name or password';
  if (isWebAddress(url) || PRIVATE_USE.test(url.protocol)) return undefined;
  return 'must be https, or http to a loopback host, or of a private-use scheme such as com.example.app:/callback';
}

/** What is wrong with an address that browsers or this server fetch. */
export function webUriProblem(text: string): string | undefined {
  const url = text.length <= MAX_LENGTH ? URL.parse(text) : null;
  if (!url || !isWebAddress(url)) return 'must be an https URL, or http to a loopback host';
  return url.username === '' && url.password === '' ? undefined : 'must hold no user name or password';
}

export function originProblem(text: string): string | undefined {
  const url = URL.parse(text);
  return url && isWebAddress(url) && url.origin === text
    ? undefined
    : 'must be an origin such as https://app.example, without a path or a slash at its end';
}

/** Origins of redirect URIs in the web: those of an app that runs in a browser. */
export const originsOf = (redirectUris: readonly string[]): string[] => [
  ...new Set(redirectUris.flatMap((uri) => (/^https?:/.test(uri) ? [new URL(uri).origin] : []))),
];

/** Cookies of the pages. */

interface CookieOptions {
  readonly seconds?: number;
  readonly sameSite: 'Lax' | 'Strict';
}

/** `__Host-`: no other host and no path may set it. Browsers take that only over TLS. */
const nameOf = (name: string, isSecure: boolean): string => (isSecure ? `__Host-${name}` : name);

/** A `Set-Cookie` that no script reads; it ends with the browser unless `seconds` says more. */
export function cookieText(publicUrl: string, name: string, value: string, { seconds, sameSite }: CookieOptions): string {
  const isSecure = publicUrl.startsWith('https:');
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
  return `${nameOf(name, isSecure)}=${value}; Path=/; HttpOnly; SameSite=${sameSite}${age}${isSecure ? '; Secure' : ''}`;
}

/** The value of a cookie that `cookieText` made for the same address. */
export function cookieIn(publicUrl: string, header: string | undefined, name: string): string | undefined {
  const prefix = `${nameOf(name, publicUrl.startsWith('https:'))}=`;
  return header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(prefix))
    ?.slice(prefix.length);
}

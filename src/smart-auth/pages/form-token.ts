/**
 * Against forms sent from elsewhere: each form holds a token that only this browser's cookie, this purpose and this
 * transaction make. The cookie is SameSite, unreadable for scripts, and has 256 random bits: it is the key.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { cookieIn, cookieText } from './cookies.ts';

const COOKIE = 'nadi-form';
const SECRET = /^[\w-]{43}$/;

export interface FormSecret {
  readonly secret: string;
  /** To be set where the browser had none yet. */
  readonly cookie?: string;
}

export function formSecretOf(publicUrl: string, cookieHeader: string | undefined): FormSecret {
  const known = cookieIn(publicUrl, cookieHeader, COOKIE);
  if (known !== undefined && SECRET.test(known)) return { secret: known };
  const secret = randomBytes(32).toString('base64url');
  return { secret, cookie: cookieText(publicUrl, COOKIE, secret, { sameSite: 'Lax' }) };
}

/** `about`: the purpose of the form, and what it is bound to. */
export const formToken = (secret: string, about: readonly string[]): string =>
  createHmac('sha256', secret).update(JSON.stringify(about)).digest('base64url');

/** Whether the form was made for this browser and sent by a page of ours. */
export function isOwnForm(publicUrl: string, headers: IncomingHttpHeaders, about: readonly string[], token: string): boolean {
  const known = cookieIn(publicUrl, headers.cookie, COOKIE);
  if (known === undefined || !SECRET.test(known) || !isFromHere(publicUrl, headers)) return false;
  const [expected, given] = [Buffer.from(formToken(known, about)), Buffer.from(token)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** Under `no-referrer` browsers send `Origin: null`, so that alone says nothing; `Sec-Fetch-Site` does, where there is one. */
function isFromHere(publicUrl: string, headers: IncomingHttpHeaders): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin') return false;
  return origin === undefined || origin === 'null' || origin === new URL(publicUrl).origin;
}

/** Which language a page is in: what the person chose, what the app asked for, what the browser prefers; else English. */
import type { IncomingHttpHeaders } from 'node:http';
import { cookieIn, cookieText } from './cookies.ts';
import { isLanguage, type Language } from './texts/index.ts';

export interface LanguageWishes {
  /** The link or button of the page. */
  readonly lang?: string | undefined;
  /** https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest */
  readonly ui_locales?: string | undefined;
}

const COOKIE = 'nadi-language';
const YEAR_SECONDS = 365 * 24 * 3600;

export function languageOf(wishes: LanguageWishes, headers: IncomingHttpHeaders, publicUrl: string): Language {
  const chosen = [wishes.lang, cookieIn(publicUrl, headers.cookie, COOKIE)].find(isLanguage);
  return chosen ?? first(wishes.ui_locales?.split(' ') ?? []) ?? first(byPreference(headers['accept-language'] ?? '')) ?? 'en';
}

/** Keeps what the person chose; undefined if they chose nothing now. */
export const languageCookie = (wishes: LanguageWishes, publicUrl: string): string | undefined =>
  isLanguage(wishes.lang) ? cookieText(publicUrl, COOKIE, wishes.lang, { seconds: YEAR_SECONDS, sameSite: 'Lax' }) : undefined;

const first = (tags: readonly string[]): Language | undefined => tags.map((t) => t.toLowerCase().split('-', 1)[0]).find(isLanguage);

/** https://www.rfc-editor.org/rfc/rfc9110#field.accept-language */
function byPreference(header: string): string[] {
  return header
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((p) => p.trim());
      const q = Number(parameters.find((p) => p.startsWith('q='))?.slice(2) ?? 1);
      return { tag, q: Number.isFinite(q) ? q : 0 };
    })
    .filter(({ q }) => q > 0)
    .toSorted((a, b) => b.q - a.q)
    .map(({ tag }) => tag);
}

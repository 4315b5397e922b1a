/** What all pages share: the frame, and the headers that keep them to themselves. */
import type { ApiAnswer } from '../../api/route.ts';
import { html, type Html } from './html.ts';
import { STYLE_PATH } from './style.ts';
import type { Visit } from './visit.ts';

export interface Page {
  readonly title: string;
  readonly main: Html;
  /** How the language is changed: a link (`languageLink`), or a form where the page is an answer to one (`languageForm`). */
  readonly language?: Html;
  /** Where the browser goes on to by itself. */
  readonly onward?: string;
}

interface Sending {
  readonly status?: number;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly audit?: ApiAnswer['audit'];
}

/** Nothing is loaded but one stylesheet of our own; no script runs; forms go nowhere else, and nobody frames the page. */
const CSP = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': CSP,
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

export function pageAnswer(visit: Visit, page: Page, { status = 200, cookies = [], headers = {}, audit }: Sending = {}): ApiAnswer {
  return {
    status,
    headers: { ...HEADERS, 'Content-Language': visit.language, ...setCookies([...visit.cookies, ...cookies]), ...headers },
    body: framed(visit, page).toString(),
    ...(audit ? { audit } : {}),
  };
}

/** On to another page of ours, by GET. */
export function onTo(visit: Visit, location: string, { cookies = [], audit }: Pick<Sending, 'cookies' | 'audit'> = {}): ApiAnswer {
  const headers = { Location: location, 'Referrer-Policy': 'no-referrer', ...setCookies([...visit.cookies, ...cookies]) };
  return { status: 303, headers, ...(audit ? { audit } : {}) };
}

const setCookies = (cookies: readonly string[]): { 'Set-Cookie'?: readonly string[] } =>
  cookies.length === 0 ? {} : { 'Set-Cookie': cookies };

const framed = (visit: Visit, page: Page): Html =>
  html`<!doctype html>
    <html lang="${visit.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        ${page.onward !== undefined && html`<meta http-equiv="refresh" content="0; url=${page.onward}" />`}
        <title>${page.title}</title>
        <link rel="stylesheet" href="${STYLE_PATH}" />
      </head>
      <body>
        <header>${page.language}</header>
        <main>
          <h1>${page.title}</h1>
          ${page.main}
        </main>
      </body>
    </html> `;

/** A browser as far as cookies and forms go. */
export class Visitor {
  readonly #jar = new Map<string, string>();
  readonly #url: string;

  /** `url`: the server's, without a final slash. */
  constructor(url: string) {
    this.#url = url;
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return this.#kept(await fetch(new URL(path, this.#url), { redirect: 'manual', headers: { Cookie: this.#cookies(), ...headers } }));
  }

  /** As a browser sends the forms of our pages, unless the headers say otherwise. */
  async post(path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const body = new URLSearchParams(fields);
    const sent = { 'Sec-Fetch-Site': 'same-origin', Origin: 'null', Cookie: this.#cookies(), ...headers };
    return this.#kept(await fetch(this.#url + path, { method: 'POST', redirect: 'manual', headers: sent, body }));
  }

  readonly #cookies = (): string => [...this.#jar].map(([name, value]) => `${name}=${value}`).join('; ');

  #kept(answer: Response): Response {
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '') this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
    return answer;
  }
}

/** The token of the page's form. */
export const tokenIn = (page: string): string => /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';

/** The request of an app that an answer goes on to. */
export const txOf = (answer: Response): string => new URL(answer.headers.get('location') ?? '').searchParams.get('tx') ?? '';

const SCOPE = /name="(scope [^"]+)"/g;

/**
 * Signs in for what an app asked at `authorizeUrl`, allows everything that is offered, for `patient` where one must be chosen,
 * and comes back: the URL that the browser returns to the app with.
 */
export async function agreed(
  visitor: Visitor,
  authorizeUrl: string,
  who: { readonly email: string; readonly password: string },
  patient?: string,
): Promise<URL> {
  const tx = txOf(await visitor.get(authorizeUrl));
  const token = tokenIn(await (await visitor.get(`/oauth2/login?tx=${tx}`)).text());
  await visitor.post('/oauth2/login', { tx, token, email: who.email, password: who.password });
  const picked = patient === undefined ? '' : `&patient=${patient}`;
  const page = await (await visitor.get(`/oauth2/consent?tx=${tx}${picked}`)).text();
  const ticked = Object.fromEntries([...page.matchAll(SCOPE)].map(([, name = '']) => [name, 'on']));
  const chosen = patient === undefined ? {} : { patient };
  const last = await visitor.post('/oauth2/consent', { tx, token: tokenIn(page), ...ticked, ...chosen, decision: 'allow' });
  const [, href = ''] = /id="continue" href="([^"]+)"/.exec(await last.text()) ?? [];
  return new URL(href.replaceAll('&amp;', '&'));
}

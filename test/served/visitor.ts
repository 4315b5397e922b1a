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

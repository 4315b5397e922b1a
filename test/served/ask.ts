/** Requests as clients make them, and what they are told. */
export interface Asked {
  /** GET, or POST where there is a body. */
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** A FHIR resource or bundle. */
  readonly fhir?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** As it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the text isn't a JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type Ask = (path: string, asked?: Asked) => Promise<Told>;

/** `base`: without a final slash; a path may also be a whole URL. Redirects aren't followed. */
export const askAt =
  (base: string): Ask =>
  async (path, asked = {}) => {
    const { type, body } = contentOf(asked);
    const response = await fetch(path.startsWith('http') ? path : base + path, {
      method: asked.method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(asked.token === undefined ? {} : { authorization: `Bearer ${asked.token}` }),
        ...asked.headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: objectIn(text) };
  };

function contentOf({ json, fhir, form, raw }: Asked): { readonly type?: string; readonly body?: string | Uint8Array<ArrayBuffer> } {
  if (json !== undefined) return { type: 'application/json', body: JSON.stringify(json) };
  if (fhir !== undefined) return { type: 'application/fhir+json', body: JSON.stringify(fhir) };
  if (form !== undefined) return { type: 'application/x-www-form-urlencoded', body: new URLSearchParams(form).toString() };
  return raw === undefined ? {} : { body: raw };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

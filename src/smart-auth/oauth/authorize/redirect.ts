/** Back to the app, with what it is told in the query: a code, or an error. */

export interface Return {
  readonly redirectUri: string;
  readonly state?: string;
}

/** `iss` says who answers, against mix-up: https://www.rfc-editor.org/rfc/rfc9207 */
export function returnTo({ redirectUri, state }: Return, issuer: string, told: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ ...told, ...(state === undefined ? {} : { state }), iss: issuer });
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${query.toString()}`;
}

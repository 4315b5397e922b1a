/** Errors as OAuth has them: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
import type { ApiAnswer } from '../../api/route.ts';
import type { Tried } from '../../api/tried.ts';
import type { FhirError } from '../../fhir/outcome/error.ts';

export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'login_required'
  | 'interaction_required'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_target'
  | 'temporarily_unavailable';

export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly status: number;
  /** On whose account, for the trail alone. */
  readonly tried: Tried;

  /** `description` is for developers: ASCII without quotes, and nothing that the caller may not know. */
  constructor(code: OAuthErrorCode, description: string, status = code === 'invalid_client' ? 401 : 400, tried: Tried = {}) {
    super(description);
    this.code = code;
    this.status = status;
    this.tried = tried;
  }
}

/** Does the work; where it is refused, the trail is told whose grant was tried. */
export async function notingGrant<T>({ account, clinic }: Required<Tried>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof OAuthError ? new OAuthError(error.code, error.message, error.status, { account, clinic }) : error;
  }
}

/**
 * What is wrong with a request before any grant is looked at, as OAuth tells it. The status stays where it says more than 400
 * (too large, too often), and Retry-After with it.
 */
export const refuseAs =
  (code: OAuthErrorCode) =>
  ({ status, issues, headers, retryAfter }: FhirError): ApiAnswer => {
    const [first] = issues;
    const description = printable(first === undefined ? 'the request is not well-formed' : `${first.where ?? ''} ${first.rule}`.trim());
    const error = status === 429 ? 'temporarily_unavailable' : code;
    const answer = answerOf({ error, error_description: description }, status === 413 || status === 429 ? status : 400, { reason: error });
    const retry = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
    return { ...answer, headers: { ...answer.headers, ...headers, ...retry } };
  };

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.2: %x20-21 / %x23-5B / %x5D-7E */
const printable = (text: string): string => text.replace(/[^\x20-\x7e]|["\\]/g, "'").slice(0, 300);

const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** What is answered to an app: never kept by anyone on the way. */
export const answerOf = (body: object, status = 200, audit: ApiAnswer['audit'] = {}): ApiAnswer => ({
  status,
  headers: NO_STORE,
  body,
  audit,
});

/** Errors of OAuth become answers; others go on. */
export async function withErrors(work: () => Promise<ApiAnswer>, audit: ApiAnswer['audit'] = {}): Promise<ApiAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code, message, status, tried } = error;
    const challenge = code === 'invalid_client' ? { 'WWW-Authenticate': 'Basic realm="nadi"' } : {};
    const answer = answerOf({ error: code, error_description: message }, status, { reason: code, ...audit, ...tried });
    return { ...answer, headers: { ...answer.headers, ...challenge } };
  }
}

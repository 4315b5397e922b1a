/** Errors as OAuth has them: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
import type { ApiAnswer } from '../../api/route.ts';

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
  | 'invalid_target';

export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly status: number;

  /** `description` is for developers: ASCII without quotes, and nothing that the caller may not know. */
  constructor(code: OAuthErrorCode, description: string, status = code === 'invalid_client' ? 401 : 400) {
    super(description);
    this.code = code;
    this.status = status;
  }
}

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
    const { code, message, status } = error;
    const challenge = code === 'invalid_client' ? { 'WWW-Authenticate': 'Basic realm="nadi"' } : {};
    const answer = answerOf({ error: code, error_description: message }, status, { reason: code, ...audit });
    return { ...answer, headers: { ...answer.headers, ...challenge } };
  }
}

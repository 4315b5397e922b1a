/**
 * What must hold of a request to /oauth2/authorize. Until client and redirect URI are known to be good, nothing is told to
 * the app: whoever can make us redirect anywhere has a tool for phishing. Then each small check tells the app what is wrong.
 */
import type { OAuthClient } from '../../clients/records.ts';
import type { OAuthDeps } from '../deps.ts';
import { OAuthError } from '../errors.ts';

export type Parameters = Readonly<Record<string, string | undefined>>;

/** Says what the person is shown; undefined if all is well. */
export function redirectProblem(client: OAuthClient | undefined, { redirect_uri: uri }: Parameters): string | undefined {
  if (!client?.grantTypes.includes('authorization_code')) return 'No app is registered under this client_id.';
  if (uri === undefined || !client.redirectUris.includes(uri)) return 'The app named an address to return to that it has not registered.';
  return undefined;
}

interface Asked {
  readonly params: Parameters;
  readonly client: OAuthClient;
  readonly deps: Pick<OAuthDeps, 'publicUrl' | 'scopes'>;
}

type Check = (asked: Asked) => OAuthError | undefined;

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;
const MAX_TEXT = 2000;

const checkLengths: Check = ({ params }) =>
  Object.values(params).some((v) => (v?.length ?? 0) > MAX_TEXT)
    ? new OAuthError('invalid_request', `a parameter has more than ${MAX_TEXT} characters`)
    : undefined;

const checkResponseType: Check = ({ params }) =>
  params['response_type'] === 'code' ? undefined : new OAuthError('unsupported_response_type', 'response_type must be code');

const checkResponseMode: Check = ({ params }) =>
  params['response_mode'] === undefined || params['response_mode'] === 'query'
    ? undefined
    : new OAuthError('invalid_request', 'response_mode must be query');

/** https://openid.net/specs/openid-connect-core-1_0.html#JWTRequests */
const checkRequestObject: Check = ({ params }) => {
  if (params['request'] !== undefined) return new OAuthError('request_not_supported', 'request objects are not read');
  return params['request_uri'] === undefined ? undefined : new OAuthError('request_uri_not_supported', 'request_uri is not read');
};

/** S256 only, for every client: https://hl7.org/fhir/smart-app-launch/app-launch.html#considerations-for-pkce-support */
const checkPkce: Check = ({ params: { code_challenge: challenge, code_challenge_method: method } }) => {
  if (challenge === undefined) return new OAuthError('invalid_request', 'code_challenge is missing');
  if (method !== 'S256') return new OAuthError('invalid_request', 'code_challenge_method must be S256');
  return CHALLENGE.test(challenge) ? undefined : new OAuthError('invalid_request', 'code_challenge must be the SHA-256 in base64url');
};

/** A token must go to no other server than the one it was asked for. Who asks for no records needs to name none. */
const checkAudience: Check = ({ params: { aud, scope = '' }, client, deps }) => {
  const bases = [`${deps.publicUrl()}/fhir/R4`, `${deps.publicUrl()}/clinics/${client.clinic}/fhir/R4`];
  if (aud === undefined && !/(^| )(launch|patient\/|user\/)/.test(scope)) return undefined;
  return aud !== undefined && bases.includes(aud.replace(/\/$/, ''))
    ? undefined
    : new OAuthError('invalid_request', `aud must be ${bases[0] ?? ''}`);
};

const checkScope: Check = ({ params: { scope = '' }, client, deps }) =>
  deps.scopes.granted(scope, client.scope) === ''
    ? new OAuthError('invalid_scope', 'nothing of this scope may be given to the app')
    : undefined;

const checkLaunch: Check = ({ params: { scope = '', launch } }) =>
  scope.split(' ').includes('launch') && launch === undefined
    ? new OAuthError('invalid_request', 'the scope launch needs the parameter launch')
    : undefined;

/** Consent is asked each time, so there is always something to show. */
const checkPrompt: Check = ({ params: { prompt = '' } }) =>
  prompt.split(' ').includes('none') ? new OAuthError('interaction_required', 'the person must sign in and agree') : undefined;

const checkMaxAge: Check = ({ params: { max_age: age } }) =>
  age === undefined || /^\d{1,9}$/.test(age) ? undefined : new OAuthError('invalid_request', 'max_age must be a number of seconds');

const CHECKS: readonly Check[] = [
  checkLengths,
  checkResponseType,
  checkResponseMode,
  checkRequestObject,
  checkPkce,
  checkAudience,
  checkScope,
  checkLaunch,
  checkPrompt,
  checkMaxAge,
];

/** The first problem there is. */
export function requestProblem(asked: Asked): OAuthError | undefined {
  for (const check of CHECKS) {
    const problem = check(asked);
    if (problem) return problem;
  }
  return undefined;
}

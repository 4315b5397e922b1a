/** The routes of OAuth, OpenID Connect and SMART. */
import { Type } from 'typebox';
import { route, type Route } from '../../api/route.ts';
import { asClinicId, isClinicId } from '../../fhir/model/ids.ts';
import { authorize } from './authorize/authorize.ts';
import type { OAuthDeps } from './deps.ts';
import { openidConfiguration, SMART_STYLE, smartConfiguration } from './discovery.ts';
import { refuseAs } from './errors.ts';
import { introspect } from './introspect.ts';
import { registerApp, REGISTRATION } from './register.ts';
import { revoke } from './revoke.ts';
import { token } from './token.ts';
import { userinfo } from './userinfo.ts';

const TAG = 'OAuth 2, OpenID Connect, SMART App Launch';
const FORM = 'application/x-www-form-urlencoded';
const JSON_OBJECT = Type.Object({});
const DISCOVERY = { open: 'apps must find out what there is before they have a token' };
const BY_PROTOCOL = { open: 'the protocol says who is let in: clients prove themselves' };
const PUBLIC_HOUR = { 'Cache-Control': 'public, max-age=3600', 'Access-Control-Allow-Origin': '*' };
/** Shorter than a rotated key is kept, by far. */
const PUBLIC_MINUTES = { ...PUBLIC_HOUR, 'Cache-Control': 'public, max-age=300' };

const optional = (...names: readonly string[]) =>
  Type.Object(Object.fromEntries(names.map((name) => [name, Type.Optional(Type.String())])));

/** Unknown parameters are ignored: https://www.rfc-editor.org/rfc/rfc6749#section-3.1 */
const AUTHORIZE = optional(
  ...['response_type', 'response_mode', 'client_id', 'redirect_uri', 'scope', 'state', 'aud', 'launch'],
  ...['code_challenge', 'code_challenge_method', 'nonce', 'prompt', 'max_age', 'login_hint', 'ui_locales', 'request', 'request_uri'],
);
const CLIENT = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type'];
const TOKEN = optional(
  ...['grant_type', 'code', 'redirect_uri', 'code_verifier', 'refresh_token', 'scope', ...CLIENT],
  ...['subject_token', 'subject_token_type', 'requested_token_type', 'patient', 'encounter', 'intent'],
);
const ABOUT_TOKEN = optional('token', 'token_type_hint', ...CLIENT);

export const oauthRoutes = (deps: OAuthDeps): Route[] => [
  ...authorizeRoutes(deps),
  ...tokenRoutes(deps),
  registerRoute(deps),
  ...userinfoRoutes(deps),
  ...discoveryRoutes(deps),
];

const authorizeRoutes = (deps: OAuthDeps): Route[] => {
  const shared = {
    path: '/oauth2/authorize',
    summary: 'Begins an authorization: goes on to sign in and agree, or back to the app',
    tag: TAG,
    rule: { open: 'the person signs in on the way' },
    answers: { 302: null, 400: 'text/html' },
    audit: 'token',
  } as const;
  return [
    route({ ...shared, method: 'GET', query: AUTHORIZE, handle: ({ query, headers }) => authorize(deps, query, headers) }),
    route({
      ...shared,
      method: 'POST',
      bodyType: FORM,
      body: AUTHORIZE,
      replayable: false,
      handle: ({ body, headers }) => authorize(deps, body, headers),
    }),
  ];
};

const tokenRoutes = (deps: OAuthDeps): Route[] => {
  const shared = {
    method: 'POST',
    tag: TAG,
    rule: BY_PROTOCOL,
    bodyType: FORM,
    audit: 'token',
    replayable: false,
    refuse: refuseAs('invalid_request'),
  } as const;
  return [
    route({
      ...shared,
      path: '/oauth2/token',
      summary: 'Gives tokens for a code, a refresh token, credentials, or a launch for a token',
      body: TOKEN,
      answers: { 200: JSON_OBJECT, 400: JSON_OBJECT, 401: JSON_OBJECT },
      handle: ({ body, headers }) => token(deps, headers, body),
    }),
    route({
      ...shared,
      path: '/oauth2/introspect',
      summary: 'Says what a token is good for (RFC 7662)',
      body: ABOUT_TOKEN,
      answers: { 200: JSON_OBJECT, 401: JSON_OBJECT },
      handle: ({ body, headers }) => introspect(deps, headers, body),
    }),
    route({
      ...shared,
      path: '/oauth2/revoke',
      summary: 'Ends the grant that a token belongs to (RFC 7009)',
      body: ABOUT_TOKEN,
      answers: { 200: JSON_OBJECT, 401: JSON_OBJECT },
      handle: ({ body, headers }) => revoke(deps, headers, body),
    }),
  ];
};

const registerRoute = (deps: OAuthDeps): Route =>
  route({
    method: 'POST',
    path: '/oauth2/register',
    summary: 'Registers an app, in clinics that let apps register themselves (RFC 7591)',
    tag: TAG,
    rule: { open: 'each clinic says whether apps register themselves' },
    query: optional('clinic'),
    body: REGISTRATION,
    answers: { 201: JSON_OBJECT, 400: JSON_OBJECT, 403: JSON_OBJECT, 413: JSON_OBJECT, 429: JSON_OBJECT },
    audit: 'configuration',
    replayable: false,
    refuse: refuseAs('invalid_client_metadata'),
    handle: ({ body, query, address }) => registerApp(deps, query['clinic'], body, address),
  });

const userinfoRoutes = (deps: OAuthDeps): Route[] =>
  (['GET', 'POST'] as const).map((method) =>
    route({
      method,
      path: '/oauth2/userinfo',
      summary: 'Who signed in',
      tag: TAG,
      rule: { own: 'says who the token’s own person is', scope: 'openid' },
      answers: { 200: JSON_OBJECT },
      audit: 'rest',
      replayable: false,
      handle: ({ identity }) => userinfo(deps, identity),
    }),
  );

const discoveryRoutes = (deps: OAuthDeps): Route[] => [
  document('/.well-known/jwks.json', 'Public keys of tokens', PUBLIC_MINUTES, async () => ({ keys: await deps.keys.published() })),
  document('/.well-known/openid-configuration', 'OpenID Connect discovery', PUBLIC_HOUR, async () => openidConfiguration(deps.publicUrl())),
  document('/fhir/R4/.well-known/smart-configuration', 'SMART discovery', PUBLIC_HOUR, async () => smartConfiguration(deps.publicUrl())),
  document(
    '/clinics/:clinic/fhir/R4/.well-known/smart-configuration',
    'SMART discovery; says nothing about whether there is such a clinic',
    PUBLIC_HOUR,
    async ({ clinic = '' }) => smartConfiguration(deps.publicUrl(), isClinicId(clinic) ? asClinicId(clinic) : undefined),
  ),
  document('/smart-style.json', 'How the clinic’s own pages look, for apps inside them', PUBLIC_HOUR, async () => SMART_STYLE),
];

const document = (
  path: string,
  summary: string,
  headers: Readonly<Record<string, string>>,
  make: (params: Readonly<Record<string, string>>) => Promise<object>,
): Route =>
  route({
    method: 'GET',
    path,
    summary,
    tag: TAG,
    rule: DISCOVERY,
    query: Type.Object({}),
    answers: { 200: JSON_OBJECT },
    audit: null,
    handle: async ({ params }) => ({ status: 200, headers, body: await make(params) }),
  });

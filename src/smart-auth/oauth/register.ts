/**
 * Dynamic registration: https://www.rfc-editor.org/rfc/rfc7591. Apps that persons use register themselves, in clinics that
 * allow it; what acts without a person is registered by the clinic. A software statement is believed by nobody here.
 */
import { Type, type Static } from 'typebox';
import type { ApiAnswer } from '../../api/route.ts';
import { isClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import { CLINIC, PLATFORM } from '../accounts/records.ts';
import { clientProblems, type ClientMetadata } from '../clients/metadata.ts';
import type { OAuthClient } from '../clients/records.ts';
import { originsOf } from '../clients/uris.ts';
import type { OAuthDeps } from './deps.ts';
import { answerOf, OAuthError, withErrors } from './errors.ts';

/** Unknown members are ignored, as RFC 7591 asks. */
export const REGISTRATION = Type.Object({
  redirect_uris: Type.Optional(Type.Array(Type.String(), { maxItems: 50 })),
  token_endpoint_auth_method: Type.Optional(Type.String()),
  grant_types: Type.Optional(Type.Array(Type.String(), { maxItems: 10 })),
  response_types: Type.Optional(Type.Array(Type.String(), { maxItems: 10 })),
  client_name: Type.Optional(Type.String({ maxLength: 200 })),
  logo_uri: Type.Optional(Type.String()),
  initiate_login_uri: Type.Optional(Type.String()),
  scope: Type.Optional(Type.String({ maxLength: 5000 })),
  jwks_uri: Type.Optional(Type.String()),
  jwks: Type.Optional(Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown()), { maxItems: 20 }) })),
});
type Registration = Static<typeof REGISTRATION>;

/** From one network in a quarter of an hour: more than anyone tries who mends a form, less than fills a store. */
const MOST_APPS = 20;
const AUTH_METHODS: readonly OAuthClient['authMethod'][] = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const GRANTS = ['authorization_code', 'refresh_token'] as const;
const DEFAULT_SCOPE = 'openid fhirUser launch/patient patient/*.rs';

/** Throws `rate-limited`. */
export function registerApp(deps: OAuthDeps, clinic: string | undefined, registration: Registration, address: string): Promise<ApiAnswer> {
  return withErrors(async () => {
    await deps.guard.spendFrom('register-app', address, MOST_APPS);
    const into = await openClinic(deps, clinic ?? deps.homeClinic);
    const metadata = metadataOf(registration);
    const [problem] = clientProblems(metadata);
    if (problem) throw refusal(problem.where ?? '', problem.rule);
    const { client, secret } = await deps.clients.register(into, metadata, 'dynamic registration');
    return answerOf(registered(client, secret), 201, { clinic: into, client: client.clientId, target: client.clientId });
  });
}

/** A clinic that there isn't, and one that hasn't opened registration, look the same. */
async function openClinic({ records }: OAuthDeps, clinic: string): Promise<ClinicId> {
  const found = isClinicId(clinic) ? (await records.get(CLINIC, PLATFORM, clinic))?.value : undefined;
  if (isClinicId(clinic) && found?.active === true && found.openRegistration) return clinic;
  throw new OAuthError('access_denied', 'this clinic registers apps itself', 403);
}

function metadataOf(asked: Registration): ClientMetadata {
  const { redirect_uris: redirectUris = [], client_name: name, logo_uri: logoUri, initiate_login_uri: launchUrl } = asked;
  const { jwks_uri: jwksUri, jwks, scope = DEFAULT_SCOPE } = asked;
  const authMethod = AUTH_METHODS.find((m) => m === (asked.token_endpoint_auth_method ?? 'client_secret_basic'));
  if (!authMethod) throw new OAuthError('invalid_client_metadata', `token_endpoint_auth_method must be one of ${AUTH_METHODS.join(', ')}`);
  const grants = asked.grant_types ?? ['authorization_code'];
  if (grants.some((g) => !(GRANTS as readonly string[]).includes(g)))
    throw new OAuthError('invalid_client_metadata', `grant_types must be of ${GRANTS.join(', ')}`);
  if (asked.response_types?.some((t) => t !== 'code') === true)
    throw new OAuthError('invalid_client_metadata', 'response_types must be code');
  return {
    name: name ?? redirectUris[0] ?? 'an app without a name',
    authMethod,
    redirectUris,
    grantTypes: GRANTS.filter((g) => grants.includes(g)),
    scope,
    origins: originsOf(redirectUris.filter((uri) => URL.canParse(uri))),
    ...(logoUri === undefined ? {} : { logoUri }),
    ...(launchUrl === undefined ? {} : { launchUrl }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(jwks === undefined ? {} : { jwks }),
  };
}

const refusal = (where: string, rule: string): OAuthError =>
  new OAuthError(where.startsWith('/redirectUris') ? 'invalid_redirect_uri' : 'invalid_client_metadata', `${where} ${rule}`.trim());

function registered(client: OAuthClient, secret: string | undefined): object {
  const issued = Math.floor(client.createdAt / 1000);
  return {
    client_id: client.clientId,
    client_id_issued_at: issued,
    ...(secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    client_name: client.name,
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: client.authMethod,
    grant_types: client.grantTypes,
    response_types: ['code'],
    scope: client.scope,
    ...(client.logoUri === undefined ? {} : { logo_uri: client.logoUri }),
    ...(client.launchUrl === undefined ? {} : { initiate_login_uri: client.launchUrl }),
    ...(client.jwksUri === undefined ? {} : { jwks_uri: client.jwksUri }),
    ...(client.jwks === undefined ? {} : { jwks: client.jwks }),
  };
}

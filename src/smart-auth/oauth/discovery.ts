/** What there is, for apps to find: https://hl7.org/fhir/smart-app-launch/conformance.html, OpenID Connect Discovery. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import { GRANT_TYPES } from './token.ts';

const SCOPES_SUPPORTED = [
  'openid',
  'fhirUser',
  'profile',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
  'patient/*.cruds',
  'user/*.cruds',
  'system/*.cruds',
];

const CAPABILITIES = [
  'launch-ehr',
  'launch-standalone',
  'authorize-post',
  'client-public',
  'client-confidential-symmetric',
  'client-confidential-asymmetric',
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'permission-offline',
  'permission-online',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
];

const AUTH_METHODS = ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'];

/** Where a clinic is named, its apps register there. */
function shared(publicUrl: string, clinic: ClinicId | undefined): object {
  const at = (name: string): string => `${publicUrl}/oauth2/${name}`;
  return {
    issuer: publicUrl,
    jwks_uri: `${publicUrl}/.well-known/jwks.json`,
    authorization_endpoint: at('authorize'),
    token_endpoint: at('token'),
    introspection_endpoint: at('introspect'),
    revocation_endpoint: at('revoke'),
    registration_endpoint: `${at('register')}${clinic === undefined ? '' : `?clinic=${clinic}`}`,
    grant_types_supported: GRANT_TYPES,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    scopes_supported: SCOPES_SUPPORTED,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: AUTH_METHODS,
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    authorization_response_iss_parameter_supported: true,
  };
}

export const smartConfiguration = (publicUrl: string, clinic?: ClinicId): object => ({
  ...shared(publicUrl, clinic),
  capabilities: CAPABILITIES,
});

export const openidConfiguration = (publicUrl: string): object => ({
  ...shared(publicUrl, undefined),
  userinfo_endpoint: `${publicUrl}/oauth2/userinfo`,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'fhirUser', 'profile', 'name'],
  ui_locales_supported: ['en', 'hi'],
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
});

/** https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#styling-experimental */
export const SMART_STYLE = {
  color_background: '#ffffff',
  color_error: '#b3261e',
  color_highlight: '#0b6e4f',
  color_modal_backdrop: '#00000066',
  color_success: '#1b7f3b',
  color_text: '#1c1b1f',
  dim_border_radius: '6px',
  dim_font_size: '16px',
  dim_spacing_size: '16px',
  font_family_body: 'system-ui, sans-serif',
  font_family_heading: 'system-ui, sans-serif',
};

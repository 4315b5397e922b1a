/** OAuth clients of a clinic. Their ids are unique among all clinics, so that an id alone finds one. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { RecordKind } from '../../records/port.ts';

export interface OAuthClient {
  readonly clientId: string;
  readonly clinic: ClinicId;
  readonly name: string;
  readonly authMethod: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';
  /** SHA-256 of the secret, which has 256 random bits of its own; a former one stays good until `until`. */
  readonly secrets: readonly { readonly hash: string; readonly until?: number }[];
  readonly redirectUris: readonly string[];
  readonly launchUrl?: string;
  readonly logoUri?: string;
  readonly grantTypes: readonly ('authorization_code' | 'refresh_token' | 'client_credentials')[];
  /** The most that it may ever be given. */
  readonly scope: string;
  readonly jwksUri?: string;
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** Browser origins that may call the token endpoint and the FHIR API. */
  readonly origins: readonly string[];
  readonly active: boolean;
  readonly registeredBy: string;
  readonly createdAt: number;
}

/** In `_platform`, the record's id is the client's. Those that are active can be found by an origin of theirs. */
export const OAUTH_CLIENT: RecordKind<OAuthClient> = {
  name: 'oauth-client',
  index: ({ clinic, active, origins }) => ({ clinic, ...(active ? Object.fromEntries(origins.map((o) => [`origin ${o}`, 'yes'])) : {}) }),
};

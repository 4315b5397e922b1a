/** What the parts of `smart-auth` ask of tokens: made here, verified once, remembered until they end or are revoked. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';

/** No access or ID token lives longer. */
export const MAX_TOKEN_SECONDS = 3600;

/** The `client_id` of our own front ends: persons sign in with them by POST /auth/login. */
export const FIRST_PARTY = 'nadi';

/** What an access token says (RFC 9068, and SMART's launch context). */
export interface TokenClaims {
  /** The account of a person, the id of a client. */
  readonly sub: string;
  readonly kind: 'person' | 'system';
  readonly clinic: ClinicId;
  /** `nadi` for our own front ends. */
  readonly clientId: string;
  /** Space-separated, as granted. */
  readonly scope: string;
  /** The session or grant that it belongs to: ended with it. */
  readonly sid: string;
  readonly role?: Role;
  /** `Practitioner/1`, without the base. */
  readonly fhirUser?: string;
  /** Ids of the launch context. */
  readonly patient?: string;
  readonly encounter?: string;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds. */
  readonly expiresIn: number;
}

export interface TokenIssuer {
  /** A signed access token; `seconds` from now. Throws `unavailable`. */
  issue(claims: TokenClaims, seconds: number): Promise<IssuedToken>;
}

/** Ends tokens before their time: at once in this process, within a second in others. Resolves once that is durable. */
export interface TokenRevoker {
  revokeSession(sid: string): Promise<void>;
  /** All tokens of an account issued until now; only those of one clinic where one is given. */
  revokeAccount(account: string, clinic?: ClinicId): Promise<void>;
  /** All tokens of an OAuth client issued until now. */
  revokeClient(clientId: string): Promise<void>;
}

/** Records of the OAuth endpoints, in `_platform`. Ids that someone must know are kept as their hash. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Eras } from '../accounts/era.ts';
import type { RecordKind } from '../../records/port.ts';

/** What an app is told beside the tokens. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html */
export interface LaunchContext {
  readonly patient?: string;
  readonly encounter?: string;
  readonly intent?: string;
  readonly fhirContext?: readonly Readonly<Record<string, unknown>>[];
  readonly needPatientBanner?: boolean;
}

/** A launch that an EHR front end prepared for its user: good once, for one app and one person. */
export interface Launch {
  readonly account: string;
  readonly clientId: string;
  readonly clinic: ClinicId;
  readonly context: LaunchContext;
}
export const LAUNCH: RecordKind<Launch> = { name: 'launch' };

/** A browser in which a person has signed in. */
export interface BrowserSession {
  readonly account: string;
  /** Of the account. */
  readonly era: number;
  readonly signedInAt: number;
}
export const BROWSER_SESSION: RecordKind<BrowserSession> = { name: 'browser-session', index: ({ account }) => ({ account }) };

/** What an app asked for at /oauth2/authorize, until the person has decided. */
export interface Authorization {
  readonly clientId: string;
  readonly clinic: ClinicId;
  readonly redirectUri: string;
  readonly state?: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
  /** Cut down to what the app may ask; once someone has signed in, to what their role allows. */
  readonly scope: string;
  readonly launch?: Launch;
  readonly maxAge?: number;
  readonly loginHint?: string;
  /** Who signed in for it, in which browser. */
  readonly person?: AuthorizedPerson;
}

export interface AuthorizedPerson {
  readonly account: string;
  /** Id of the browser session's record. */
  readonly session: string;
  readonly signedInAt: number;
}
export const AUTHORIZATION: RecordKind<Authorization> = { name: 'authorization' };

/** What the person let the app do. Its id is the `sid` of all tokens. */
export interface Grant {
  readonly account: string;
  readonly eras: Eras;
  readonly clientId: string;
  readonly clinic: ClinicId;
  readonly scope: string;
  readonly context: LaunchContext;
  readonly signedInAt: number;
  readonly nonce?: string;
  /** `online_access`: ends with this browser session. */
  readonly session?: string;
  readonly createdAt: number;
  readonly usedAt: number;
  /** Which refresh token is the current one: 1, 2, 3. Absent: none was given. */
  readonly refresh?: number;
}
export const GRANT: RecordKind<Grant> = { name: 'grant', index: ({ account, clientId }) => ({ account, clientId }) };

export interface AuthorizationCode {
  readonly grantId: string;
  readonly grant: Grant;
  readonly redirectUri: string;
  readonly codeChallenge: string;
  /** Kept after its use, so that a second one is noticed. */
  readonly used: boolean;
}
export const AUTHORIZATION_CODE: RecordKind<AuthorizationCode> = { name: 'authorization-code' };

/** `jti` of client assertions: each is good once. */
export const USED_ASSERTION: RecordKind<Record<string, never>> = { name: 'used-assertion' };

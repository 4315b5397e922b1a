/**
 * The port of the audit trail. A record is durable before the answer goes out; AuditEvents are made from records later.
 * A write that succeeded needs none: the stored version says who, when, from which request and why.
 */
import type { ClinicId } from './ids.ts';

export type AuditCategory =
  /** An interaction or operation of the FHIR API, or a route of the clinic API. */
  | 'rest'
  /** Sign-in, sign-out, a changed password, a second factor. */
  | 'login'
  /** A token given, refused or revoked. */
  | 'token'
  /** Records leave as a whole: export, `$everything`, an International Patient Summary. */
  | 'export'
  /** Accounts, roles, apps, settings. */
  | 'configuration'
  /** Someone reached beyond their role in an emergency. */
  | 'break-glass'
  /** A patient's data was erased. */
  | 'erasure';

export interface AuditRecord {
  readonly clinic: ClinicId;
  /** That of the AuditEvent to come, where it isn't left to the trail. */
  readonly id?: string;
  /** The id of the record that this one corrects: what was said to succeed did not. */
  readonly corrects?: string;
  readonly category: AuditCategory;
  /** What was done, in FHIR's code where there is one: `read`, `search-type`, `login`, `token`. */
  readonly what: string;
  readonly outcome: 'success' | 'refused' | 'failed';
  /** HTTP status of the answer. */
  readonly status: number;
  readonly requestId: string;
  /** `Practitioner/1`; absent where nobody could be told. */
  readonly subject?: string;
  readonly account?: string;
  readonly role?: string;
  readonly client?: string;
  /** Network address of the caller. */
  readonly address?: string;
  /** `Observation/17`, or a type. */
  readonly target?: string;
  /** The patient that it was about, where it is known: `Patient/9`. */
  readonly patient?: string;
  /** The query as sent. PHI: it goes nowhere but here. */
  readonly query?: string;
  /** Why: a purpose, the reason of break-glass. */
  readonly reason?: string;
}

export interface AuditLog {
  /** Resolves to the record's id when it would survive `kill -9`. Throws `unavailable`: then the answer must not go out. */
  append(record: AuditRecord): Promise<string>;
}

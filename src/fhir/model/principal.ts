/** Who asks, what for, and what they may touch: made from a token in `smart-auth`, obeyed everywhere. */
import type { ClinicId, ResourceId } from './ids.ts';

/** The twelve roles of a clinic; what each may do is one table, `smart-auth/roles`. */
export const ROLES = [
  'SUPER_ADMIN',
  'CLINIC_ADMIN',
  'DOCTOR',
  'NURSE',
  'THERAPIST',
  'COUNSELOR',
  'PHARMACIST',
  'LAB_TECHNICIAN',
  'RECEPTIONIST',
  'FINANCE_BILLING',
  'SUPPORT_STAFF',
  'PATIENT',
] as const;
export type Role = (typeof ROLES)[number];

/** Who asks: made from the token (or, with `AUTH=none`, the system client of the bootstrap clinic). */
export interface Principal {
  /** What is written into versions as the author: `Practitioner/1`, `Patient/9`, `Device/import`. */
  readonly subject: string;
  readonly clinic: ClinicId;
  /** The OAuth client, where there is one. */
  readonly client?: string;
  /** The account of a person; absent for systems. */
  readonly account?: string;
  /** The person's role in this clinic; absent for systems, whose scopes alone count. */
  readonly role?: Role;
  /** The patient in context: the only one that `patient/` scopes and the role PATIENT reach. */
  readonly patient?: ResourceId;
  /** Why the person reaches beyond their role for an hour (break-glass). */
  readonly emergency?: string;
}

/**
 * The five letters of SMART 2 scopes. `read`: read, vread, history of an instance. `search`: search and history of types
 * and the system. `update`: update and patch. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
 */
export type Action = 'create' | 'read' | 'update' | 'delete' | 'search';

/**
 * What a principal may touch of a type. `Filter` is a search tree (it may have chains): what is read or searched matches
 * it, and of what is written both the version before and the one after do. A type that it doesn't know is denied: `none`.
 */
export interface AccessFilter<Filter> {
  /** The same value for the same question, so that equal filters share a branch. */
  restrict(type: string, action: Action): Filter | 'all' | 'none';
  /**
   * Top-level elements that are shown of a type, and search parameters it may be asked by; undefined: all.
   * Elements that every resource needs (`resourceType`, `id`, `meta`) are always shown.
   */
  visibleOf(type: string): Visible | undefined;
  /** Whether reaching the type (undefined: several, or all) is beyond the everyday: what the audit trail files under break-glass. */
  isBreakGlass(type: string | undefined, action: Action): boolean;
}

export interface Visible {
  readonly elements: ReadonlySet<string>;
  readonly parameters: ReadonlySet<string>;
}

/** For what acts on the server's own behalf, and for `AUTH=none`. */
export const ALL_ACCESS: AccessFilter<never> = { restrict: () => 'all', visibleOf: () => undefined, isBreakGlass: () => false };

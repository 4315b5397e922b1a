/**
 * What each role may do: the one table that the access filter, the routes of the JSON API, `docs/permissions.md` and
 * the consent page are made of. A column's cell counts for all groups of that column, unless the role has one for the
 * group itself. What isn't here is denied.
 */
import { ROLES, type Action, type Role, type Visible } from '../../fhir/model/principal.ts';
import type { Column } from './columns.ts';
import { GROUPS, type GroupName } from './groups.ts';
import { actionsOf, lettersOf } from './letters.ts';
import { CONTACT_ONLY } from './visible.ts';

/**
 * Which resources a grant is about; several must all hold, none is the whole clinic.
 * - `own`: of the patient in context: what is about them; to be read, also what is about nobody and they wrote, sent or got.
 * - `author`: written by the person, as the resource itself says.
 * - `treated`: of patients whom the person treats.
 * - `released`: tagged as released to the patient.
 * - `released-results`: results only once they are final and released, everything else at once.
 */
export type RowRule = 'own' | 'author' | 'treated' | 'released' | 'released-results';

export interface Grant {
  /** Of `cruds`. */
  readonly letters: string;
  readonly rows: readonly RowRule[];
  /** Audited as reaching beyond what the role needs every day. */
  readonly audited?: 'break-glass';
}

export interface RoleRow {
  readonly columns: Readonly<Partial<Record<Column, readonly Grant[]>>>;
  readonly groups?: Readonly<Partial<Record<GroupName, readonly Grant[]>>>;
  /** By type: which elements are shown. */
  readonly visible?: Readonly<Record<string, Visible>>;
  /** May belong to the staff of every clinic. */
  readonly allClinics?: true;
  /** May reach all patients and labelled records for an hour, with a reason (`X-Break-Glass`). */
  readonly emergency?: true;
  /** What the role reads records for, of v3-ActReason: consents may be about one purpose. */
  readonly purpose: 'TREAT' | 'HPAYMT' | 'HOPERAT' | 'PATRQT';
}

const may = (letters: string, ...rows: readonly RowRule[]): readonly Grant[] => [{ letters, rows }];
const NOTHING: readonly Grant[] = [];

/** What all who are signed in share. */
const SIGNED_IN = { directory: may('rs'), definitions: may('rs'), personal: may('cruds') } as const;
const ADMINISTRATOR = { directory: may('cruds'), definitions: may('cruds'), personal: may('cruds') } as const;
/** New consents are recorded at the desk or in the room; they are changed by the patient and by administrators. */
const RECORDS_CONSENT = may('crs');

export const ROLE_TABLE: Readonly<Record<Role, RoleRow>> = {
  SUPER_ADMIN: {
    columns: {
      ...ADMINISTRATOR,
      demographics: may('cruds'),
      clinical: [{ letters: 'rs', rows: [], audited: 'break-glass' }],
      scheduling: may('cruds'),
      therapy: may('cruds'),
      billing: may('cruds'),
      administration: may('cruds'),
    },
    allClinics: true,
    purpose: 'HOPERAT',
  },
  CLINIC_ADMIN: {
    columns: {
      ...ADMINISTRATOR,
      demographics: may('cruds'),
      clinical: may('rs'),
      scheduling: may('cruds'),
      therapy: may('cruds'),
      billing: may('cruds'),
      administration: may('cruds'),
    },
    groups: { clinics: may('ru') },
    purpose: 'HOPERAT',
  },
  DOCTOR: {
    columns: {
      ...SIGNED_IN,
      demographics: may('crus'),
      clinical: may('cruds'),
      restricted: [...may('cruds', 'author'), ...may('rs', 'treated')],
      scheduling: may('cruds'),
      therapy: may('cruds'),
      billing: may('rs'),
    },
    groups: { consents: RECORDS_CONSENT },
    emergency: true,
    purpose: 'TREAT',
  },
  NURSE: {
    columns: { ...SIGNED_IN, demographics: may('crus'), clinical: may('crus'), scheduling: may('rus'), therapy: may('rus') },
    groups: { consents: RECORDS_CONSENT },
    emergency: true,
    purpose: 'TREAT',
  },
  THERAPIST: {
    columns: { ...SIGNED_IN, demographics: may('rs'), clinical: may('rs'), scheduling: may('rus'), therapy: may('cruds') },
    groups: { 'vital-signs': may('crs'), consents: may('rs') },
    purpose: 'TREAT',
  },
  COUNSELOR: {
    columns: {
      ...SIGNED_IN,
      demographics: may('rs'),
      clinical: may('rs'),
      restricted: may('cruds', 'author'),
      scheduling: may('rus'),
    },
    groups: { consents: RECORDS_CONSENT },
    emergency: true,
    purpose: 'TREAT',
  },
  PHARMACIST: {
    columns: { ...SIGNED_IN, demographics: may('rs'), billing: may('rs') },
    groups: { medication: may('cruds'), allergies: may('rs') },
    purpose: 'TREAT',
  },
  LAB_TECHNICIAN: {
    columns: { ...SIGNED_IN, demographics: may('rs') },
    groups: { laboratory: may('crus'), 'laboratory-orders': may('rus'), 'lab-feed': may('rs') },
    purpose: 'TREAT',
  },
  RECEPTIONIST: {
    columns: { ...SIGNED_IN, demographics: may('crus'), scheduling: may('cruds'), therapy: may('rs'), billing: may('crs') },
    groups: { consents: RECORDS_CONSENT, 'billing-analytics': NOTHING },
    purpose: 'HOPERAT',
  },
  FINANCE_BILLING: {
    columns: { ...SIGNED_IN, demographics: may('rs'), scheduling: may('rs'), billing: may('cruds') },
    purpose: 'HPAYMT',
  },
  SUPPORT_STAFF: {
    columns: { ...SIGNED_IN, demographics: may('rs'), scheduling: may('rs') },
    groups: { cohorts: NOTHING, communications: may('crs') },
    visible: CONTACT_ONLY,
    purpose: 'HOPERAT',
  },
  PATIENT: {
    columns: {
      ...SIGNED_IN,
      demographics: may('ru', 'own'),
      clinical: may('rs', 'own', 'released-results'),
      restricted: may('rs', 'own', 'released', 'released-results'),
      scheduling: may('crus', 'own'),
      therapy: may('rs', 'own', 'released-results'),
      billing: may('rs', 'own'),
    },
    groups: {
      cohorts: NOTHING,
      payments: may('crs', 'own'),
      'billing-analytics': NOTHING,
      consents: may('cruds', 'own'),
      'app-permissions': may('rds', 'own'),
    },
    purpose: 'PATRQT',
  },
};

/** What a role may do in a group: never more than the group allows to anyone. */
export function grantsOf(role: Role, group: GroupName): readonly Grant[] {
  const row = ROLE_TABLE[role];
  const cell = row.groups?.[group] ?? row.columns[GROUPS[group].column] ?? NOTHING;
  const most = GROUPS[group].most;
  return most === undefined
    ? cell
    : cell.map((g) => ({ ...g, letters: lettersOf(actionsOf(g.letters).filter((a) => actionsOf(most).includes(a))) }));
}

/** Whether a role may do this to something in a group, whichever resources that are: what a route asks before its handler runs. */
export const roleMay = (role: Role, group: GroupName, action: Action): boolean =>
  grantsOf(role, group).some((g) => actionsOf(g.letters).includes(action));

/** Roles that may reach beyond their table in an emergency. */
export const EMERGENCY_ROLES: readonly Role[] = ROLES.filter((role) => ROLE_TABLE[role].emergency);

/** What an emergency opens for reading and searching: whatever type stands in these columns, whosever it is and however labelled. */
export const EMERGENCY_COLUMNS: ReadonlySet<Column> = new Set<Column>(['demographics', 'clinical', 'scheduling', 'therapy']);

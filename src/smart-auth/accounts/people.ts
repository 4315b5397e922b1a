/**
 * The FHIR resources of a person in a clinic. Staff are Practitioner and PractitionerRole, administrators too: what people
 * do is audited under their resource, and AuditEvent and Provenance take no Person (https://hl7.org/fhir/R4/auditevent.html).
 */
import { createHash } from 'node:crypto';
import { CANONICAL_BASE } from '../../fhir/model/canonical.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import type { Resource } from './resources.ts';

export interface PersonName {
  readonly givenName: string;
  readonly familyName?: string;
}

export interface Person extends PersonName {
  readonly email?: string;
  readonly phone?: string;
}

export const fullName = ({ givenName, familyName }: PersonName): string => [givenName, familyName].filter(Boolean).join(' ').trim();

/** The same for the same account and clinic, so that what was cut off is done again on the same resources; no two clinics have the same. */
export function resourceIdOf(account: string, clinic: ClinicId): string {
  const hex = createHash('sha256').update(`${clinic} ${account}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const ROLE_SYSTEM = `${CANONICAL_BASE}/CodeSystem/role`;

export const isPatientRole = (role: Role): boolean => role === 'PATIENT';

/** The type of `fhirUser`. */
export const userTypeOf = (role: Role): 'Patient' | 'Practitioner' => (isPatientRole(role) ? 'Patient' : 'Practitioner');

export interface PersonInClinic {
  readonly id: string;
  readonly clinic: ClinicId;
  readonly role: Role;
  readonly active: boolean;
  readonly person: Person;
}

/** New ones, or what is there with name, addresses, role and state as they are now. */
export function resourcesOf(who: PersonInClinic, before: readonly Resource[] = []): Resource[] {
  const known = (type: string): Resource => before.find((r) => r.resourceType === type) ?? { resourceType: type, id: who.id };
  const user = { ...known(userTypeOf(who.role)), active: who.active, ...detailsOf(known(userTypeOf(who.role)), who.person) };
  if (isPatientRole(who.role)) return [{ ...user, managingOrganization: { reference: `Organization/${who.clinic}` } }];
  return [user, roleResource(known('PractitionerRole'), user, who)];
}

function roleResource(known: Resource, { id }: Resource, { clinic, role, active }: PersonInClinic): Resource {
  return {
    ...known,
    active,
    practitioner: { reference: `Practitioner/${id}` },
    organization: { reference: `Organization/${clinic}` },
    code: [...codesBut(ROLE_SYSTEM, known['code']), { coding: [{ system: ROLE_SYSTEM, code: role }] }],
  };
}

interface Concept {
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
}
const codesBut = (system: string, codes: unknown): Concept[] =>
  ((codes ?? []) as Concept[]).filter((concept) => !concept.coding?.some((coding) => coding.system === system));

interface ContactPoint {
  readonly system?: string;
  readonly value?: string;
}

interface Details {
  readonly name: readonly unknown[];
  readonly telecom?: readonly ContactPoint[];
}

/** The first name and addresses are ours to set; whatever else is there stays. */
export function detailsOf(known: Resource, { givenName, familyName, email, phone }: Person): Details {
  const [, ...otherNames] = (known['name'] ?? []) as unknown[];
  const others = ((known['telecom'] ?? []) as ContactPoint[]).filter(({ system }) => system !== 'email' && system !== 'phone');
  const name = { text: fullName({ givenName, ...(familyName === undefined ? {} : { familyName }) }), given: [givenName] };
  const telecom = [
    ...(email === undefined ? [] : [{ system: 'email', value: email }]),
    ...(phone === undefined ? [] : [{ system: 'phone', value: phone }]),
    ...others,
  ];
  return {
    name: [familyName === undefined ? name : { ...name, family: familyName }, ...otherNames],
    ...(telecom.length === 0 ? {} : { telecom }),
  };
}

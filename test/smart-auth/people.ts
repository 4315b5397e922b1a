/** Clinics and people in records, as the parts that own them would have made them. */
import { asClinicId, type ClinicId } from '../../src/fhir/model/ids.ts';
import type { Role } from '../../src/fhir/model/principal.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { ACCOUNT, CLINIC, MEMBERSHIP, PLACE, PLATFORM, type Clinic } from '../../src/smart-auth/accounts/records.ts';

export const DEMO = asClinicId('demo');
export const OTHER = asClinicId('other');

export async function addClinic(records: RecordStore, clinic: ClinicId, more: Partial<Clinic> = {}): Promise<void> {
  const value = { name: clinic, timeZone: 'UTC', active: true, openRegistration: false, selfRegistration: false, createdAt: 0, ...more };
  await records.insert(CLINIC, PLATFORM, clinic, value);
}

export interface Person {
  readonly account: string;
  readonly role: Role;
  readonly fhirUser: string;
  readonly clinic: ClinicId;
}

export async function addPerson(records: RecordStore, person: Person): Promise<Person> {
  const { account, role, fhirUser, clinic } = person;
  const who = { email: `${account}@nadi.test`, name: account, emailVerified: true, active: true, language: 'en' as const, createdAt: 0 };
  await records.insert(ACCOUNT, PLATFORM, account, who);
  await records.insert(MEMBERSHIP, clinic, account, {
    account,
    role,
    fhirUser,
    name: account,
    email: who.email,
    active: true,
    createdAt: 0,
  });
  await records.insert(PLACE, PLATFORM, `${account} ${clinic}`, { account, clinic });
  return person;
}

export const DOCTOR: Person = { account: 'asha', role: 'DOCTOR', fhirUser: 'Practitioner/1', clinic: DEMO };
export const PATIENT: Person = { account: 'meera', role: 'PATIENT', fhirUser: 'Patient/9', clinic: DEMO };

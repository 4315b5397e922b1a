/** Who works and who is treated in the clinics of these tests. */
import type { Dispatch } from '../../src/fhir/index.ts';
import { asClinicId, type ClinicId } from '../../src/fhir/model/ids.ts';
import { ALL_ACCESS, type Role } from '../../src/fhir/model/principal.ts';
import type { RecordStore } from '../../src/records/port.ts';
import { ACCOUNT, CLINIC, MEMBERSHIP, PLACE, PLATFORM } from '../../src/smart-auth/accounts/records.ts';
import type { Known } from './sign-in.ts';

export const DEMO = asClinicId('demo');
export const OTHER = asClinicId('other');
const NAMES = { [DEMO]: 'Sanjeevani Clinic, Pune', [OTHER]: 'Dhanvantari Clinic, Kochi' } as Readonly<Record<ClinicId, string>>;

const place = (clinic: ClinicId) => ({ clinic, clinicName: NAMES[clinic] ?? clinic });

export const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

interface Person extends Known {
  readonly name: string;
  readonly role: Role;
  readonly fhirUser: string;
}

export const DOCTOR: Person = {
  account: 'kavita',
  name: 'Dr Kavita Deshpande',
  email: 'kavita@clinic.example',
  password: 'correct horse battery staple',
  totp: TOTP_SECRET,
  role: 'DOCTOR',
  fhirUser: 'Practitioner/kavita',
  places: [place(DEMO)],
};
export const PATIENT: Person = {
  account: 'meera',
  name: 'Meera Joshi',
  email: 'meera@post.example',
  password: 'a river of lotus leaves',
  role: 'PATIENT',
  fhirUser: 'Patient/meera',
  places: [place(DEMO)],
};
export const NURSE: Person = {
  account: 'anand',
  name: 'Anand Pillai',
  email: 'anand@clinic.example',
  password: 'seven quiet elephants',
  role: 'NURSE',
  fhirUser: 'Practitioner/anand',
  places: [place(DEMO), place(OTHER)],
};
export const PEOPLE = [DOCTOR, PATIENT, NURSE];

export async function seed(records: RecordStore, dispatch: Dispatch): Promise<void> {
  for (const clinic of [DEMO, OTHER]) {
    const rules = { openRegistration: clinic === DEMO, selfRegistration: false };
    const value = { name: NAMES[clinic] ?? '', timeZone: 'Asia/Kolkata', active: true, ...rules, createdAt: 0 };
    await records.insert(CLINIC, PLATFORM, clinic, value);
  }
  for (const person of PEOPLE) await addPerson(records, person);
  const patients = [
    patient('meera', 'Meera', 'Joshi', '1991-08-15'),
    patient('asha', 'Asha', 'Rao', '1984-03-27'),
    ...Array.from({ length: 12 }, (_, i) =>
      patient(`k${i}`, `Kamala${String.fromCharCode(97 + i)}`, 'Kulkarni', `19${60 + i}-01-0${(i % 9) + 1}`),
    ),
  ];
  for (const resource of patients) await put(dispatch, DEMO, resource);
  await put(dispatch, DEMO, PULSE);
  await put(dispatch, OTHER, patient('elsewhere', 'Asha', 'Ranade', '1984-03-27'));
}

/** There, so that finding nothing means something. */
const PULSE = {
  ...{ resourceType: 'Observation', id: 'pulse', status: 'final', subject: { reference: 'Patient/asha' } },
  code: { text: 'Pulse' },
};

async function addPerson(records: RecordStore, { account, name, email, role, fhirUser, places }: Person): Promise<void> {
  const who = { email, name, emailVerified: true, active: true, language: 'en' as const, createdAt: 0 };
  await records.insert(ACCOUNT, PLATFORM, account, who);
  for (const { clinic } of places) {
    await records.insert(MEMBERSHIP, clinic, account, { account, role, fhirUser, name, email, active: true, createdAt: 0 });
    await records.insert(PLACE, PLATFORM, `${account} ${clinic}`, { account, clinic });
  }
}

const patient = (id: string, given: string, family: string, birthDate: string) => ({
  ...{ resourceType: 'Patient', id, birthDate },
  name: [{ given: [given], family }],
});

async function put(dispatch: Dispatch, clinic: ClinicId, resource: { readonly resourceType: string; readonly id: string }): Promise<void> {
  const context = {
    principal: { subject: 'Device/test', clinic },
    access: ALL_ACCESS,
    requestId: 'seed',
    baseUrl: 'http://nadi.test/fhir/R4',
    deadline: Date.now() + 60_000,
  };
  const body = Buffer.from(JSON.stringify(resource));
  await dispatch({ method: 'PUT', path: [resource.resourceType, resource.id], query: '', headers: {}, body, context });
}

/** People in their clinics. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { RecordStore } from '../../records/port.ts';
import { ACCOUNT, MEMBERSHIP, PLATFORM } from '../accounts/records.ts';
import type { Member } from './deps.ts';

/** Undefined unless account and membership are active. */
export async function memberOf(records: RecordStore, account: string, clinic: ClinicId): Promise<Member | undefined> {
  const [person, membership] = await Promise.all([records.get(ACCOUNT, PLATFORM, account), records.get(MEMBERSHIP, clinic, account)]);
  if (person?.value.active !== true || membership?.value.active !== true) return undefined;
  const { role, fhirUser } = membership.value;
  return { account, clinic, role, fhirUser };
}

/** Whose patient the person is. */
export const ownPatientOf = ({ role, fhirUser }: Member): string | undefined =>
  role === 'PATIENT' ? /^Patient\/(.+)$/.exec(fhirUser)?.[1] : undefined;

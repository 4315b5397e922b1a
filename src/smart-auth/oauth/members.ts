/** People in their clinics. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import { eraOf, isSameEra, type Eras } from '../accounts/era.ts';
import type { RecordStore } from '../../records/port.ts';
import { ACCOUNT, CLINIC, MEMBERSHIP, PLATFORM } from '../accounts/records.ts';
import type { Member } from './deps.ts';
import type { Grant } from './records.ts';

export interface CurrentMember extends Member {
  readonly eras: Eras;
}

/** Undefined unless account, membership and clinic are active. */
export async function memberOf(records: RecordStore, account: string, clinic: ClinicId): Promise<CurrentMember | undefined> {
  const [person, membership, place] = await Promise.all([
    records.get(ACCOUNT, PLATFORM, account),
    records.get(MEMBERSHIP, clinic, account),
    records.get(CLINIC, PLATFORM, clinic),
  ]);
  if (person?.value.active !== true || membership?.value.active !== true || place?.value.active !== true) return undefined;
  const { role, fhirUser } = membership.value;
  return { account, clinic, role, fhirUser, eras: { account: eraOf(person.value), place: eraOf(membership.value) } };
}

/** Whom the grant is from, as long as they are of the eras in which they gave it. */
export async function granterOf(records: RecordStore, { account, clinic, eras }: Grant): Promise<CurrentMember | undefined> {
  const member = await memberOf(records, account, clinic);
  return member && isSameEra(eras, member.eras) ? member : undefined;
}

/** Whose patient the person is. */
export const ownPatientOf = ({ role, fhirUser }: Member): string | undefined =>
  role === 'PATIENT' ? /^Patient\/(.+)$/.exec(fhirUser)?.[1] : undefined;

/** Where people work or are treated: their memberships, found from the account. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import type { RecordStore } from '../../records/port.ts';
import { eraOf } from './era.ts';
import { CLINIC, MEMBERSHIP, PLACE, PLATFORM } from './records.ts';

/** A clinic that someone may sign in to. */
export interface OpenPlace {
  readonly clinic: ClinicId;
  readonly clinicName: string;
  readonly role: Role;
  readonly fhirUser: string;
  /** Of the membership. */
  readonly era: number;
}

export interface Places {
  /** Undefined unless the membership and the clinic are active. */
  find(account: string, clinic: ClinicId): Promise<OpenPlace | undefined>;
  all(account: string): Promise<readonly OpenPlace[]>;
}

const MOST = 1000;

export function createPlaces(records: RecordStore): Places {
  const find = async (account: string, clinic: ClinicId): Promise<OpenPlace | undefined> => {
    const [membership, place] = await Promise.all([records.get(MEMBERSHIP, clinic, account), records.get(CLINIC, PLATFORM, clinic)]);
    if (!membership?.value.active || !place?.value.active) return undefined;
    const { role, fhirUser } = membership.value;
    return { clinic, clinicName: place.value.name, role, fhirUser, era: eraOf(membership.value) };
  };
  return {
    find,
    async all(account) {
      const known = await records.list(PLACE, PLATFORM, { by: { name: 'account', value: account }, limit: MOST });
      const found = await Promise.all(known.map(({ value }) => find(account, value.clinic)));
      return found.filter((place) => place !== undefined);
    },
  };
}

/** Whose account a patient has, and which addresses are theirs alone. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { KnownPatient } from '../../fhir/model/person-records.ts';
import type { RecordStore } from '../../records/port.ts';
import { normalEmail } from '../accounts/identifiers.ts';
import { resourceIdOf } from '../accounts/people.ts';
import { ACCOUNT, MEMBERSHIP, PLACE, PLATFORM, type Account } from '../accounts/records.ts';

export interface FoundPerson {
  readonly account?: string;
  readonly isWhole: boolean;
  readonly addresses: readonly string[];
  readonly names: readonly string[];
}

const MOST = 1000;

export async function findPerson(records: RecordStore, clinic: ClinicId, { reference, contacts }: KnownPatient): Promise<FoundPerson> {
  const membership = await records.findUnique(MEMBERSHIP, clinic, 'fhirUser', reference);
  const normal = contacts.map(normalContact);
  const id = membership?.id ?? (await formerPatient(records, clinic, reference, normal));
  const account = id === undefined ? undefined : (await records.get(ACCOUNT, PLATFORM, id))?.value;
  const isWhole = id !== undefined && (await isOnlyHere(records, clinic, id));
  const known = isWhole ? addressesOf(account) : [];
  const candidates = [...new Set([...normal, ...addressesOf(membership?.value), ...known])];
  const others = await Promise.all(candidates.map((address) => belongsToOther(records, address, isWhole ? id : undefined)));
  return {
    ...(id === undefined ? {} : { account: id }),
    isWhole,
    addresses: candidates.filter((_, i) => !others[i]),
    names: [membership?.value.name, isWhole ? account?.name : undefined].filter((name) => name !== undefined),
  };
}

/** Recomputed where it counts: someone may have been invited to another clinic meanwhile. */
export async function isOnlyHere(records: RecordStore, clinic: ClinicId, account: string): Promise<boolean> {
  const places = await records.list(PLACE, PLATFORM, { by: { name: 'account', value: account }, limit: MOST });
  return places.every(({ value }) => value.clinic === clinic);
}

const addressesOf = (of: Pick<Account, 'email' | 'phone'> | undefined): string[] =>
  of === undefined ? [] : [of.email, ...(of.phone === undefined ? [] : [of.phone])];

/** Numbers are written in many ways, and kept in E.164. */
const normalContact = (text: string): string => (text.includes('@') ? normalEmail(text) : text.replaceAll(/[\s().-]/g, ''));

/** One that has no membership here any more, as the id of the resource tells. Who became staff isn't a patient's account now. */
async function formerPatient(
  records: RecordStore,
  clinic: ClinicId,
  reference: string,
  contacts: readonly string[],
): Promise<string | undefined> {
  for (const contact of contacts) {
    const found = (await accountsAt(records, contact)).find((account) => `Patient/${resourceIdOf(account, clinic)}` === reference);
    if (found !== undefined && !(await records.get(MEMBERSHIP, clinic, found))) return found;
  }
  return undefined;
}

async function accountsAt(records: RecordStore, address: string): Promise<string[]> {
  const byEmail = await records.findUnique(ACCOUNT, PLATFORM, 'email', address);
  const byPhone = await records.list(ACCOUNT, PLATFORM, { by: { name: 'phone', value: address }, limit: MOST });
  return [...(byEmail ? [byEmail] : []), ...byPhone].map(({ id }) => id);
}

const belongsToOther = async (records: RecordStore, address: string, account: string | undefined): Promise<boolean> =>
  (await accountsAt(records, address)).some((id) => id !== account);

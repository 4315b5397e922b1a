/** Records of people: accounts are known to all clinics, memberships and sessions to one. */
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import type { RecordKind } from '../../records/port.ts';
import type { InEras } from './era.ts';

/** Where records stand that belong to no clinic. No clinic can be called so: ids have no underscore. */
export const PLATFORM: ClinicId = asClinicId('_platform');

/** Its era ends with a new password, and when it is deactivated. */
export interface Account extends InEras {
  /** As it is compared: trimmed, lower case, NFC. Unique. */
  readonly email: string;
  /** E.164. */
  readonly phone?: string;
  /** Whether a code sent there came back: only then it signs in. */
  readonly phoneVerified?: boolean;
  readonly name: string;
  /** Argon2id in PHC form; absent until a password is chosen. */
  readonly passwordHash?: string;
  readonly emailVerified: boolean;
  readonly active: boolean;
  /** The secret sealed, once a code was given. `lastStep`: no code counts twice. `recovery`: SHA-256 of codes of 80 random bits, each good once. */
  readonly totp?: { readonly sealed: string; readonly confirmed: boolean; readonly lastStep: number; readonly recovery: readonly string[] };
  /** BCP 47: the language of pages and messages. */
  readonly language: 'en' | 'hi';
  readonly createdAt: number;
}

export const ACCOUNT: RecordKind<Account> = {
  name: 'account',
  unique: ({ email }) => ({ email }),
  index: ({ phone }) => (phone === undefined ? {} : { phone }),
};

/** A person's place in a clinic; the record's id is that of the account. Name and addresses as this clinic knows them: what others know is theirs. Its era ends with
 * another role, and when it is taken away or given again. */
export interface Membership extends InEras {
  readonly account: string;
  readonly role: Role;
  readonly name: string;
  readonly email: string;
  readonly phone?: string;
  readonly createdAt: number;
  /** Their FHIR resource in this clinic: `Practitioner/1`, `Patient/9`. */
  readonly fhirUser: string;
  readonly active: boolean;
}

export const MEMBERSHIP: RecordKind<Membership> = {
  name: 'membership',
  unique: ({ fhirUser }) => ({ fhirUser }),
  index: ({ account, role, email, phone }) => ({ account, role, email, ...(phone === undefined ? {} : { phone }) }),
};

/** Which clinics an account belongs to, beside the account: the record's id is `account clinic`. */
export interface Place {
  readonly account: string;
  readonly clinic: ClinicId;
}

export const PLACE: RecordKind<Place> = { name: 'place', index: ({ account, clinic }) => ({ account, clinic }) };

/** A clinic, under its own id, in `_platform`. Its Organization inside it has the same id. */
export interface Clinic {
  readonly name: string;
  readonly timeZone: string;
  readonly active: boolean;
  /** Dynamic registration of apps (RFC 7591). */
  readonly openRegistration: boolean;
  /** Whether people may make themselves patients here; off unless the clinic turns it on: otherwise they are invited. */
  readonly selfRegistration: boolean;
  readonly createdAt: number;
}

export const CLINIC: RecordKind<Clinic> = { name: 'clinic' };

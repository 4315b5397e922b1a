/** Records of people: accounts are known to all clinics, memberships and sessions to one. */
import { asClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import type { Role } from '../../fhir/model/principal.ts';
import type { RecordKind } from '../../records/port.ts';

/** Where records stand that belong to no clinic. No clinic can be called so: ids have no underscore. */
export const PLATFORM: ClinicId = asClinicId('_platform');

export interface Account {
  /** As it is compared: trimmed, lower case, NFC. Unique. */
  readonly email: string;
  /** E.164. */
  readonly phone?: string;
  readonly name: string;
  /** Argon2id in PHC form; absent until a password is chosen. */
  readonly passwordHash?: string;
  readonly emailVerified: boolean;
  readonly active: boolean;
  /** The secret sealed; `confirmed` once a code was given. `lastStep`: no code counts twice. */
  readonly totp?: { readonly sealed: string; readonly confirmed: boolean; readonly lastStep: number };
  /** BCP 47: the language of pages and messages. */
  readonly language: 'en' | 'hi';
  readonly createdAt: number;
}

export const ACCOUNT: RecordKind<Account> = {
  name: 'account',
  unique: ({ email }) => ({ email }),
  index: ({ phone }) => (phone === undefined ? {} : { phone }),
};

/** A person's place in a clinic; the record's id is that of the account. */
export interface Membership {
  readonly account: string;
  readonly role: Role;
  /** Their FHIR resource in this clinic: `Practitioner/1`, `Patient/9`. */
  readonly fhirUser: string;
  readonly active: boolean;
}

export const MEMBERSHIP: RecordKind<Membership> = {
  name: 'membership',
  unique: ({ fhirUser }) => ({ fhirUser }),
  index: ({ account, role }) => ({ account, role }),
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
  readonly createdAt: number;
}

export const CLINIC: RecordKind<Clinic> = { name: 'clinic' };

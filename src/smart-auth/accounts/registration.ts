/**
 * Registering oneself. No account is there before the mailbox has answered, so nobody can lay a password on an address that
 * isn't theirs; and the code alone isn't enough, the ticket that only the one who registered holds goes with it.
 */
import { isClinicId, type ClinicId } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecordKind, RecordStore } from '../../records/port.ts';
import type { Errands } from '../messages/errands.ts';
import type { Language } from '../messages/port.ts';
import type { Accounts } from './accounts.ts';
import { codeKey, MINUTE_MS, type Codes } from './codes.ts';
import type { Guard } from './guard.ts';
import { digest, newToken, normalEmail } from './identifiers.ts';
import type { Memberships } from './memberships.ts';
import { fullName, type PersonName } from './people.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import { assertGoodPassword } from './passwords/rules.ts';
import { CLINIC, PLATFORM, type Account } from './records.ts';
import { serverAuthor } from './resources.ts';

interface Registration {
  readonly account: string;
  readonly email: string;
  readonly name: PersonName;
  readonly language: Language;
  readonly passwordHash: string;
  readonly clinic?: ClinicId;
}
export const REGISTRATION: RecordKind<Registration> = { name: 'registration' };

export interface RegistrationInput {
  readonly email: string;
  readonly password: string;
  readonly name: PersonName;
  readonly language: Language;
  /** To be a patient of, where the clinic lets people make themselves one. */
  readonly clinic?: string | undefined;
  readonly address: string;
}

export interface Registrations {
  /** A ticket, whether or not the address has an account; a code goes to the address. Throws `business-rule`, `forbidden`, `rate-limited`. */
  register(input: RegistrationInput): Promise<string>;
  /** Makes the account. Throws `unauthenticated` unless both are good. */
  verify(given: { ticket: string; code: string; address: string; publicUrl: string; requestId: string }): Promise<void>;
}

export interface RegistrationDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly accounts: Accounts;
  readonly memberships: Memberships;
  readonly errands: Errands;
  readonly codes: Codes;
  readonly guard: Guard;
  readonly hasher: PasswordHasher;
}

export const REGISTRATION_MINUTES = 30;

export function createRegistrations(deps: RegistrationDeps): Registrations {
  const { records, clock, guard, codes } = deps;
  return {
    async register(input) {
      const email = normalEmail(input.email);
      const name = fullName(input.name);
      assertGoodPassword(input.password, { email, name });
      const clinic = await openClinic(records, input.clinic);
      await guard.spend({ subject: `register:${email}`, address: input.address });
      const passwordHash = await deps.hasher.hash(input.password);
      const ticket = newToken();
      const { language } = input;
      const value: Registration = { account: deps.newId(), email, name: input.name, language, passwordHash, ...(clinic ? { clinic } : {}) };
      await records.insert(REGISTRATION, PLATFORM, digest(ticket), value, { expiresAt: clock.now() + REGISTRATION_MINUTES * MINUTE_MS });
      await deps.errands.order(
        { purpose: 'register', channel: 'email', to: email, about: digest(ticket) },
        REGISTRATION_MINUTES * MINUTE_MS,
      );
      return ticket;
    },
    async verify({ ticket, code, address, publicUrl, requestId }) {
      const id = digest(ticket);
      const done = await guard.attempt({ subject: `register:${id}`, address }, () =>
        codes.use(codeKey('register', '', id), code, () => complete(deps, id, { publicUrl, requestId })),
      );
      if (done === undefined)
        throw fhirError('unauthenticated', 'the code is wrong, or no good any more', 'Correct it, or register again.', '/code');
    },
  };
}

async function openClinic(records: RecordStore, named: string | undefined): Promise<ClinicId | undefined> {
  if (named === undefined) return undefined;
  const clinic = isClinicId(named) ? await records.get(CLINIC, PLATFORM, named) : undefined;
  if (clinic?.value.active && clinic.value.selfRegistration) return clinic.id as ClinicId;
  throw fhirError('forbidden', 'this clinic takes in people by invitation', 'Ask the clinic to invite you.', '/clinic');
}

/** Account first: should it stop there, the code is still good and the membership is made the next time. */
async function complete(
  { records, clock, accounts, memberships }: RegistrationDeps,
  id: string,
  { publicUrl, requestId }: { readonly publicUrl: string; readonly requestId: string },
): Promise<true | undefined> {
  const found = await records.get(REGISTRATION, PLATFORM, id);
  if (!found) return undefined;
  const { account, email, name, language, passwordHash, clinic } = found.value;
  const value: Account = { email, name: fullName(name), passwordHash, language, emailVerified: true, active: true, createdAt: clock.now() };
  await accounts.add(account, value);
  if ((await accounts.findByEmail(email))?.id !== account) return undefined;
  if (clinic !== undefined) {
    const author = serverAuthor(clinic, publicUrl, requestId);
    await memberships.join(author, { account, clinic, role: 'PATIENT', person: { ...name, email } });
  }
  await records.remove(REGISTRATION, PLATFORM, id);
  return true;
}

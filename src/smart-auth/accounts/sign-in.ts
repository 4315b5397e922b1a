/**
 * Signing in: a password or a code that was sent, then the second factor where there is one, then the clinic. What comes out is
 * who it is and where; a session is opened by whoever asked. Nothing here tells whether an account exists.
 */
import { isClinicId } from '../../fhir/model/ids.ts';
import { noting, type Tried } from '../../api/tried.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Channel } from '../messages/port.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { codeKey, type Codes } from './codes.ts';
import { asSeen, eraOf, type SeenAccount } from './era.ts';
import type { Devices } from './devices.ts';
import type { Guard } from './guard.ts';
import { normalEmail } from './identifiers.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import type { OpenPlace, Places } from './places.ts';
import type { Tickets } from './tickets.ts';
import type { SecondFactors } from './totp.ts';

export type SignInStep =
  | { readonly step: 'second-factor'; readonly ticket: string }
  | { readonly step: 'choose-clinic'; readonly ticket: string; readonly places: readonly OpenPlace[] }
  | { readonly step: 'done'; readonly account: SeenAccount; readonly place: OpenPlace; readonly deviceToken: string };

interface Common {
  /** The clinic to work in, if it is named already. */
  readonly clinic?: string | undefined;
  /** Network address. */
  readonly address: string;
  readonly deviceToken?: string | undefined;
}

export interface SignIn {
  /** Each throws `unauthenticated`, `locked`, `rate-limited`, `forbidden` for a person without a place, `unavailable`. */
  byPassword(given: Common & { readonly email: string; readonly password: string }): Promise<SignInStep>;
  byCode(given: Common & { readonly channel: Channel; readonly to: string; readonly code: string }): Promise<SignInStep>;
  bySecondFactor(given: Omit<Common, 'deviceToken'> & { readonly ticket: string; readonly code: string }): Promise<SignInStep>;
  byChoice(given: { readonly ticket: string; readonly clinic: string }): Promise<SignInStep>;
  /** Whether that is the password of the account; counted like a sign-in. */
  confirms(account: StoredAccount, password: string, address: string): Promise<boolean>;
}

export interface SignInDeps {
  readonly accounts: Accounts;
  readonly places: Places;
  readonly guard: Guard;
  readonly hasher: PasswordHasher;
  readonly secondFactors: SecondFactors;
  readonly tickets: Tickets;
  readonly devices: Devices;
  readonly codes: Codes;
}

export function createSignIn(deps: SignInDeps): SignIn {
  const { accounts, guard, secondFactors, tickets } = deps;
  return {
    async byPassword({ email, password, clinic, address, deviceToken }) {
      const found = await accounts.findByEmail(email);
      const device = deps.devices.known(found?.id, deviceToken);
      const subject = device === undefined ? emailSubject(email) : `device:${device}`;
      return noting(accountOf(found), async () => {
        const account = await guard.attempt({ subject, address }, () => checked(deps, found, password));
        if (!account) throw wrong('the e-mail address or the password is wrong');
        return afterFirst(deps, account, { clinic, device });
      });
    },
    async byCode({ channel, to, code, clinic, address, deviceToken }) {
      const whose = channel === 'email' ? await accounts.findByEmail(to) : await accounts.findByPhone(to);
      return noting(accountOf(whose), async () => {
        const account = await guard.attempt({ subject: `code:${channel} ${to}`, address }, () => byCode(deps, channel, to, code));
        if (!account) throw wrong('the code is wrong, or no good any more');
        return afterFirst(deps, account, { clinic, device: deps.devices.known(account.id, deviceToken) });
      });
    },
    async bySecondFactor({ ticket, code, clinic, address }) {
      const { account, more, device } = await tickets.open('second-factor', ticket);
      const subject = device === undefined ? `second-factor:${account.id}` : `second-factor-device:${device}`;
      return noting(accountOf(account), async () => {
        const passed = await guard.attempt({ subject, address }, async () => (await secondFactors.use(account.id, code)) || undefined);
        if (!passed) throw wrong('the code is wrong, or was used before');
        return atClinic(deps, account, { clinic: clinic ?? more, device });
      });
    },
    async byChoice({ ticket, clinic }) {
      const { account, device } = await tickets.open('choose-clinic', ticket);
      return noting(accountOf(account), () => atClinic(deps, account, { clinic, device }));
    },
    async confirms(account, password, address) {
      const subject = `confirm:${account.id}`;
      return (await guard.attempt({ subject, address }, () => checked(deps, account, password))) !== undefined;
    },
  };
}

const accountOf = (found: StoredAccount | undefined): Tried => (found ? { account: found.id } : {});

/** What failures of a password are counted under. */
export const emailSubject = (email: string): string => `email:${normalEmail(email)}`;

/**
 * The same work whether or not there is an account; a hash of yesterday's strength is made anew. Checking takes its time: the
 * account is of the era in which that began, and a password that was changed meanwhile opens nothing.
 */
async function checked(deps: SignInDeps, found: StoredAccount | undefined, password: string): Promise<StoredAccount | undefined> {
  const { hasher, accounts } = deps;
  const hash = found?.value.active ? found.value.passwordHash : undefined;
  if (!(await hasher.verify(password, hash)) || !found || hash === undefined) return undefined;
  if (!hasher.isWeak(hash)) return found;
  const passwordHash = await hasher.hash(password);
  const changed = await accounts.change(found.id, (before) => (before.passwordHash === hash ? { ...before, passwordHash } : undefined));
  return changed && eraOf(changed.value) === eraOf(found.value) ? changed : found;
}

async function byCode({ codes, accounts }: SignInDeps, channel: Channel, to: string, code: string): Promise<StoredAccount | undefined> {
  const taken = await codes.take(codeKey('sign-in', channel, to), code);
  if (!taken) return undefined;
  const account = await accounts.find(String(taken.about));
  return account?.value.active ? account : undefined;
}

interface Onward {
  readonly clinic: string | undefined;
  readonly device: string | undefined;
}

function afterFirst(deps: SignInDeps, account: StoredAccount, { clinic, device }: Onward): Promise<SignInStep> {
  if (!account.value.totp?.confirmed) return atClinic(deps, account, { clinic, device });
  return Promise.resolve({ step: 'second-factor', ticket: deps.tickets.make('second-factor', account, { more: clinic, device }) });
}

/** One that is named, the only one, or a choice. */
async function atClinic(deps: SignInDeps, account: StoredAccount, { clinic, device }: Onward): Promise<SignInStep> {
  const done = (place: OpenPlace): SignInStep => ({
    step: 'done',
    account: asSeen(account),
    place,
    deviceToken: deps.devices.remember(account.id, device),
  });
  if (clinic !== undefined) {
    const place = isClinicId(clinic) ? await deps.places.find(account.id, clinic) : undefined;
    if (!place)
      throw fhirError(
        'forbidden',
        'this account has no place in that clinic',
        'Leave the clinic out to see which ones there are.',
        '/clinic',
      );
    return done(place);
  }
  const places = await deps.places.all(account.id);
  if (places.length === 0) throw fhirError('forbidden', 'this account has no place in any clinic', 'Ask a clinic to invite you.');
  if (places.length === 1) return done(places[0] as OpenPlace);
  return { step: 'choose-clinic', ticket: deps.tickets.make('choose-clinic', account, { device }), places };
}

const wrong = (rule: string): Error => fhirError('unauthenticated', rule, 'Correct it, or ask for a new one.');

/**
 * Which records are a person's, kind by kind. They go in this order: what lets someone in comes first, and what others are
 * found by last. What has ended its life is not among them: it is swept. Left are revocations, which have a random id and
 * end within the hour, and counts of failures, which stand under a hash and end within a day.
 */
import { SESSION } from '../sessions/records.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { RecordKind } from '../../records/port.ts';
import { codeKey, LINK, SENT_CODE } from '../accounts/codes.ts';
import { digest } from '../accounts/identifiers.ts';
import { ACCOUNT, MEMBERSHIP, PLACE, PLATFORM } from '../accounts/records.ts';
import { REGISTRATION } from '../accounts/registration.ts';
import { ERRAND } from '../messages/errands.ts';
import { AUTHORIZATION, AUTHORIZATION_CODE, BROWSER_SESSION, GRANT, LAUNCH, type Grant } from '../oauth/records.ts';

/** Whose records are looked for. */
export interface Whose {
  readonly clinic: ClinicId;
  /** `Patient/9`. */
  readonly patient: string;
  readonly account: string | undefined;
  readonly isWhole: boolean;
  readonly addresses: ReadonlySet<string>;
}

export interface ErasedKind {
  readonly kind: RecordKind<unknown>;
  /** The clinic whose records they are. */
  readonly of: (whose: Whose) => ClinicId;
  /** They are listed by account; all are walked otherwise. */
  readonly byAccount: boolean;
  readonly isTheirs: (whose: Whose, value: unknown, id: string) => boolean;
  /** Tokens name it as their session. */
  readonly isSession?: true;
}

type Test<T> = (whose: Whose, value: T, id: string) => boolean;
type More = Partial<Pick<ErasedKind, 'of' | 'byAccount' | 'isSession'>>;

const inPlatform = (): ClinicId => PLATFORM;
const kindOf = <T>(kind: RecordKind<T>, isTheirs: Test<T>, more: More = {}): ErasedKind => ({
  kind: kind as RecordKind<unknown>,
  of: inPlatform,
  byAccount: false,
  ...more,
  isTheirs: (whose, value, id) => isTheirs(whose, value as T, id),
});

const isAccount = ({ account }: Whose, id: string | undefined): boolean => account !== undefined && id === account;
const isHere = ({ clinic, isWhole }: Whose, of: ClinicId): boolean => isWhole || of === clinic;

/** Of the person in this clinic, or of whoever opened an app on this patient. */
const isGrant = (whose: Whose, { account, clinic, context }: Pick<Grant, 'account' | 'clinic' | 'context'>): boolean =>
  (isAccount(whose, account) && isHere(whose, clinic)) || (clinic === whose.clinic && `Patient/${context.patient}` === whose.patient);

const CHANNELS = ['email', 'sms', 'whatsapp'] as const;
const codeIds = ({ addresses, account }: Whose): ReadonlySet<string> =>
  new Set([
    ...[...addresses].flatMap((to) => CHANNELS.map((channel) => digest(codeKey('sign-in', channel, to)))),
    ...(account === undefined ? [] : [digest(codeKey('phone', '', account))]),
  ]);

export const ERASED_KINDS: readonly ErasedKind[] = [
  kindOf(MEMBERSHIP, (whose, { fhirUser }) => fhirUser === whose.patient, { of: ({ clinic }) => clinic }),
  kindOf(PLACE, (whose, { account, clinic }) => isAccount(whose, account) && clinic === whose.clinic, { byAccount: true }),
  kindOf(SESSION, (whose, { account, clinic }) => isAccount(whose, account) && isHere(whose, clinic), { byAccount: true }),
  kindOf(GRANT, isGrant, { isSession: true }),
  kindOf(AUTHORIZATION_CODE, (whose, { grant }) => isGrant(whose, grant)),
  kindOf(AUTHORIZATION, (whose, { person, clinic, loginHint = '', launch }) => {
    const isPerson = isAccount(whose, person?.account) && isHere(whose, clinic);
    return isPerson || whose.addresses.has(loginHint) || (launch !== undefined && isGrant(whose, launch));
  }),
  kindOf(LAUNCH, isGrant),
  kindOf(BROWSER_SESSION, (whose, { account }) => whose.isWhole && isAccount(whose, account), { byAccount: true }),
  kindOf(LINK, (whose, { account }) => whose.isWhole && isAccount(whose, account), { byAccount: true }),
  kindOf(SENT_CODE, (whose, _value, id) => codeIds(whose).has(id)),
  kindOf(REGISTRATION, ({ addresses }, { email }) => addresses.has(email)),
  kindOf(ERRAND, (whose, { to, about }) => whose.addresses.has(to) || (whose.isWhole && isAccount(whose, about))),
  kindOf(ACCOUNT, (whose, _value, id) => whose.isWhole && isAccount(whose, id)),
];

/** What each errand sends, made at the moment of sending; none where there is nobody to send to. */
import type { Errand, Prepare } from '../messages/errands.ts';
import type { Message } from '../messages/port.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { codeKey, MINUTE_MS, type Codes, type Links } from './codes.ts';
import { RESET_MINUTES } from './credentials.ts';
import { INVITATION_MS } from './invitations.ts';
import { REGISTRATION, REGISTRATION_MINUTES } from './registration.ts';
import { PLATFORM } from './records.ts';
import type { RecordStore } from '../../records/port.ts';

export interface LetterDeps {
  readonly records: RecordStore;
  readonly accounts: Accounts;
  readonly codes: Codes;
  readonly links: Links;
  /** The page where the token of a link is used. */
  readonly passwordPage: (token: string) => string;
}

export const CODE_MINUTES = 10;
const HOUR_MS = 60 * MINUTE_MS;

export function createLetters(deps: LetterDeps): Readonly<Record<string, Prepare>> {
  const { accounts, codes } = deps;
  const linked =
    (template: string, forMs: number): Prepare =>
    async (errand) => {
      const account = await activeAt(accounts, errand.to);
      if (!account) return undefined;
      const link = deps.passwordPage(await deps.links.make(account.id, forMs));
      return toAccount(errand, account, template, { link, minutes: String(forMs / MINUTE_MS), hours: String(forMs / HOUR_MS) });
    };
  return {
    'reset-password': linked('reset-password', RESET_MINUTES * MINUTE_MS),
    invitation: linked('invitation', INVITATION_MS),
    'password-changed': async (errand) => {
      const account = await activeAt(accounts, errand.to);
      return account && toAccount(errand, account, 'password-changed', {});
    },
    'sign-in': async (errand) => {
      const { channel, to } = errand;
      const account = await (channel === 'email' ? accounts.findByEmail(to) : accounts.findByPhone(to));
      if (!account?.value.active || (channel === 'email' && !account.value.emailVerified)) return undefined;
      const code = await codes.make(codeKey('sign-in', channel, to), account.id, CODE_MINUTES * MINUTE_MS);
      return toAccount(errand, account, 'code', { code, minutes: String(CODE_MINUTES) });
    },
    phone: async (errand) => {
      const { channel, to, about = '' } = errand;
      const account = await accounts.find(about);
      if (account?.value.phone !== to) return undefined;
      const code = await codes.make(codeKey('phone', '', about), to, CODE_MINUTES * MINUTE_MS);
      return toAccount({ ...errand, channel }, account, 'code', { code, minutes: String(CODE_MINUTES) });
    },
    register: (errand) => registrationLetter(deps, errand),
  };
}

async function activeAt(accounts: Accounts, email: string): Promise<StoredAccount | undefined> {
  const account = await accounts.findByEmail(email);
  return account?.value.active ? account : undefined;
}

const toAccount = ({ channel, to }: Errand, { value }: StoredAccount, template: string, values: Message['values']): Message => ({
  channel,
  to,
  template,
  language: value.language,
  values,
});

async function registrationLetter({ records, accounts, codes }: LetterDeps, { to, about = '' }: Errand): Promise<Message | undefined> {
  const found = await records.get(REGISTRATION, PLATFORM, about);
  if (!found) return undefined;
  const letter = { channel: 'email', to, language: found.value.language } as const;
  const account = await accounts.findByEmail(to);
  if (account && account.id !== found.value.account) return { ...letter, template: 'already-registered', values: {} };
  const code = await codes.make(codeKey('register', '', about), about, REGISTRATION_MINUTES * MINUTE_MS);
  return { ...letter, template: 'code', values: { code, minutes: String(REGISTRATION_MINUTES) } };
}

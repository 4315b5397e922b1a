/** Passwords that are changed, by whoever knows the old one or has the mailbox. Both end every session and token of the account. */
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Errands } from '../messages/errands.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { MINUTE_MS, type Links } from './codes.ts';
import { eraOf, inNextEra } from './era.ts';
import type { Guard } from './guard.ts';
import { normalEmail } from './identifiers.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import { assertGoodPassword } from './passwords/rules.ts';
import type { Account } from './records.ts';
import { emailSubject, type SignIn } from './sign-in.ts';

export interface Credentials {
  /** A link goes to the address, if it has an account. Throws `rate-limited`. */
  forgot(email: string, address: string): Promise<void>;
  /** The address of the account that the link is for, as long as it is good. */
  addressOf(token: string): Promise<string | undefined>;
  /**
   * Resolves to the account. Throws `unauthenticated` for a link that is no good, `business-rule` for a bad password: then the
   * link stays good.
   */
  reset(token: string, password: string, address: string): Promise<string>;
  /** Throws `unauthenticated` for a wrong password, `business-rule`, `locked`. */
  change(account: string, current: string, password: string, address: string): Promise<StoredAccount>;
}

export interface CredentialDeps {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly links: Links;
  readonly errands: Errands;
  readonly guard: Guard;
  readonly hasher: PasswordHasher;
  readonly signIn: SignIn;
}

export const RESET_MINUTES = 30;

export function createCredentials(deps: CredentialDeps): Credentials {
  const { accounts, links, errands, guard, signIn } = deps;
  return {
    async forgot(email, address) {
      await guard.spend({ subject: emailSubject(email), address });
      await errands.order({ purpose: 'reset-password', channel: 'email', to: normalEmail(email) }, RESET_MINUTES * MINUTE_MS);
    },
    addressOf: async (token) => (await linked(deps, token))?.value.email,
    async reset(token, password, address) {
      const reset = await guard.attempt({ subject: `reset:${token}`, address }, async () => {
        const account = await linked(deps, token);
        if (!account) return undefined;
        assertGoodPassword(password, account.value);
        const passwordHash = await deps.hasher.hash(password);
        return (await links.take(token))
          ? setPassword(deps, account, (before) => ({ ...before, passwordHash, emailVerified: true }))
          : undefined;
      });
      if (!reset) throw fhirError('unauthenticated', 'this link is no good any more', 'Ask for a new one.', '/token');
      return reset.id;
    },
    async change(id, current, password, address) {
      const account = await accounts.find(id);
      if (!account || !(await signIn.confirms(account, current, address))) throw wrongPassword();
      assertGoodPassword(password, account.value, '/newPassword');
      const passwordHash = await deps.hasher.hash(password);
      // Two who change it at once both knew the old one: the first sets it.
      return setPassword(deps, account, (before) => (eraOf(before) === eraOf(account.value) ? { ...before, passwordHash } : undefined));
    },
  };
}

/** The account of a link that is good. */
async function linked({ links, accounts }: CredentialDeps, token: string): Promise<StoredAccount | undefined> {
  const id = await links.peek(token);
  const account = id === undefined ? undefined : await accounts.find(id);
  return account?.value.active ? account : undefined;
}

/** Whoever could set it has shown who they are: locks are lifted. */
async function setPassword(
  { accounts, sessions, guard, errands }: CredentialDeps,
  { id, value }: StoredAccount,
  change: (before: Account) => Account | undefined,
): Promise<StoredAccount> {
  const changed = await accounts.change(id, (before) => {
    const after = change(before);
    return after && inNextEra(after);
  });
  if (!changed) throw fhirError('conflict', 'the account changed meanwhile', 'Sign in again.');
  await sessions.endAll(id);
  await guard.clear(emailSubject(value.email));
  await errands.order({ purpose: 'password-changed', channel: 'email', to: value.email, about: id }, 24 * 60 * MINUTE_MS);
  return changed;
}

const wrongPassword = (): Error => fhirError('unauthenticated', 'the password is wrong', 'Type it again.', '/currentPassword');

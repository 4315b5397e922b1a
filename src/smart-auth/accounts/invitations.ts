/** Accounts that others make: nobody can sign in to one before its mailbox has answered. */
import type { Channel, Language } from '../messages/port.ts';
import type { Errands } from '../messages/errands.ts';
import type { Clock } from '../../platform/clock.ts';
import { normalEmail } from './identifiers.ts';
import type { Accounts, StoredAccount } from './accounts.ts';

export const INVITATION_MS = 7 * 24 * 60 * 60 * 1000;
const INVITATION_CHANNEL: Channel = 'email';

export interface Invitations {
  /** The account of that address, made if there is none, and a message that invites to choose a password where none is chosen. */
  invite(given: { readonly email: string; readonly name: string; readonly language: Language }): Promise<StoredAccount>;
}

interface InvitationDeps {
  readonly accounts: Accounts;
  readonly errands: Errands;
  readonly clock: Clock;
  readonly newId: () => string;
}

export function createInvitations(deps: InvitationDeps): Invitations {
  const { errands, clock } = deps;
  return {
    async invite({ email, name, language }) {
      const address = normalEmail(email);
      const account = await settled(deps, address, { name, language, createdAt: clock.now() });
      const errand = { purpose: 'invitation', channel: INVITATION_CHANNEL, to: address, about: account.id };
      if (account.value.passwordHash === undefined) await errands.order(errand, INVITATION_MS);
      return account;
    },
  };
}

/** The address is unique: two who invite at once make one account. */
async function settled(
  { accounts, newId }: InvitationDeps,
  email: string,
  { name, language, createdAt }: { readonly name: string; readonly language: Language; readonly createdAt: number },
): Promise<StoredAccount> {
  const found = await accounts.findByEmail(email);
  if (found) return found;
  const added = await accounts.add(newId(), { email, name, language, createdAt, emailVerified: false, active: true });
  const there = added ?? (await accounts.findByEmail(email));
  if (there) return there;
  throw new Error('an account came and went');
}

/** What a client holds between the steps of a sign-in: sealed, good for minutes, and no longer than the password it was given for. */
import type { Clock } from '../../platform/clock.ts';
import type { Sealer } from '../../platform/seal.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { Accounts, StoredAccount } from './accounts.ts';
import { eraOf } from './era.ts';
import { digest } from './identifiers.ts';
import type { Account } from './records.ts';

/** What the holder has yet to show. */
export type Stage = 'second-factor' | 'choose-clinic' | 'confirm-enrolment';

interface Sealed {
  readonly stage: Stage;
  readonly account: string;
  readonly stamp: string;
  readonly until: number;
  /** A clinic that was named, a secret that is offered. */
  readonly more?: string;
  readonly device?: string;
}

export interface Ticket {
  readonly account: StoredAccount;
  readonly more: string | undefined;
  /** The id of a device that has signed in before. */
  readonly device: string | undefined;
}

export interface Tickets {
  make(stage: Stage, account: StoredAccount, more?: { readonly more?: string | undefined; readonly device?: string | undefined }): string;
  /** Whether it is of that stage, good or not. */
  isOf(stage: Stage, ticket: string): boolean;
  /** Throws `unauthenticated` for one that is none, is of another stage or too old, or whose account has changed its password. */
  open(stage: Stage, ticket: string): Promise<Ticket>;
}

const MINUTES = 10;

export function createTickets(accounts: Accounts, clock: Clock, sealer: Sealer): Tickets {
  return {
    make(stage, { id, value }, { more, device } = {}) {
      const sealed: Sealed = {
        stage,
        account: id,
        stamp: stampOf(value),
        until: clock.now() + MINUTES * 60_000,
        ...(more === undefined ? {} : { more }),
        ...(device === undefined ? {} : { device }),
      };
      return sealer.seal(JSON.stringify(sealed), 'ticket');
    },
    isOf: (stage, ticket) => unsealed(sealer, ticket)?.stage === stage,
    async open(stage, ticket) {
      const sealed = unsealed(sealer, ticket);
      if (sealed?.stage !== stage || sealed.until <= clock.now()) throw noGood();
      const account = await accounts.find(sealed.account);
      if (!account?.value.active || stampOf(account.value) !== sealed.stamp) throw noGood();
      return { account, more: sealed.more, device: sealed.device };
    },
  };
}

function unsealed(sealer: Sealer, ticket: string): Sealed | undefined {
  const text = sealer.open(ticket, 'ticket');
  return text === undefined ? undefined : (JSON.parse(text) as Sealed);
}

const stampOf = (account: Account): string =>
  digest(`${eraOf(account)} ${account.passwordHash ?? ''} ${account.totp?.sealed ?? ''}`).slice(0, 32);

const noGood = (): Error => fhirError('unauthenticated', 'this ticket is no good any more', 'Sign in again from the start.', '/ticket');

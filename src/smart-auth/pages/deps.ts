/** What the pages work with; each is handed in by the part that owns it. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { SeenAccount } from '../accounts/era.ts';
import type { Transactions } from '../oauth/authorize/transactions.ts';
import type { Member } from '../oauth/deps.ts';
import type { ScopeLine } from './scope-lines.ts';

export interface PageDeps {
  readonly signIn: SignIn;
  readonly passwords: Passwords;
  readonly transactions: Transactions;
  readonly browsers: Browsers;
  readonly patients: Patients;
  readonly names: Names;
  readonly grants: Grants;
  /** Scopes as the person is told of them. */
  readonly lineOf: (scope: string) => ScopeLine;
  readonly log: { error(fields: { readonly requestId: string; readonly err: unknown }, message: string): void };
}

/** A clinic that someone may sign in to. */
export interface OpenPlace {
  readonly clinic: ClinicId;
  readonly clinicName: string;
}

export type SignInStep =
  | { readonly step: 'second-factor'; readonly ticket: string }
  | { readonly step: 'choose-clinic'; readonly ticket: string; readonly places: readonly OpenPlace[] }
  | { readonly step: 'done'; readonly account: SeenAccount; readonly place: OpenPlace; readonly deviceToken: string };

/** Each throws `unauthenticated`, `locked`, `rate-limited`, `forbidden` for a person without a place, `unavailable`. */
export interface SignIn {
  byPassword(given: {
    readonly email: string;
    readonly password: string;
    readonly clinic?: string | undefined;
    readonly address: string;
    readonly deviceToken?: string | undefined;
  }): Promise<SignInStep>;
  bySecondFactor(given: { readonly ticket: string; readonly code: string; readonly address: string }): Promise<SignInStep>;
  byChoice(given: { readonly ticket: string; readonly clinic: string }): Promise<SignInStep>;
}

/** Passwords of people who have a mailbox to show. `address`: of the network. */
export interface Passwords {
  /** A link goes to the e-mail address, if it has an account. Throws `rate-limited`. */
  forgot(email: string, address: string): Promise<void>;
  /** The e-mail address of whom the link is for, as long as it is good. */
  addressOf(token: string): Promise<string | undefined>;
  /** Resolves to the account. Throws `unauthenticated` for a link that is no good, BadPassword, `locked`, `rate-limited`, `unavailable`. */
  reset(token: string, password: string, address: string): Promise<string>;
}

/** People who signed in in a browser. */
export interface Browsers {
  start(account: SeenAccount): Promise<{ readonly cookie: string }>;
  of(cookieHeader: string | undefined): Promise<{ readonly account: string } | undefined>;
  /** Resolves to the `Set-Cookie` by which the browser forgets it. */
  end(cookieHeader: string | undefined): Promise<string>;
}

export interface Names {
  person(account: string): Promise<{ readonly name: string; readonly email: string } | undefined>;
  clinic(clinic: ClinicId): Promise<string>;
  /** IANA name. */
  timeZone(clinic: ClinicId): Promise<string>;
}

/** What is shown of a patient: enough to tell two of the same name apart. */
export interface PatientLine {
  readonly id: string;
  /** Empty where none is recorded. */
  readonly name: string;
  readonly birthDate?: string;
}

export interface PatientQuery {
  /** Beginnings of names; all of them must fit. */
  readonly name?: string | undefined;
  readonly birthDate?: string | undefined;
  /** `next` of the page before. */
  readonly after?: string | undefined;
}

/** Patients whom the member may see, and no others. */
export interface Patients {
  find(member: Member, query: PatientQuery): Promise<{ readonly patients: readonly PatientLine[]; readonly next?: string }>;
  get(member: Member, id: string): Promise<PatientLine | undefined>;
}

export interface AppOfPerson {
  readonly clientId: string;
  readonly name: string;
  readonly clinic: ClinicId;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly lastUsed: number;
}

export interface Grants {
  /** In all clinics of the account. */
  list(account: string): Promise<readonly AppOfPerson[]>;
  /** False unless the account has allowed that app there; its tokens end with it. */
  revoke(account: string, clinic: ClinicId, clientId: string): Promise<boolean>;
}

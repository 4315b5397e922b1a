/** The port to what is kept of a person beside resources: account, memberships, sessions, allowed apps, messages. */
import type { ClinicId } from './ids.ts';

export interface PersonRecords {
  /** Changes nothing. */
  find(clinic: ClinicId, patient: KnownPatient): Promise<PersonTraces>;
  /** Removes what is left of it; resolves once it is durable, and their tokens end. */
  erase(clinic: ClinicId, traces: PersonTraces): Promise<void>;
}

/** What the resource says. */
export interface KnownPatient {
  /** `Patient/9`. */
  readonly reference: string;
  /** E-mail addresses and telephone numbers, as written there. */
  readonly contacts: readonly string[];
}

export interface PersonTraces {
  readonly patient: string;
  readonly account?: string;
  /** The account goes as a whole: it has a place in no other clinic. */
  readonly isWhole: boolean;
  /** E-mail addresses and telephone numbers that are nobody else's, in their normal form. */
  readonly addresses: readonly string[];
  /** Names of the account. */
  readonly names: readonly string[];
  /** Records by kind. */
  readonly counts: Readonly<Record<string, number>>;
}

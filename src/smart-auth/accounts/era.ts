/**
 * Eras. Whatever lets a person in (sessions, browsers, grants of apps, codes, tickets) was opened in an era of their account and
 * of their place in a clinic, and is good in that one alone. A new password or a place taken away begins the next: what was
 * opened before has ended for good then, also what is opened at that very moment by someone who still showed the old password.
 */
import type { StoredRecord } from '../../records/port.ts';

/** What has eras: accounts and memberships. Absent: the first. */
export interface InEras {
  readonly era?: number;
}

export const eraOf = ({ era = 0 }: InEras): number => era;

export const inNextEra = <T extends InEras>(value: T): T => ({ ...value, era: eraOf(value) + 1 });

/** An account as it was when somebody showed who they are: what that opens is of this era. */
export interface SeenAccount {
  readonly id: string;
  readonly era: number;
}

export const asSeen = ({ id, value }: StoredRecord<InEras>): SeenAccount => ({ id, era: eraOf(value) });

/** Of an account and of its place in a clinic. */
export interface Eras {
  readonly account: number;
  readonly place: number;
}

/** Records of before eras were have none: they are of no era that is. */
export const isSameEra = (a: Eras | undefined, b: Eras): boolean => a?.account === b.account && a.place === b.place;

/** What was revoked before its time. */
import type { RecordKind } from '../../records/port.ts';

export interface Revocation {
  /** What it ends: a session or grant, an account (in one clinic, where that is named), a client. */
  readonly of: { readonly session: string } | { readonly account: string; readonly clinic?: string } | { readonly client: string };
  /** Milliseconds since 1970: tokens issued until then. */
  readonly at: number;
}

/** In `_platform`; ids start with the time, so that a process reads on from where it was. */
export const REVOCATION: RecordKind<Revocation> = { name: 'revocation' };

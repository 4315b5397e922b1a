/** Sessions of people who signed in here, in `_platform`: ending one ends its refresh tokens with it. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Eras } from '../accounts/era.ts';
import type { RecordKind } from '../../records/port.ts';

export interface Session {
  readonly account: string;
  readonly clinic: ClinicId;
  readonly eras: Eras;
  /** What the browser or app calls itself. */
  readonly device: string;
  /** Network address of the last use. */
  readonly address: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
}
export const SESSION: RecordKind<Session> = { name: 'session', index: ({ account }) => ({ account }) };

/** Under the SHA-256 of the token. One that is spent is kept as long as it would have been good: that shows its reuse. */
export interface RefreshToken {
  readonly session: string;
  readonly spent: boolean;
}
export const REFRESH_TOKEN: RecordKind<RefreshToken> = { name: 'refresh-token' };

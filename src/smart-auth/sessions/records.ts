/** Sessions of people who signed in here, in `_platform`. The refresh tokens they hold say which session and which turn of it. */
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
  /** How often it was refreshed: only the refresh token of that turn is good, those of earlier ones are spent. */
  readonly turn: number;
}
export const SESSION: RecordKind<Session> = { name: 'session', index: ({ account }) => ({ account }) };

/** Records of break-glass: who reaches beyond their role, why, and until when. The record's id is the account's. */
import type { RecordKind } from '../../records/port.ts';

export interface EmergencyGrant {
  /** Names the alert as well, so that it is raised once. */
  readonly id: string;
  readonly account: string;
  readonly subject: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  /** Nothing is widened before the audit trail and the administrators know. */
  readonly announced: boolean;
}

export const EMERGENCY_GRANT: RecordKind<EmergencyGrant> = { name: 'emergency-grant' };

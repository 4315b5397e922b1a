/** The signing keys as they are kept: one record holds all of them, so that they change together or not at all. */
import type { JWK } from 'jose';
import type { RecordKind } from '../../records/port.ts';

/** Access tokens are signed by ES256; ID tokens by RS256, as SMART asks. */
export const KEY_ALGORITHMS = ['ES256', 'RS256'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

export interface KeptKey {
  readonly kid: string;
  readonly algorithm: KeyAlgorithm;
  readonly publicJwk: JWK;
  /** The private JWK, sealed for this kid. */
  readonly sealed: string;
  readonly madeAt: number;
  /** From then on another one signed. Absent: this one signs. */
  readonly supersededAt?: number;
}

/** In `_platform`, under the id `current`. */
export const KEY_SET: RecordKind<{ readonly keys: readonly KeptKey[] }> = { name: 'key-set' };

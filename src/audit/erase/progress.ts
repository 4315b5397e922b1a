/**
 * An erasure under way, as a record: it says what was there before anything went, so that a certificate tells the same
 * however often it was cut off. Its id is the pseudonym; what is personal in it goes before the files are scrubbed.
 */
import type { ResourceId } from '../../fhir/model/ids.ts';
import type { PersonTraces } from '../../fhir/model/person-records.ts';
import type { RecordKind } from '../../records/port.ts';
import type { Certificate } from './certificate.ts';

export interface Plan {
  readonly stage: 'erasing';
  readonly order: string;
  readonly reason: string;
  /** The DocumentReference to be. */
  readonly document: ResourceId;
  readonly person: PersonTraces;
  /** What searches could have named the patient by, folded. */
  readonly texts: readonly string[];
  readonly counted: Pick<Certificate, 'erased' | 'records' | 'auditRecords' | 'auditEvents' | 'referring'>;
}

export interface Finished {
  readonly stage: 'finished';
  readonly document: ResourceId;
  readonly certificate: Certificate;
}

export const ERASURE: RecordKind<Plan | Finished> = { name: 'erasure' };

/** The audit trail as a whole. */
import { randomUUID } from 'node:crypto';
import type { ClinicId } from '../fhir/model/ids.ts';
import { makeAuditEvents, type MakerDeps } from './events/make.ts';
import { startRunner, type Runner } from './events/runner.ts';
import { createAuditKeys, type AuditKeys } from './log/keys.ts';
import { createAuditLog, type RunningLog } from './log/log.ts';
import type { AuditJournal } from './port.ts';

export interface Audit {
  readonly log: RunningLog;
  readonly journal: AuditJournal;
  readonly keys: AuditKeys;
  /** What certificates are signed with is derived from it. */
  readonly secret: Uint8Array;
  /** Makes some AuditEvents; resolves to how many. */
  make(clinic: ClinicId): Promise<number>;
  /** Makes AuditEvents from now on, until the runner is stopped. */
  start(onError: (error: unknown) => void): Runner;
}

export interface AuditOptions extends Omit<MakerDeps, 'process'> {
  readonly secret: Uint8Array;
}

/** Clinics whose ids begin so aren't clinics of anyone: their records stay records. */
const isReserved = (clinic: ClinicId): boolean => clinic.startsWith('_');

export function createAudit({ secret, ...deps }: AuditOptions): Audit {
  const process = randomUUID();
  const keys = createAuditKeys(secret);
  let wake: ((clinic: ClinicId) => void) | undefined;
  const { journal, clock } = deps;
  const make = (clinic: ClinicId): Promise<number> =>
    isReserved(clinic) ? Promise.resolve(0) : makeAuditEvents({ ...deps, process }, clinic);
  return {
    log: createAuditLog({ journal, keys, clock, process, onAppend: (clinic) => wake?.(clinic) }),
    journal,
    keys,
    secret,
    make,
    start(onError) {
      const runner = startRunner({
        make,
        clinics: async () => [...new Set([...(await deps.store.clinics()), ...(await journal.clinics())])],
        onError,
      });
      wake = (clinic) => runner.wake(clinic);
      return runner;
    },
  };
}

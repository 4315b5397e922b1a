/** The audit trail as a whole. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { asSeq, type ClinicId } from '../fhir/model/ids.ts';
import { fhirError } from '../fhir/outcome/error.ts';
import { progressOf } from './events/checkpoint.ts';
import { makeAuditEvents, type MakerDeps } from './events/make.ts';
import { startRunner, type Runner } from './events/runner.ts';
import { createAuditKeys, type AuditKeys } from './log/keys.ts';
import { createAuditLog, type RunningLog } from './log/log.ts';
import type { AuditJournal, Chain } from './port.ts';

export interface Audit {
  readonly log: RunningLog;
  readonly journal: AuditJournal;
  readonly keys: AuditKeys;
  /** What certificates are signed with is derived from it. */
  readonly secret: Uint8Array;
  /**
   * Makes AuditEvents, or waits for whoever makes them, until every version has its own, and every record that there was at the
   * time of the call. Throws `unavailable` after a minute.
   */
  catchUp(clinic: ClinicId): Promise<void>;
  /** Makes AuditEvents from now on, until the runner is stopped. */
  start(onError: (error: unknown) => void): Runner;
}

export interface AuditOptions extends Omit<MakerDeps, 'process'> {
  readonly secret: Uint8Array;
}

const PAUSE_MS = 100;
/** Longer than a process that died has the checkpoint. */
const LONGEST_MS = 60_000;

async function catchUp(deps: Omit<AuditOptions, 'secret'>, make: () => Promise<number>, clinic: ClinicId): Promise<void> {
  const { store, records, journal } = deps;
  const chains = await journal.chains(clinic, (await progressOf(records, clinic)).done);
  for (const started = performance.now(); performance.now() - started < LONGEST_MS; await delay(PAUSE_MS)) {
    while ((await make()) > 0);
    const { feed, done, blocks } = await progressOf(records, clinic);
    const isMade = ({ number, head }: Chain): boolean => number <= done || (blocks[number] ?? -1) >= head.n;
    if (chains.every(isMade) && (await store.changes(clinic, asSeq(feed), 1)).length === 0) return;
  }
  throw fhirError('unavailable', 'AuditEvents are made by another process, which is behind', 'Try again later.');
}

/** One after another: two at once in one process would be in each other's way. */
function inTurns(make: (clinic: ClinicId) => Promise<number>): (clinic: ClinicId) => Promise<number> {
  const last = new Map<ClinicId, Promise<unknown>>();
  return (clinic) => {
    const made = (last.get(clinic) ?? Promise.resolve()).then(() => make(clinic));
    last.set(
      clinic,
      made.catch(() => undefined),
    );
    return made;
  };
}

/** Clinics whose ids begin so aren't clinics of anyone: their records stay records. */
export const isReserved = (clinic: ClinicId): boolean => clinic.startsWith('_');

export function createAudit({ secret, ...deps }: AuditOptions): Audit {
  const process = randomUUID();
  const keys = createAuditKeys(secret);
  let wake: ((clinic: ClinicId) => void) | undefined;
  const { journal, clock } = deps;
  const make = inTurns((clinic) => (isReserved(clinic) ? Promise.resolve(0) : makeAuditEvents({ ...deps, process }, clinic)));
  return {
    log: createAuditLog({ journal, keys, clock, process, onAppend: (clinic) => wake?.(clinic) }),
    journal,
    keys,
    secret,
    catchUp: (clinic) => catchUp(deps, () => make(clinic), clinic),
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

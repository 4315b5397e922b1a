/** Makes AuditEvents beside the server's own work: soon where there is time, slowly where there is none. */
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClinicId } from '../../fhir/model/ids.ts';

export interface RunnerOptions {
  /** Resolves to how much was done; 0 for nothing. */
  readonly make: (clinic: ClinicId) => Promise<number>;
  readonly clinics: () => Promise<readonly ClinicId[]>;
  readonly onError: (error: unknown) => void;
}

export interface Runner {
  /** There is something new in this clinic. */
  wake(clinic: ClinicId): void;
  /** Ends after the round that is under way. What is left is made after the next start. */
  stop(): Promise<void>;
}

/** Versions wake nobody: they are looked for at this interval. */
const INTERVAL_MS = 2_000;
/** Records that come within this time are made into events together. */
const GATHER_MS = 200;
/** Pauses, as a multiple of the time that the round before took: with time to spare, and when requests fill the event loop. */
const PAUSES = { idle: 1, busy: 19 } as const;
const BUSY = 0.7;

export function startRunner(options: RunnerOptions): Runner {
  const waiting = new Set<ClinicId>();
  const ending = new AbortController();
  let early = new AbortController();
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const started = performance.now();
      const load = performance.eventLoopUtilization();
      const clinics = waiting.size > 0 ? [...waiting] : await everyClinic(options);
      for (const clinic of clinics) waiting.delete(clinic);
      for (const clinic of clinics) if (await round(options, clinic, ending.signal)) waiting.add(clinic);
      const took = performance.now() - started;
      const isBusy = performance.eventLoopUtilization(load).utilization > BUSY;
      early = new AbortController();
      const signal = AbortSignal.any([ending.signal, early.signal]);
      const pause = waiting.size > 0 ? took * PAUSES[isBusy ? 'busy' : 'idle'] : INTERVAL_MS;
      await delay(pause, undefined, { signal, ref: false }).catch(() =>
        delay(ending.signal.aborted ? 0 : GATHER_MS, undefined, { ref: false }),
      );
    }
  };
  const running = run();
  return {
    wake(clinic) {
      if (waiting.size === 0) early.abort();
      waiting.add(clinic);
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}

async function everyClinic({ clinics, onError }: RunnerOptions): Promise<readonly ClinicId[]> {
  try {
    return await clinics();
  } catch (error) {
    onError(error);
    return [];
  }
}

/** Whether there may be more. What fails is tried again at the next interval. */
async function round({ make, onError }: RunnerOptions, clinic: ClinicId, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    return (await make(clinic)) > 0;
  } catch (error) {
    onError(error);
    return false;
  }
}

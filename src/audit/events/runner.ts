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
/** Pauses, as a multiple of the time that the round before took: with time to spare, and more where requests take it all. */
const PAUSES = { first: 1, more: 38 } as const;
/** The first pause, in which requests have the event loop to themselves, is long enough to tell how much of it they use. */
const SHORTEST_MS = 20;
const BUSY = 0.5;

export function startRunner(options: RunnerOptions): Runner {
  const waiting = new Set<ClinicId>();
  const ending = new AbortController();
  let early = new AbortController();
  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const started = performance.now();
      const clinics = waiting.size > 0 ? [...waiting] : await everyClinic(options);
      for (const clinic of clinics) waiting.delete(clinic);
      for (const clinic of clinics) if (await round(options, clinic, ending.signal)) waiting.add(clinic);
      const took = performance.now() - started;
      early = new AbortController();
      const signal = AbortSignal.any([ending.signal, early.signal]);
      await (waiting.size > 0 ? rest(took, signal) : pause(INTERVAL_MS, signal)).catch(() => pause(ending.signal.aborted ? 0 : GATHER_MS));
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

const pause = (ms: number, signal?: AbortSignal): Promise<void> => delay(ms, undefined, { ref: false, ...(signal ? { signal } : {}) });

async function rest(took: number, signal: AbortSignal): Promise<void> {
  const before = performance.eventLoopUtilization();
  await pause(Math.max(SHORTEST_MS, took * PAUSES.first), signal);
  if (performance.eventLoopUtilization(before).utilization > BUSY) await pause(took * PAUSES.more, signal);
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

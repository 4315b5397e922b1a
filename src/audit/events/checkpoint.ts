/** How far a clinic's AuditEvents are made, and by whom: one record, whose revision fences off whoever was slow. */
import type { ClinicId } from '../../fhir/model/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecordKind, RecordStore } from '../../records/port.ts';

export interface Progress {
  /** The last number of the feed. */
  readonly feed: number;
  /** Chains up to this number are done. */
  readonly done: number;
  /** The last block of each later chain. */
  readonly blocks: Readonly<Record<string, number>>;
}

interface Checkpoint extends Progress {
  readonly holder: string;
  /** When others may take over, milliseconds. */
  readonly until: number;
}

const CHECKPOINT: RecordKind<Checkpoint> = { name: 'audit-events' };
const ID = 'checkpoint';
const LEASE_MS = 30_000;
const START: Progress = { feed: 0, done: 0, blocks: {} };

export interface HeldCheckpoint {
  readonly progress: Progress;
  /** False if someone else has taken over: then nothing was kept. */
  keep(progress: Progress): Promise<boolean>;
}

/** What was worked off. */
export async function progressOf(records: RecordStore, clinic: ClinicId): Promise<Progress> {
  return (await records.get(CHECKPOINT, clinic, ID))?.value ?? START;
}

/** Takes the checkpoint, or undefined while another process has it. */
export async function takeCheckpoint(
  records: RecordStore,
  clock: Clock,
  clinic: ClinicId,
  holder: string,
): Promise<HeldCheckpoint | undefined> {
  const found = await records.get(CHECKPOINT, clinic, ID);
  if (found && found.value.holder !== holder && found.value.until > clock.now()) return undefined;
  const { feed, done, blocks } = found?.value ?? START;
  const progress = { feed, done, blocks };
  const taken = { ...progress, holder, until: clock.now() + LEASE_MS };
  const written = found
    ? await records.replace(CHECKPOINT, clinic, ID, found.revision, taken)
    : await records.insert(CHECKPOINT, clinic, ID, taken);
  if (!written.ok) return undefined;
  const { revision } = written.record;
  return {
    progress,
    keep: async (next) => (await records.replace(CHECKPOINT, clinic, ID, revision, { ...next, holder, until: clock.now() + LEASE_MS })).ok,
  };
}

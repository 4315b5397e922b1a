/**
 * Appends records: those that come together share one commit. A chain belongs to a clinic, a day and a process; after a
 * failure, of which nobody knows what it left behind, a new one is begun.
 */
import type { AuditLog, AuditRecord } from '../../fhir/model/audit.ts';
import type { ClinicId } from '../../fhir/model/ids.ts';
import { fhirError, FhirError } from '../../fhir/outcome/error.ts';
import { createGroupCommitter, type Settled } from '../../fhir/store/group.ts';
import type { Clock } from '../../platform/clock.ts';
import type { AuditJournal, Chain, NewBlock } from '../port.ts';
import type { AuditKeys } from './keys.ts';
import { encodeBlock, idOf, type Appending } from './record.ts';

export interface AuditLogOptions {
  readonly journal: AuditJournal;
  readonly keys: AuditKeys;
  readonly clock: Clock;
  /** Names this process among those that write to the same clinics. */
  readonly process: string;
  /** Told after each commit which clinic has new records. */
  readonly onAppend?: (clinic: ClinicId) => void;
}

export interface RunningLog extends AuditLog {
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
}

const MAX_RECORDS = 1024;
const MAX_CHARACTERS = 1 << 20;
/** What a record has beside its query, roughly. */
const OVERHEAD = 300;

/** The end of an open chain. */
interface End {
  readonly chain: number;
  readonly day: string;
  readonly n: number;
  readonly mac: string;
}

export function createAuditLog(options: AuditLogOptions): RunningLog {
  const { clock } = options;
  const ends = new Map<ClinicId, End>();
  const committer = createGroupCommitter<Appending, string>({
    maxItems: MAX_RECORDS,
    maxWeight: MAX_CHARACTERS,
    weightOf: ({ record }) => OVERHEAD + (record.query?.length ?? 0),
    commit: async (items) => {
      const ids = await commitGroup(options, ends, items);
      return items.map((item): Settled<string> => ({ ok: true, value: ids.get(item) as string }));
    },
  });
  return {
    append: (record: AuditRecord) => committer.add({ record, at: clock.now() }),
    idle: () => committer.idle(),
  };
}

/** Resolves to the ids of the records. */
async function commitGroup(
  options: AuditLogOptions,
  ends: Map<ClinicId, End>,
  items: readonly Appending[],
): Promise<ReadonlyMap<Appending, string>> {
  const byClinic = Map.groupBy(items, ({ record }) => record.clinic);
  const blocks: NewBlock[] = [];
  try {
    for (const [clinic, of] of byClinic) blocks.push(nextBlock(options, clinic, await endOf(options, ends, clinic), of));
    await options.journal.append(blocks);
  } catch (error) {
    for (const clinic of byClinic.keys()) ends.delete(clinic);
    throw error instanceof FhirError ? error : unavailable(error);
  }
  const ids = new Map<Appending, string>();
  for (const block of blocks) {
    const { clinic, chain, n, mac } = block;
    ends.set(clinic, { chain, n, mac, day: dayOf(options.clock) });
    byClinic.get(clinic)?.forEach((item, i) => ids.set(item, idOf(item.record.id, block, i)));
    options.onAppend?.(clinic);
  }
  return ids;
}

function nextBlock({ keys }: AuditLogOptions, clinic: ClinicId, end: End, items: readonly Appending[]): NewBlock {
  const content = { clinic, chain: end.chain, n: end.n + 1, ...encodeBlock(items) };
  const block = { ...content, mac: keys.link(content, end.mac) };
  return { ...block, seal: keys.head(block) };
}

const dayOf = (clock: Clock): string => new Date(clock.now()).toISOString().slice(0, 10);

/** The end of today's chain, which is opened if there is none. */
async function endOf(options: AuditLogOptions, ends: Map<ClinicId, End>, clinic: ClinicId): Promise<End> {
  const day = dayOf(options.clock);
  const known = ends.get(clinic);
  if (known?.day === day) return known;
  for (;;) {
    const chains = (await options.journal.registry(clinic))?.chains ?? 0;
    if (await options.journal.open(openingOf(options, clinic, chains + 1, day), registryOf(options, clinic, chains + 1)))
      return { chain: chains + 1, day, n: -1, mac: '' };
  }
}

function openingOf({ keys, process }: AuditLogOptions, clinic: ClinicId, number: number, day: string): Chain {
  const name = `${day} ${process}`;
  const head = { n: -1, seal: keys.head({ clinic, chain: number, n: -1, mac: '' }) };
  return { clinic, number, name, seal: keys.opening(clinic, number, name), head };
}

const registryOf = ({ keys }: AuditLogOptions, clinic: ClinicId, chains: number) => ({ chains, seal: keys.registry(clinic, chains) });

function unavailable(cause: unknown): FhirError {
  const error = fhirError('unavailable', 'the audit trail cannot be written', 'Try again in a few seconds.');
  error.cause = cause;
  return error;
}

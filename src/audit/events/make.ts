/**
 * Makes AuditEvents of what was recorded: of each record in the journal, and of each version in the feed. Their ids say what
 * they are made of, so that what is done twice is there once; progress is kept after they are written.
 */
import { asResourceId, asResourceType, asSeq, isResourceId, type ClinicId, type ResourceKey } from '../../fhir/model/ids.ts';
import { toResourceText, type JsonObject } from '../../fhir/model/json.ts';
import { createSlice } from '../../fhir/model/slices.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { NOT_IN_FEED, type FhirStore, type Put, type StoredVersion } from '../../fhir/store/port.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecordStore } from '../../records/port.ts';
import { decodeBlock, type LoggedRecord } from '../log/record.ts';
import type { AuditJournal, Chain } from '../port.ts';
import { takeCheckpoint, type Progress } from './checkpoint.ts';
import { auditEventOf, type Told } from './event.ts';
import { patientOfVersion, resourceOf, type PatientDeps } from './patients.ts';

export interface MakerDeps extends PatientDeps {
  readonly store: FhirStore;
  readonly journal: AuditJournal;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly timeZoneOf: (clinic: ClinicId) => string;
  /** Names this process among those that could do the same. */
  readonly process: string;
  /** Names this server in the events. */
  readonly observer: string;
}

/** Written in one commit: other commits wait for it. */
const CHANGES_AT_ONCE = 20;
const VERSIONS_AT_ONCE = 100;
const BLOCKS_AT_ONCE = 4;
/** Where little happens at once, a block has one record: so many are gathered, for a round costs the same with few. */
const RECORDS_AT_ONCE = 200;
/** How old a chain is that gets no further block: its day is over. */
const CHAIN_MS = 2 * 86_400_000;

/** One event to be: `corrected` ones replace what was made before. */
interface Due {
  readonly told: Told;
  readonly corrected: boolean;
}

/** Makes some; resolves to how many sources were worked off, 0 if there is nothing new or another process is at it. */
export async function makeAuditEvents(deps: MakerDeps, clinic: ClinicId): Promise<number> {
  const held = await takeCheckpoint(deps.records, deps.clock, clinic, deps.process);
  if (!held) return 0;
  const versions = await newVersions(deps, clinic, held.progress.feed);
  const logged = await newRecords(deps, clinic, held.progress);
  const due = dueOf([...versions.told, ...(await withPatients(deps, clinic, logged.records))]);
  await write(deps, clinic, due);
  const progress = { ...logged.progress, feed: versions.feed };
  const isSame = JSON.stringify(progress) === JSON.stringify(held.progress);
  if (!isSame && !(await held.keep(progress))) return 0;
  return versions.told.length + logged.records.length;
}

async function newVersions(deps: MakerDeps, clinic: ClinicId, after: number): Promise<{ told: Told[]; feed: number }> {
  const last = await deps.store.lastSeq(clinic);
  if (last <= after) return { told: [], feed: after };
  const versions = await deps.store.changes(clinic, asSeq(after), VERSIONS_AT_ONCE);
  const told: Told[] = [];
  for (const version of versions) told.push(await toldByVersion(deps, clinic, version));
  return { told, feed: versions.length < VERSIONS_AT_ONCE ? Math.max(last, versions.at(-1)?.seq ?? 0) : (versions.at(-1)?.seq ?? after) };
}

/** A tombstone tells nothing: whom it was about stands in the version before. */
async function toldByVersion(deps: MakerDeps, clinic: ClinicId, version: StoredVersion): Promise<Told> {
  const { subject, client, requestId, interaction, reason } = version.trace;
  const source = version.deleted ? await deps.store.readVersion(clinic, version, version.versionId - 1) : version;
  const patient = source && source.body.length > 0 ? patientOfVersion(deps, source) : undefined;
  return {
    id: `version-${version.seq}`,
    at: version.at,
    category: 'rest',
    what: interaction,
    outcome: 'success',
    status: interaction === 'create' ? 201 : 200,
    requestId,
    subject,
    target: `${version.type}/${version.id}/_history/${version.versionId}`,
    ...(client === undefined ? {} : { client }),
    ...(patient === undefined ? {} : { patient }),
    ...(reason === undefined ? {} : { reason }),
  };
}

async function newRecords(deps: MakerDeps, clinic: ClinicId, before: Progress): Promise<{ records: LoggedRecord[]; progress: Progress }> {
  const records: LoggedRecord[] = [];
  const blocks: Record<string, number> = {};
  let { done } = before;
  for (const chain of await deps.journal.chains(clinic, done)) {
    const last = before.blocks[chain.number] ?? -1;
    const reached = await readOn(deps.journal, chain, last, records);
    const isOver = reached >= chain.head.n && Date.parse(chain.name.slice(0, 10)) + CHAIN_MS < deps.clock.now();
    if (isOver && done === chain.number - 1) done = chain.number;
    else blocks[chain.number] = reached;
  }
  return { records, progress: { ...before, done, blocks } };
}

/** Adds the records of the blocks above `last`, until there are enough; resolves to the last block that was read. */
async function readOn(journal: AuditJournal, { clinic, number, head }: Chain, last: number, records: LoggedRecord[]): Promise<number> {
  let reached = last;
  while (reached < head.n && records.length < RECORDS_AT_ONCE) {
    const found = await journal.blocks(clinic, number, reached, BLOCKS_AT_ONCE);
    const end = found.at(-1)?.n;
    if (end === undefined) break;
    for (const block of found) records.push(...decodeBlock(block));
    reached = end;
  }
  return reached;
}

/** A record is written before it is known what was read: here it can be looked up. */
async function withPatients(deps: MakerDeps, clinic: ClinicId, records: readonly LoggedRecord[]): Promise<LoggedRecord[]> {
  const open = records.filter((r) => r.patient === undefined && keyOf(r.target) !== undefined);
  const keys = [...new Map(open.map((r) => [r.target, keyOf(r.target) as ResourceKey])).values()];
  const found = new Map<string, string>();
  for (const version of keys.length === 0 ? [] : await deps.store.readMany(clinic, keys)) {
    const patient = patientOfVersion(deps, version);
    if (patient !== undefined) found.set(`${version.type}/${version.id}`, patient);
  }
  return records.map((r) => {
    const key = r.patient === undefined ? keyOf(r.target) : undefined;
    const patient = key && found.get(`${key.type}/${key.id}`);
    return patient === undefined ? r : { ...r, patient };
  });
}

function keyOf(target: string | undefined): ResourceKey | undefined {
  const [type = '', id = ''] = target?.split('/') ?? [];
  return isResourceId(id) ? { type: asResourceType(type), id: asResourceId(id) } : undefined;
}

function dueOf(all: readonly (Told & Partial<LoggedRecord>)[]): Due[] {
  const due = new Map<string, Due>();
  for (const one of all) {
    const { corrects, ...told } = one;
    if (corrects === undefined) due.set(told.id, { told, corrected: false });
    else due.set(corrects, { told: { ...told, id: corrects }, corrected: true });
  }
  return [...due.values()];
}

async function write(deps: MakerDeps, clinic: ClinicId, due: readonly Due[]): Promise<void> {
  if (due.length === 0) return;
  const keys = due.map(({ told }) => ({ type: NOT_IN_FEED, id: asResourceId(told.id) }));
  const known = new Map((await deps.store.readMany(clinic, keys)).map((version) => [version.id as string, version]));
  const slice = createSlice();
  const changes: Put[] = [];
  for (const one of due) {
    const change = changeOf(deps, clinic, one, known.get(one.told.id));
    if (change) changes.push(change);
    const pause = slice.breathe();
    if (pause) await pause;
  }
  for (let i = 0; i < changes.length; i += CHANGES_AT_ONCE) {
    const some = changes.slice(i, i + CHANGES_AT_ONCE);
    const outcome = await deps.store.write(clinic, { changes: some, guards: [], indexVersion: deps.extractor.indexVersion });
    if (!outcome.ok) throw fhirError('conflict', 'another process makes the same AuditEvents', 'Try again.');
  }
}

function changeOf(deps: MakerDeps, clinic: ClinicId, { told, corrected }: Due, known: StoredVersion | undefined): Put | undefined {
  if (known && !corrected) return undefined;
  const event = auditEventOf(told, deps.observer);
  if (known && resourceOf(known.body)['outcome'] === event['outcome']) return undefined;
  return putEvent(deps, clinic, event, known?.versionId ?? 'absent', told.requestId);
}

/** An AuditEvent as a change. */
export function putEvent(
  { extractor, timeZoneOf }: Pick<MakerDeps, 'extractor' | 'timeZoneOf'>,
  clinic: ClinicId,
  event: JsonObject,
  expected: Put['expected'],
  requestId: string,
): Put {
  const id = asResourceId(event['id'] as string);
  return {
    op: 'put',
    type: NOT_IN_FEED,
    id,
    expected,
    text: toResourceText(event, id),
    entries: extractor.extract(event, timeZoneOf(clinic)),
    trace: { subject: 'Device/audit', requestId, interaction: expected === 'absent' ? 'create' : 'update' },
  };
}

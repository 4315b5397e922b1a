/** Takes a patient out of all trails that tell of them: their clinic's, and those where strangers are written. */
import type { ClinicId, ResourceKey } from '../../fhir/model/ids.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { NOT_IN_FEED } from '../../fhir/store/port.ts';
import type { Clock } from '../../platform/clock.ts';
import { isReserved, type Audit } from '../index.ts';
import { eventsThere, pseudonymiseEvents, pseudonymiseJournal, recordsAbout, type Erasing, type EventDeps } from './pseudonymise.ts';

export interface TrailDeps extends EventDeps {
  readonly audit: Audit;
  readonly clock: Clock;
}

const ROUNDS = 10;

/** `seqs`: of versions that go. Meanwhile others may ask for the patient: it goes on until nothing new tells of them. */
export async function pseudonymiseTrail(deps: TrailDeps, erasing: Erasing, seqs: readonly number[]): Promise<void> {
  const { audit } = deps;
  for (let round = 0; round < ROUNDS; round += 1) {
    if (!isReserved(erasing.clinic)) await audit.catchUp(erasing.clinic);
    const { records, events } = await toldIn(deps, erasing, round === 0 ? seqs : []);
    if (records.length === 0 && events.length === 0) return;
    await pseudonymiseEvents(deps, erasing, events);
    await pseudonymiseJournal(audit.journal, audit.keys, erasing);
  }
  throw fhirError('conflict', 'the patient is still asked for by others', 'Run the erasure again.');
}

interface Told {
  /** Ids of the AuditEvents of records. */
  readonly records: readonly string[];
  readonly events: readonly ResourceKey[];
}

/** What tells of the patient: records of the journal, and AuditEvents, of them, of versions, and of what clients sent. */
export async function toldIn(deps: TrailDeps, erasing: Erasing, seqs: readonly number[]): Promise<Told> {
  const records = await recordsAbout(deps.audit.journal, erasing);
  const found = erasing.patient === undefined || isReserved(erasing.clinic) ? [] : await eventsOf(deps, erasing.clinic, erasing.patient);
  const ids = new Set([...records, ...seqs.map((seq) => `version-${seq}`), ...found]);
  return { records, events: await eventsThere(deps, erasing, [...ids]) };
}

const SEARCH_MS = 10 * 60_000;
const EVENTS = 500;

/** AuditEvents that have the patient as one who acted, or whom it was about. */
async function eventsOf({ store, clock }: TrailDeps, clinic: ClinicId, patient: string): Promise<string[]> {
  const where = { op: 'reference', param: 'patient', type: 'Patient', id: patient.slice('Patient/'.length) } as const;
  const query = { types: [NOT_IN_FEED], where, order: 'natural', limit: EVENTS, bodies: false, deadline: clock.now() + SEARCH_MS } as const;
  const ids: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await store.search(clinic, after === undefined ? query : { ...query, after });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === undefined) return ids;
    after = page.next;
  }
}

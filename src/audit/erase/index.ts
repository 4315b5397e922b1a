/**
 * Erases a patient on lawful request. Each step can be done twice, and what was there is written down before the first: what
 * was cut off is finished by the same call again, with the same certificate.
 */
import { asClinicId, asResourceId, asResourceType, type ClinicId, type ResourceId } from '../../fhir/model/ids.ts';
import { toResourceText } from '../../fhir/model/json.ts';
import type { PersonRecords } from '../../fhir/model/person-records.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import type { IdSource } from '../../platform/ids.ts';
import { fold } from '../../fhir/search/values/normalise/fold.ts';
import type { RecordStore, StoredRecord } from '../../records/port.ts';
import { certificateDocument, type Certificate } from './certificate.ts';
import { findPatient, type FindDeps, type Found, type FoundResource } from './find.ts';
import { ERASURE, type Finished, type Plan } from './progress.ts';
import type { Erasing } from './pseudonymise.ts';
import { pseudonymiseTrail, toldIn, type TrailDeps } from './trail.ts';

export interface EraseDeps extends FindDeps, TrailDeps {
  readonly records: RecordStore;
  readonly people: PersonRecords;
  readonly newId: IdSource;
  /** In whose trail requests are written of people who haven't said where they belong. */
  readonly homeClinic: ClinicId;
}

export interface ErasureOrder {
  readonly clinic: ClinicId;
  readonly patient: ResourceId;
  /** On whose order. */
  readonly by: string;
  readonly reason: string;
}

export interface Erasure {
  readonly certificate: Certificate;
  /** The DocumentReference that has it, signed. */
  readonly document: ResourceId;
}

/** Throws `not-found` where there is no such patient, `conflict` where it can't get through for now. */
export async function erasePatient(deps: EraseDeps, order: ErasureOrder, signal: AbortSignal): Promise<Erasure> {
  const { records, store } = deps;
  const id = deps.audit.keys.pseudonym(order.clinic, `Patient/${order.patient}`);
  const begun = (await records.get(ERASURE, order.clinic, id)) ?? (await begin(deps, order, id, signal));
  const { certificate, document } = await finished(deps, order, begun, signal);
  await records.sweep();
  await store.scrub();
  await records.remove(ERASURE, order.clinic, id);
  return { certificate, document };
}

type Begun = StoredRecord<Plan | Finished>;

async function begin(deps: EraseDeps, order: ErasureOrder, id: string, signal: AbortSignal): Promise<Begun> {
  const plan = await planOf(deps, order, signal);
  const written = await deps.records.insert(ERASURE, order.clinic, id, plan);
  const begun = written.ok ? written.record : await deps.records.get(ERASURE, order.clinic, id);
  if (begun) return begun;
  throw fhirError('conflict', 'another erasure of this patient has just ended', 'Look for its certificate.');
}

const nameOf = ({ patient }: ErasureOrder): string => `Patient/${patient}`;

async function planOf(deps: EraseDeps, order: ErasureOrder, signal: AbortSignal): Promise<Plan> {
  const { clinic } = order;
  const patient = nameOf(order);
  // Versions that go must have become AuditEvents.
  await deps.audit.catchUp(clinic);
  const found = await findPatient(deps, clinic, patient, signal);
  if (found.own.length === 0) throw fhirError('not-found', 'there is no such patient', 'Check the id.', patient);
  const person = await deps.people.find(clinic, { reference: patient, contacts: found.contacts });
  const texts = [...new Set([...found.texts, ...[...person.addresses, ...person.names].map(fold)])];
  const plan = { stage: 'erasing', order: order.by, reason: order.reason, document: asResourceId(deps.newId()), person, texts } as const;
  const told = await Promise.all(
    erasingsOf(deps, order, plan, found).map((one) => toldIn(deps, one, one.clinic === clinic ? found.seqs : [])),
  );
  const sum = (of: 'records' | 'events'): number => told.reduce((total, one) => total + one[of].length, 0);
  const counted = {
    erased: byType([...found.own, ...found.former]),
    records: person.counts,
    ...{ auditRecords: sum('records'), auditEvents: sum('events'), referring: found.referring },
  };
  return { ...plan, counted };
}

function byType(erased: readonly FoundResource[]): Certificate['erased'] {
  const types = [...Map.groupBy(erased, ({ type }) => type)].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    types.map(([type, of]) => [type, { resources: of.length, versions: of.reduce((sum, { versions }) => sum + versions, 0) }]),
  );
}

const NO_NAMES: ReadonlyMap<string, string> = new Map();
const NO_CLINIC = asClinicId('_platform');

/** In the trail of another clinic resources aren't the patient's, for ids are a clinic's own. */
function erasingsOf(deps: EraseDeps, order: ErasureOrder, plan: Pick<Plan, 'person' | 'texts'>, { own }: Pick<Found, 'own'>): Erasing[] {
  const { audit, homeClinic } = deps;
  const { clinic } = order;
  const named = [nameOf(order), ...own.map(({ type, id }) => `${type}/${id}`)];
  const names = new Map(named.map((name) => [name, `${name.split('/', 1)[0]}/${audit.keys.pseudonym(clinic, name)}`]));
  const { account, isWhole } = plan.person;
  const shared = { account: isWhole ? account : undefined, texts: plan.texts };
  const everywhere = { ...shared, patient: nameOf(order), names };
  const elsewhere = isWhole && homeClinic !== clinic ? [{ ...shared, clinic: homeClinic, names: NO_NAMES, texts: [] }] : [];
  // Who asks without saying for which clinic asks for this patient as well as for any.
  return [{ ...everywhere, clinic }, { ...everywhere, clinic: NO_CLINIC }, ...elsewhere];
}

async function finished(deps: EraseDeps, order: ErasureOrder, begun: Begun, signal: AbortSignal): Promise<Finished> {
  const { value, id, revision } = begun;
  if (value.stage === 'finished') return value;
  await deps.people.erase(order.clinic, value.person);
  await eraseResources(deps, order, value, signal);
  const certificate = certificateOf(deps, order, value);
  await keep(deps, order, value, certificate);
  const done: Finished = { stage: 'finished', document: value.document, certificate };
  const written = await deps.records.replace(ERASURE, order.clinic, id, revision, done);
  if (written.ok) return done;
  const now = await deps.records.get(ERASURE, order.clinic, id);
  return now?.value.stage === 'finished' ? now.value : done;
}

const ROUNDS = 10;

/** Others go on writing meanwhile: it is gone over until nothing of the patient is there. */
async function eraseResources(deps: EraseDeps, order: ErasureOrder, plan: Plan, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await deps.audit.catchUp(order.clinic);
    const found = await findPatient(deps, order.clinic, nameOf(order), signal);
    // Whoever was cut off may have left the trail alone to do.
    if (round > 0 && found.own.length + found.former.length === 0) return;
    await eraseFound(deps, order, plan, found);
  }
  throw fhirError('conflict', 'others still write about the patient', 'Keep them from it, then run the erasure again.');
}

/** The trail first, for it is known from the resources what tells of them; and again, for what came meanwhile. */
async function eraseFound(deps: EraseDeps, order: ErasureOrder, { person, texts }: Plan, found: Found): Promise<void> {
  const { clinic } = order;
  const erasings = erasingsOf(deps, order, { person, texts: [...new Set([...texts, ...found.texts])] }, found);
  for (const erasing of erasings) await pseudonymiseTrail(deps, erasing, erasing.clinic === clinic ? found.seqs : []);
  const former = found.former.map(({ type, id }) => ({ type, id, keep: 'current' as const }));
  await deps.store.erase(clinic, [...former, ...found.own]);
  for (const erasing of erasings) await pseudonymiseTrail(deps, erasing, []);
}

function certificateOf(deps: EraseDeps, { clinic }: ErasureOrder, { order, reason, counted, person }: Plan): Certificate {
  const patient = `Patient/${deps.audit.keys.pseudonym(clinic, person.patient)}`;
  return { clinic, patient, erasedAt: new Date(deps.clock.now()).toISOString(), order, reason, ...counted };
}

/** The certificate, and the record of the erasure; both have an id that is the erasure's, and are there once. */
async function keep(deps: EraseDeps, { clinic }: ErasureOrder, plan: Plan, certificate: Certificate): Promise<void> {
  const { document: id, order: by, reason } = plan;
  const type = asResourceType('DocumentReference');
  const document = certificateDocument(certificate, deps.audit.secret, id);
  const requestId = `erasure-${id}`;
  const put = {
    op: 'put' as const,
    type,
    id,
    expected: 'absent' as const,
    text: toResourceText(document, id),
    entries: deps.extractor.extract(document, deps.timeZoneOf(clinic)),
    trace: { subject: 'Device/system', requestId, interaction: 'create' as const, reason },
  };
  const about = { target: certificate.patient, patient: certificate.patient, account: by, reason };
  await deps.audit.log.append({ ...ERASED_RECORD, clinic, id: requestId, requestId, ...about });
  await deps.store.write(clinic, { changes: [put], guards: [], indexVersion: deps.extractor.indexVersion });
}

const ERASED_RECORD = { category: 'erasure', what: 'erase', outcome: 'success', status: 200 } as const;

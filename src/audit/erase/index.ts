/** Erases a patient on lawful request. What was cut off is finished by the same call again. */
import { asResourceId, asResourceType, type ClinicId, type ResourceId } from '../../fhir/model/ids.ts';
import { toResourceText } from '../../fhir/model/json.ts';
import { fhirError } from '../../fhir/outcome/error.ts';
import { NOT_IN_FEED, type ErasedResource, type FhirStore } from '../../fhir/store/port.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdSource } from '../../platform/ids.ts';
import type { Audit } from '../index.ts';
import { certificateDocument, type Certificate } from './certificate.ts';
import { findPatient, type FindDeps, type Found } from './find.ts';
import { pseudonymiseEvents, pseudonymiseJournal, type Erasing } from './pseudonymise.ts';

export interface EraseDeps extends FindDeps {
  readonly store: FhirStore;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly newId: IdSource;
  readonly timeZoneOf: (clinic: ClinicId) => string;
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

/** Throws `not-found` where there is no such patient. */
export async function erasePatient(deps: EraseDeps, order: ErasureOrder, signal: AbortSignal): Promise<Erasure> {
  const { clinic } = order;
  const { audit, store } = deps;
  const patient = `Patient/${order.patient}`;
  // Versions that go must have become AuditEvents.
  while ((await audit.make(clinic)) > 0) signal.throwIfAborted();
  const found = await findPatient(deps, clinic, patient, signal);
  if (found.own.length === 0) throw fhirError('not-found', 'there is no such patient', 'Check the id.', patient);
  const erasing = { clinic, patient, texts: found.texts, names: namesOf(audit, clinic, found) };
  const changed = await pseudonymiseJournal(audit.journal, audit.keys, erasing);
  const ids = new Set([...changed, ...found.seqs.map((seq) => `version-${seq}`), ...(await otherEvents(deps, erasing))]);
  const events = await pseudonymiseEvents(deps, erasing, [...ids]);
  const older = events.map((id) => ({ type: NOT_IN_FEED, id: asResourceId(id), keep: 'current' as const }));
  const former = found.former.map((key) => ({ ...key, keep: 'current' as const }));
  const erased = await store.erase(clinic, [...older, ...former, ...found.own]);
  const certificate = certificateOf(deps, order, erasing, found, erased, { records: changed.length, events: events.length });
  return { certificate, document: await keep(deps, order, certificate) };
}

const namesOf = (audit: Audit, clinic: ClinicId, { own }: Found): ReadonlyMap<string, string> =>
  new Map(own.map(({ type, id }) => [`${type}/${id}`, `${type}/${audit.keys.pseudonym(clinic, `${type}/${id}`)}`]));

const SEARCH_MS = 10 * 60_000;
const EVENTS = 500;

/** AuditEvents that name the patient though no record or version of ours does: sent by clients. */
async function otherEvents({ store, clock }: EraseDeps, { clinic, patient }: Erasing): Promise<string[]> {
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

function certificateOf(
  { clock }: EraseDeps,
  { clinic, by, reason }: ErasureOrder,
  { names, patient }: Erasing,
  found: Found,
  erased: readonly ErasedResource[],
  counts: { readonly records: number; readonly events: number },
): Certificate {
  const own = erased.filter(({ type }) => type !== NOT_IN_FEED);
  const byType = [...Map.groupBy(own, ({ type }) => type)].map(
    ([type, of]) => [type, { resources: of.length, versions: of.reduce((sum, { versions }) => sum + versions, 0) }] as const,
  );
  return {
    clinic,
    patient: names.get(patient) ?? '',
    erasedAt: new Date(clock.now()).toISOString(),
    order: by,
    reason,
    erased: Object.fromEntries(byType),
    auditRecords: counts.records,
    auditEvents: counts.events,
    referring: found.referring,
  };
}

async function keep(deps: EraseDeps, { clinic, by, reason }: ErasureOrder, certificate: Certificate): Promise<ResourceId> {
  const id = asResourceId(deps.newId());
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
  await deps.store.write(clinic, { changes: [put], guards: [], indexVersion: deps.extractor.indexVersion });
  const about = { target: certificate.patient, patient: certificate.patient, account: by, reason };
  await deps.audit.log.append({ clinic, category: 'erasure', what: 'erase', outcome: 'success', status: 200, requestId, ...about });
  return id;
}

/** Resources by the name that the expectations have for them. */
import { known, type Known } from './world.ts';

const LOINC = { coding: [{ system: 'http://loinc.org', code: '1234-5' }] };
const observationCategory = (code: string): object => ({
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] }],
});
const careCategory = { category: [{ coding: [{ system: 'https://nadi.example/fhir/CodeSystem/care-category', code: 'therapy' }] }] };
const released = { system: 'https://nadi.example/fhir/CodeSystem/release', code: 'released' };
const confidentiality = (code: string): object => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code });
const sensitivity = (code: string): object => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code });
const of = (patient: string): object => ({ subject: { reference: `Patient/${patient}` } });
const by = (role: string): { readonly reference: string } => ({ reference: `Practitioner/${role}` });
const laboratory = (...codes: string[]): object => ({
  category: codes.map((code) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code }] })),
});

const observation = (category: string, status: string, patient: string, tags: object = {}): object => ({
  resourceType: 'Observation',
  status,
  code: LOINC,
  ...of(patient),
  ...observationCategory(category),
  ...tags,
});
const note = (patient: string, meta: object, assessor = 'COUNSELOR'): object => ({
  resourceType: 'ClinicalImpression',
  status: 'completed',
  ...of(patient),
  meta,
  assessor: by(assessor),
});
const appointment = (status: string, ...actors: string[]): object => ({
  resourceType: 'Appointment',
  status,
  participant: actors.map((reference) => ({ actor: { reference }, status: 'accepted' })),
});

const SAMPLES: Readonly<Record<string, object>> = {
  own: { resourceType: 'Patient', name: [{ family: 'Own' }] },
  other: { resourceType: 'Patient', link: [{ other: { reference: 'Patient/own' }, type: 'seealso' }] },
  'by-gp': { resourceType: 'Patient', generalPractitioner: [by('DOCTOR')] },
  missed: { resourceType: 'Patient' },
  vip: { resourceType: 'Patient', meta: { security: [confidentiality('V')] } },
  relative: { resourceType: 'RelatedPerson', patient: { reference: 'Patient/own' } },
  cohort: { resourceType: 'Group', type: 'person', actual: true, member: [{ entity: { reference: 'Patient/own' } }] },
  visit: {
    resourceType: 'Encounter',
    status: 'finished',
    class: { code: 'AMB' },
    ...of('own'),
    participant: [{ individual: by('DOCTOR') }],
  },
  'no-show': appointment('cancelled', 'Patient/missed', 'Practitioner/DOCTOR'),
  vitals: observation('vital-signs', 'final', 'own'),
  'vitals-other': observation('vital-signs', 'final', 'other'),
  'lab-released': observation('laboratory', 'final', 'own', { meta: { tag: [released] } }),
  'lab-waiting': observation('laboratory', 'final', 'own'),
  'lab-early': observation('laboratory', 'preliminary', 'own', { meta: { tag: [released] } }),
  'lab-other': observation('laboratory', 'final', 'other', { meta: { tag: [released] } }),
  'image-waiting': observation('imaging', 'final', 'own'),
  'report-released': {
    resourceType: 'DiagnosticReport',
    status: 'amended',
    code: LOINC,
    ...of('own'),
    ...laboratory('HM'),
    meta: { tag: [released] },
  },
  'report-waiting': { resourceType: 'DiagnosticReport', status: 'final', code: LOINC, ...of('own'), ...laboratory('LAB') },
  note: note('own', {}),
  'note-mh': note('own', { security: [sensitivity('PSYTHPN')] }),
  'note-mh-released': note('own', { security: [sensitivity('PSYTHPN')], tag: [released] }),
  'note-mh-gp': note('by-gp', { security: [sensitivity('SUD')] }),
  'note-mh-mine': note('other', { security: [sensitivity('MH')] }, 'DOCTOR'),
  'note-mh-stranger': note('other', { security: [confidentiality('R')] }),
  'note-mh-missed': note('missed', { security: [confidentiality('R')] }),
  'sealed-document': {
    resourceType: 'DocumentReference',
    status: 'current',
    ...of('other'),
    author: [by('DOCTOR')],
    securityLabel: [{ coding: [confidentiality('R')] }],
    content: [{ attachment: { url: 'Binary/1' } }],
  },
  'sealed-letter': {
    resourceType: 'Composition',
    status: 'final',
    type: LOINC,
    ...of('other'),
    date: '2024-01-01',
    author: [by('DOCTOR')],
    title: 'x',
    confidentiality: 'R',
  },
  medicine: { resourceType: 'MedicationRequest', status: 'active', intent: 'order', medicationCodeableConcept: LOINC, ...of('own') },
  'medicine-hiv': {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: LOINC,
    ...of('by-gp'),
    meta: { security: [sensitivity('HIV')] },
  },
  allergy: { resourceType: 'AllergyIntolerance', patient: { reference: 'Patient/own' } },
  'lab-order': {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    ...of('own'),
    category: [{ coding: [{ system: 'http://snomed.info/sct', code: '108252007' }] }],
  },
  referral: { resourceType: 'ServiceRequest', status: 'active', intent: 'order', ...of('own') },
  appointment: appointment('booked', 'Patient/own'),
  'appointment-other': appointment('booked', 'Patient/other'),
  token: { resourceType: 'Task', status: 'requested', intent: 'order', for: { reference: 'Patient/own' } },
  slot: {
    resourceType: 'Slot',
    status: 'free',
    schedule: { reference: 'Schedule/1' },
    start: '2024-01-01T00:00:00Z',
    end: '2024-01-01T01:00:00Z',
  },
  course: { resourceType: 'CarePlan', status: 'active', intent: 'plan', ...of('own'), ...careCategory },
  plan: { resourceType: 'CarePlan', status: 'active', intent: 'plan', ...of('own') },
  session: { resourceType: 'Procedure', status: 'completed', ...of('own'), category: careCategory.category[0] },
  surgery: { resourceType: 'Procedure', status: 'completed', ...of('own') },
  protocol: { resourceType: 'PlanDefinition', status: 'active' },
  invoice: { resourceType: 'Invoice', status: 'issued', ...of('own') },
  'invoice-other': { resourceType: 'Invoice', status: 'issued', ...of('other') },
  price: { resourceType: 'InsurancePlan', status: 'active' },
  payment: { resourceType: 'PaymentNotice', status: 'active' },
  consent: { resourceType: 'Consent', status: 'active', patient: { reference: 'Patient/own' } },
  'consent-other': { resourceType: 'Consent', status: 'active', patient: { reference: 'Patient/other' } },
  message: { resourceType: 'Communication', status: 'completed', ...of('own') },
  alert: {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/communication-category', code: 'alert' }] }],
  },
  audit: { resourceType: 'AuditEvent', type: { code: 'rest' }, recorded: '2024-01-01T00:00:00Z', agent: [], source: {} },
  subscription: { resourceType: 'Subscription', status: 'active', criteria: 'Patient' },
  practitioner: { resourceType: 'Practitioner' },
  codes: { resourceType: 'ValueSet', status: 'active' },
  file: { resourceType: 'Binary', contentType: 'text/plain' },
  document: { resourceType: 'Bundle', type: 'document' },
  parameters: { resourceType: 'Parameters' },
  outcome: { resourceType: 'OperationOutcome', issue: [] },
};

export const WORLD: readonly Known[] = Object.entries(SAMPLES).map(([id, resource]) =>
  known({ ...resource, id } as unknown as Known['resource']),
);

export function sample(id: string): Known {
  const found = WORLD.find(({ resource }) => resource.id === id);
  if (!found) throw new Error(`no sample ${id}`);
  return found;
}

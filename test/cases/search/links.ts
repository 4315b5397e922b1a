/** https://hl7.org/fhir/R4/search.html#chaining, https://hl7.org/fhir/R4/search.html#has */
import type { SearchCase } from './types.ts';

export const CHAIN_CASES: readonly SearchCase[] = [
  {
    search: 'Observation?subject:Patient.name=anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(chain subject Patient (string name starts "anna"))',
  },
  {
    search: 'Observation?patient.name=anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(chain patient Patient (string name starts "anna"))',
  },
  {
    search: 'Observation?subject.name=anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(or (chain subject Patient (string name starts "anna")) (chain subject Location (string name starts "anna")))',
  },
  { search: 'Observation?patient.name=nobody', finds: [] },
  { search: 'Observation?patient.family:exact=Müller', finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'] },
  { search: 'Observation?patient.gender=female&code=http://loinc.org|2339-0', finds: ['obs-mg', 'obs-g'] },
  { search: 'Observation?patient.birthdate=ge1980-06', finds: ['obs-g', 'obs-kg', 'obs-bp-low'] },
  {
    search: 'Observation?patient.organization.name=vaidya',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept', 'obs-kg'],
    tree: '(chain patient Patient (chain organization Organization (string name starts "vaidya")))',
  },
  { search: 'Observation?patient.organization.partof.name=vaidya', finds: ['obs-unit'] },
  { search: 'Observation?patient.organization.partof.partof.name=vaidya', finds: ['obs-g', 'obs-bp-low'] },
  {
    search: 'Observation?patient.gender:not=female',
    finds: ['obs-unit', 'obs-kg'],
    tree: '(chain patient Patient (not (token gender female)))',
  },
  { search: 'Observation?patient.general-practitioner:missing=true', finds: ['obs-unit'] },
  { search: 'Observation?patient.general-practitioner:Practitioner.name=rao', finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'] },
  { search: 'Observation?performer.name=rao', finds: ['obs-mg'] },
  { search: 'Observation?performer:Organization.name=lab', finds: ['obs-g'] },
  { search: 'Observation?patient._id=pat-devi', finds: ['obs-g', 'obs-bp-low'] },
  { search: 'Observation?encounter.status=in-progress', finds: ['obs-mg'] },
  { search: 'DiagnosticReport?result.code-value-quantity=http://loinc.org|2339-0$95', finds: ['rep-1'] },
  { search: 'Encounter?subject:Patient.name=anna', finds: ['enc-open'] },
  { search: 'Encounter?patient.family=Oldname', finds: [] },
  { search: 'Observation?patient.name=anna&patient.gender=male', finds: [] },
  { search: 'Observation?patient.name=anna,देवी&status=final', finds: ['obs-mg', 'obs-bp', 'obs-concept', 'obs-g', 'obs-bp-low'] },
  { search: 'Patient?general-practitioner.name=vaidya', finds: ['pat-peter'] },
];

export const HAS_CASES: readonly SearchCase[] = [
  {
    search: 'Patient?_has:Observation:patient:code=2339-0',
    finds: ['pat-anna', 'pat-devi', 'pat-jose'],
    tree: '(has Observation patient (token code 2339-0))',
  },
  { search: 'Patient?_has:Observation:subject:code=http://loinc.org|29463-7', finds: ['pat-peter', 'pat-anna'] },
  { search: 'Patient?_has:Observation:patient:code=29463-7&_has:Observation:patient:code=2339-0', finds: ['pat-anna'] },
  { search: 'Patient?_has:Observation:patient:code=29463-7,2339-0&gender=male', finds: ['pat-jose'] },
  { search: 'Patient?_has:Observation:patient:status=entered-in-error', finds: [] },
  { search: 'Patient?_has:Encounter:patient:date=2024-01-10', finds: ['pat-devi'] },
  { search: 'Patient?_has:Observation:patient:component-code-value-quantity=8480-6$gt100', finds: ['pat-anna'] },
  { search: 'Patient?_has:Group:member:_id=group-1', finds: ['pat-anna', 'pat-devi'] },
  {
    search: 'Observation?patient._has:Group:member:_id=group-1',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept', 'obs-g', 'obs-bp-low'],
  },
  {
    search: 'Patient?_has:Observation:patient:_has:Provenance:target:agent=Practitioner/prac-rao',
    finds: ['pat-anna', 'pat-devi'],
    tree: '(has Observation patient (has Provenance target (reference agent Practitioner/prac-rao)))',
  },
  {
    search: 'Patient?_has:Observation:patient:performer:Practitioner.name=rao',
    finds: ['pat-anna'],
    tree: '(has Observation patient (chain performer Practitioner (string name starts "rao")))',
  },
  { search: 'Observation?_has:DiagnosticReport:result:status=final', finds: ['obs-mg', 'obs-bp'] },
  { search: 'Observation?_has:DiagnosticReport:result:status=final&value-quantity:missing=true', finds: ['obs-bp'] },
  { search: 'Practitioner?_has:Patient:general-practitioner:gender=female', finds: ['prac-rao'] },
  { search: 'Organization?_has:Patient:organization:family=oldname', finds: [] },
  { search: 'Organization?_has:Patient:organization:family=newname', finds: ['org-lab'] },
  { search: 'Organization?_has:Organization:partof:_has:Organization:partof:name=hopital', finds: ['org-clinic'] },
];

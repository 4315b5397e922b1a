/** https://hl7.org/fhir/R4/search.html#token */
import type { SearchCase } from './types.ts';

const MRN = 'http://hospital.example/mrn';

export const TOKEN_CASES: readonly SearchCase[] = [
  { search: `Patient?identifier=${MRN}|0001`, finds: ['pat-anna'], tree: `(token identifier ${MRN}|0001)` },
  { search: 'Patient?identifier=0001', finds: ['pat-anna', 'pat-jose'], tree: '(token identifier 0001)' },
  { search: `Patient?identifier=${MRN}|`, finds: ['pat-anna', 'pat-devi', 'pat-new', 'pat-regex'], tree: `(token identifier ${MRN}|)` },
  { search: 'Patient?identifier=|no-system', finds: ['pat-anna'], tree: '(token identifier |no-system)' },
  { search: 'Patient?identifier=|0001', finds: [] },
  { search: 'Patient?identifier=no-system', finds: ['pat-anna'] },
  { search: `Patient?identifier=${MRN}|no-system`, finds: [] },
  { search: `Patient?identifier=${MRN}|000`, finds: [] },
  { search: `Patient?identifier=${MRN}|0001,${MRN}|0002`, finds: ['pat-anna', 'pat-devi'] },
  { search: `Patient?identifier=${MRN}|0001&identifier=no-system`, finds: ['pat-anna'] },
  { search: `Patient?identifier=${MRN}|old`, finds: [] },
  { search: 'Patient?identifier=abc', finds: [] },
  { search: 'Patient?identifier=a.c', finds: ['pat-regex'] },
  { search: 'Organization?identifier=LAB\\$1\\|x\\,y', finds: ['org-lab'], tree: '(token identifier LAB$1|x,y)' },
  { search: 'Organization?identifier=|LAB\\$1\\|x\\,y', finds: ['org-lab'] },
  { search: 'Organization?identifier=urn:oid:1.2.3|C-1', finds: ['org-clinic'] },
  { search: 'Patient?gender=female', finds: ['pat-anna', 'pat-devi'] },
  { search: 'Patient?gender=male', finds: ['pat-jose'] },
  { search: 'Patient?gender=male,other', finds: ['pat-jose', 'pat-peter'] },
  { search: 'Patient?active=true', finds: ['pat-anna'] },
  { search: 'Patient?active=false', finds: ['pat-jose'] },
  { search: 'Patient?deceased=true', finds: ['pat-jose'] },
  { search: 'Patient?telecom=anna@example.org', finds: ['pat-anna'] },
  { search: 'Patient?email=anna@example.org', finds: ['pat-anna'] },
  { search: 'Observation?code=2339-0', finds: ['obs-mg', 'obs-g', 'obs-unit'] },
  { search: 'Observation?code=http://loinc.org|29463-7', finds: ['obs-kg', 'obs-grams'] },
  { search: 'Observation?code=http://loinc.org|27113001', finds: [] },
  { search: 'Observation?code=http://snomed.info/sct|27113001', finds: ['obs-kg'] },
  { search: 'Observation?code=http://loinc.org|29463-7&code=http://snomed.info/sct|27113001', finds: ['obs-kg'] },
  { search: 'Observation?status=final&code=http://loinc.org|', finds: ['obs-mg', 'obs-g', 'obs-kg', 'obs-bp', 'obs-bp-low'] },
  { search: 'Observation?component-code=http://loinc.org|8480-6', finds: ['obs-bp', 'obs-bp-low'] },
  { search: 'Observation?value-concept=http://snomed.info/sct|10828004', finds: ['obs-concept'] },
  { search: 'Encounter?class=AMB', finds: ['enc-open', 'enc-day'] },
  { search: 'Encounter?class=|IMP', finds: ['enc-end'] },
  { search: 'Encounter?class=IMP', finds: ['enc-long', 'enc-end'] },
  { search: 'Encounter?status=finished&class=IMP', finds: ['enc-long', 'enc-end'] },
];

export const TOKEN_MODIFIER_CASES: readonly SearchCase[] = [
  {
    search: 'Patient?gender:not=female',
    finds: ['pat-jose', 'pat-peter', 'pat-regex', 'pat.dotted-1', 'pat-new'],
    tree: '(not (token gender female))',
  },
  { search: 'Patient?gender:not=female,male', finds: ['pat-peter', 'pat-regex', 'pat.dotted-1', 'pat-new'] },
  { search: 'Patient?gender:not=female&gender:not=male', finds: ['pat-peter', 'pat-regex', 'pat.dotted-1', 'pat-new'] },
  { search: `Patient?identifier:not=${MRN}|0001&gender=female`, finds: ['pat-devi'] },
  {
    search: 'Observation?code:not=http://loinc.org|29463-7,http://loinc.org|2339-0',
    finds: ['obs-bp', 'obs-bp-low', 'obs-concept', 'obs-string'],
  },
  { search: 'Observation?code:text=body', finds: ['obs-kg'], tree: '(string code:text starts "body")' },
  { search: 'Observation?code:text=WEIGHT of', finds: ['obs-kg'] },
  { search: 'Observation?code:text=dosha', finds: ['obs-concept'] },
  { search: 'Observation?value-concept:text=positive', finds: ['obs-concept'] },
  { search: 'Patient?identifier:text=medical', finds: ['pat-anna', 'pat-jose'] },
  {
    search: 'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|0001',
    finds: ['pat-anna', 'pat-jose'],
    tree: '(token identifier:of-type http://terminology.hl7.org/CodeSystem/v2-0203|MR|0001)',
  },
  { search: 'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|no-system', finds: [] },
  { search: 'Patient?identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|SS|0001', finds: [] },
];

/** https://hl7.org/fhir/R4/search.html#modifiers */
export const MISSING_CASES: readonly SearchCase[] = [
  { search: 'Patient?gender:missing=true', finds: ['pat-regex', 'pat.dotted-1'], tree: '(not (present gender token))' },
  { search: 'Patient?gender:missing=false', finds: ['pat-anna', 'pat-devi', 'pat-jose', 'pat-peter', 'pat-new'] },
  { search: 'Patient?birthdate:missing=true', finds: ['pat-regex'] },
  { search: 'Patient?family:missing=true', finds: [] },
  { search: 'Patient?address-city:missing=false', finds: ['pat-anna'], tree: '(present address-city string)' },
  { search: 'Patient?general-practitioner:missing=true', finds: ['pat-jose', 'pat-regex', 'pat.dotted-1', 'pat-new'] },
  { search: 'Patient?general-practitioner:missing=true&organization:missing=true', finds: ['pat-regex', 'pat.dotted-1'] },
  { search: 'Observation?value-quantity:missing=false', finds: ['obs-mg', 'obs-g', 'obs-unit', 'obs-kg', 'obs-grams'] },
  { search: 'Observation?date:missing=true', finds: ['obs-concept'] },
  { search: 'Observation?component-code-value-quantity:missing=false', finds: ['obs-bp', 'obs-bp-low'] },
  { search: 'ValueSet?url:missing=true', finds: [] },
  { search: 'RiskAssessment?probability:missing=false', finds: ['risk-75', 'risk-80', 'risk-801', 'risk-85', 'risk-100'] },
  { search: 'Organization?_id:missing=false', finds: ['org-clinic', 'org-lab', 'org-hospital'], tree: 'all' },
  { search: 'Organization?_lastUpdated:missing=true', finds: [], tree: 'none' },
];

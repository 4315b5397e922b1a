/** Parameters of all resources, searches over several types, and sorting. */
import type { SearchCase } from './types.ts';

export const COMMON_CASES: readonly SearchCase[] = [
  { search: 'Patient?_id=pat-anna', finds: ['pat-anna'], tree: '(id pat-anna)' },
  { search: 'Patient?_id=pat-anna,pat-devi,absent', finds: ['pat-anna', 'pat-devi'] },
  { search: 'Patient?_id=pat.dotted-1', finds: ['pat.dotted-1'] },
  { search: 'Patient?_id=pat-dotted-1', finds: [] },
  { search: 'Patient?_id=patxdotted-1', finds: [] },
  { search: 'Patient?_id=PAT-ANNA', finds: [] },
  { search: 'Patient?_id=pat-gone', finds: [] },
  { search: 'Patient?_id=obs-mg', finds: [] },
  { search: 'Patient?_id=pat-anna&gender=male', finds: [] },
  { search: 'Patient?_id=pat-anna,pat-devi&_id=pat-devi,pat-jose', finds: ['pat-devi'] },
  { search: 'Patient?_id:not=pat-anna&gender=female', finds: ['pat-devi'] },
  { search: 'Patient?_tag=http://example.org/tags|vip', finds: ['pat.dotted-1'] },
  { search: 'Patient?_tag=|loose', finds: ['pat.dotted-1'] },
  { search: 'Patient?_tag=|vip', finds: [] },
  { search: 'Patient?_tag:not=vip&gender=female', finds: ['pat-anna', 'pat-devi'] },
  { search: 'Patient?_security=R', finds: ['pat.dotted-1'] },
  { search: 'Patient?_profile=http://example.org/profiles/a/b', finds: ['pat.dotted-1'] },
  { search: 'Patient?_profile:below=http://example.org/profiles/a', finds: ['pat.dotted-1'] },
  { search: 'Patient?_profile=http://example.org/profiles/a', finds: [] },
  { search: 'Patient?_source=http://example.org/feeds/1%2342', finds: ['pat.dotted-1'] },
  { search: 'Patient?', finds: ['pat-anna', 'pat-devi', 'pat-jose', 'pat-peter', 'pat-regex', 'pat.dotted-1', 'pat-new'], tree: 'all' },
  { search: 'Claim?', finds: [] },
  { search: 'Organization?_format=json&_pretty=true&_summary=true', finds: ['org-clinic', 'org-lab', 'org-hospital'] },
  { search: 'Organization?_contained=false&_containedType=container', finds: ['org-clinic', 'org-lab', 'org-hospital'] },
];

export const SYSTEM_CASES: readonly SearchCase[] = [
  { search: '?_type=Patient,Organization&_id=pat-anna,org-lab,obs-mg', finds: ['pat-anna', 'org-lab'] },
  { search: '?_id=pat-anna,obs-mg', finds: ['pat-anna', 'obs-mg'] },
  { search: '?_tag=vip', finds: ['pat.dotted-1'] },
  { search: '?_type=Patient,Practitioner&gender=female', finds: ['pat-anna', 'pat-devi', 'prac-ohara'] },
  { search: '?_type=Observation,Encounter&patient=pat-devi', finds: ['obs-g', 'obs-bp-low', 'enc-day'] },
  { search: '?_type=Observation,Encounter&patient.name=देवी', finds: ['obs-g', 'obs-bp-low', 'enc-day'] },
  { search: '?_type=Patient,Group&_has:Observation:subject:code=2339-0', finds: ['pat-anna', 'pat-devi', 'pat-jose'] },
  { search: '?_type=Patient,Practitioner&gender=female&_sort=name', finds: ['pat-anna', 'prac-ohara', 'pat-devi'] },
  { search: '?_lastUpdated=gt2024-01-31', finds: ['basic-late'] },
];

/** Resources without a value come last either way; ties keep the order of creation. */
export const SORT_CASES: readonly SearchCase[] = [
  { search: 'Patient?_sort=birthdate', finds: ['pat-jose', 'pat-devi', 'pat-anna', 'pat-peter', 'pat.dotted-1', 'pat-new', 'pat-regex'] },
  { search: 'Patient?_sort=-birthdate', finds: ['pat-new', 'pat.dotted-1', 'pat-devi', 'pat-peter', 'pat-anna', 'pat-jose', 'pat-regex'] },
  { search: 'Patient?_sort=family', finds: ['pat-regex', 'pat-jose', 'pat-anna', 'pat-new', 'pat.dotted-1', 'pat-peter', 'pat-devi'] },
  { search: 'Patient?_sort=-family', finds: ['pat-devi', 'pat-peter', 'pat.dotted-1', 'pat-new', 'pat-anna', 'pat-jose', 'pat-regex'] },
  {
    search: 'Patient?_sort=gender,-birthdate',
    finds: ['pat-devi', 'pat-anna', 'pat-jose', 'pat-peter', 'pat-new', 'pat.dotted-1', 'pat-regex'],
  },
  {
    search: 'Patient?_sort=-gender,birthdate',
    finds: ['pat-new', 'pat-peter', 'pat-jose', 'pat-devi', 'pat-anna', 'pat.dotted-1', 'pat-regex'],
  },
  { search: 'Patient?_sort=_id', finds: ['pat-anna', 'pat-devi', 'pat-jose', 'pat-new', 'pat-peter', 'pat-regex', 'pat.dotted-1'] },
  { search: 'Patient?_sort=-_id', finds: ['pat.dotted-1', 'pat-regex', 'pat-peter', 'pat-new', 'pat-jose', 'pat-devi', 'pat-anna'] },
  { search: 'Basic?_sort=-_lastUpdated', finds: ['basic-late', 'basic-early'] },
  { search: 'Basic?_sort=_lastUpdated', finds: ['basic-early', 'basic-late'] },
  {
    search: 'Observation?code=http://loinc.org|&_sort=-date',
    finds: ['obs-kg', 'obs-unit', 'obs-g', 'obs-mg', 'obs-grams', 'obs-bp-low', 'obs-bp'],
  },
  { search: 'Observation?patient=pat-anna&_sort=date', finds: ['obs-bp', 'obs-mg', 'obs-grams', 'obs-concept'] },
  { search: 'Observation?patient=pat-anna&_sort=-date', finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'] },
  { search: 'Observation?patient.gender=female&value-quantity:missing=false&_sort=date', finds: ['obs-mg', 'obs-grams', 'obs-g'] },
  { search: 'RiskAssessment?_sort=-probability', finds: ['risk-100', 'risk-85', 'risk-801', 'risk-80', 'risk-75'] },
  { search: 'ValueSet?_sort=-url', finds: ['vs-urn', 'vs-ab', 'vs-a-b', 'vs-a'] },
  { search: 'Encounter?_sort=date', finds: ['enc-end', 'enc-long', 'enc-day', 'enc-open', 'enc-none'] },
  { search: 'Encounter?_sort=-date', finds: ['enc-open', 'enc-long', 'enc-day', 'enc-end', 'enc-none'] },
  {
    search: 'RiskAssessment?patient=pat-anna&_sort=patient,-probability',
    finds: ['risk-100', 'risk-85', 'risk-801', 'risk-80', 'risk-75'],
  },
];

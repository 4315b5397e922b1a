/** https://hl7.org/fhir/R4/search.html#include */
import type { SearchCase } from './types.ts';

export interface IncludeCase extends SearchCase {
  /** Ids of what comes along, as a set. */
  readonly includes: readonly string[];
}

export const INCLUDE_CASES: readonly IncludeCase[] = [
  {
    search: 'Observation?code=2339-0&_include=Observation:subject',
    finds: ['obs-mg', 'obs-g', 'obs-unit'],
    includes: ['pat-anna', 'pat-devi', 'pat-jose'],
  },
  { search: 'Observation?_id=obs-mg&_include=Observation:patient', finds: ['obs-mg'], includes: ['pat-anna'] },
  { search: 'Observation?_id=obs-mg&_include=Observation:subject:Group', finds: ['obs-mg'], includes: [] },
  { search: 'Observation?_id=obs-mg,obs-g&_include=Observation:performer:Organization', finds: ['obs-mg', 'obs-g'], includes: ['org-lab'] },
  { search: 'Observation?_id=obs-mg&_include=Observation:*', finds: ['obs-mg'], includes: ['pat-anna', 'enc-open', 'prac-rao'] },
  { search: 'Observation?_id=obs-mg&_include=*', finds: ['obs-mg'], includes: ['pat-anna', 'enc-open', 'prac-rao'] },
  { search: 'Observation?_id=obs-mg&_include=Patient:organization', finds: ['obs-mg'], includes: [] },
  {
    search: 'Observation?_id=obs-mg&_include=Observation:subject&_include=Patient:organization',
    finds: ['obs-mg'],
    includes: ['pat-anna'],
  },
  {
    search: 'Observation?_id=obs-mg&_include=Observation:subject&_include:iterate=Patient:organization',
    finds: ['obs-mg'],
    includes: ['pat-anna', 'org-clinic'],
  },
  {
    search: 'Patient?_id=pat-devi&_include=Patient:organization&_include:iterate=Organization:partof',
    finds: ['pat-devi'],
    includes: ['org-hospital', 'org-lab', 'org-clinic'],
  },
  {
    search: 'Patient?_id=pat-devi&_include=Patient:organization&_include:recurse=Organization:partof',
    finds: ['pat-devi'],
    includes: ['org-hospital', 'org-lab', 'org-clinic'],
  },
  { search: 'Patient?_id=pat-devi&_include:iterate=*', finds: ['pat-devi'], includes: ['org-hospital', 'org-lab', 'org-clinic'] },
  // What is a match already doesn't come again.
  {
    search: 'Observation?_id=obs-concept,obs-mg&_include=Observation:has-member',
    finds: ['obs-concept', 'obs-mg'],
    includes: ['obs-string'],
  },
  { search: 'Encounter?_id=enc-day&_include=Encounter:subject', finds: ['enc-day'], includes: ['pat-devi'] },
  { search: 'Encounter?_id=enc-end,enc-none&_include=Encounter:subject', finds: ['enc-end', 'enc-none'], includes: [] },
  { search: 'DocumentReference?_include=DocumentReference:relatesto', finds: ['doc-1'], includes: [] },
  { search: 'Patient?_id=pat-jose&_revinclude=Observation:subject', finds: ['pat-jose'], includes: ['obs-unit'] },
  {
    search: 'Patient?_id=pat-jose&_revinclude=Observation:subject&_revinclude=Encounter:patient',
    finds: ['pat-jose'],
    includes: ['obs-unit', 'enc-long'],
  },
  { search: 'Patient?_id=pat-jose&_revinclude=*', finds: ['pat-jose'], includes: ['obs-unit', 'enc-long'] },
  { search: 'Patient?_id=pat-devi&_revinclude=Observation:*', finds: ['pat-devi'], includes: ['obs-g', 'obs-bp-low'] },
  { search: 'Observation?_id=obs-g&_revinclude=Provenance:target', finds: ['obs-g'], includes: ['prov-1'] },
  {
    search: 'Patient?_id=pat-devi&_revinclude=Observation:patient&_revinclude:iterate=Provenance:target',
    finds: ['pat-devi'],
    includes: ['obs-g', 'obs-bp-low', 'prov-1'],
  },
  {
    search: 'Patient?_id=pat-jose&_revinclude=Observation:subject&_include=Patient:organization',
    finds: ['pat-jose'],
    includes: ['obs-unit', 'org-lab'],
  },
  { search: 'Patient?_id=absent&_include=*&_revinclude=*', finds: [], includes: [] },
];

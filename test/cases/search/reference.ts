/** https://hl7.org/fhir/R4/search.html#reference */
import type { SearchCase } from './types.ts';

export const REFERENCE_CASES: readonly SearchCase[] = [
  {
    search: 'Observation?subject=Patient/pat-anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(reference subject Patient/pat-anna)',
  },
  {
    search: 'Observation?subject=pat-anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(reference subject */pat-anna)',
  },
  {
    search: 'Observation?patient=pat-anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(reference patient Patient/pat-anna)',
  },
  {
    search: 'Observation?subject:Patient=pat-anna',
    finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'],
    tree: '(reference subject Patient/pat-anna)',
  },
  { search: 'Observation?subject:Patient=Patient/pat-devi', finds: ['obs-g', 'obs-bp-low'] },
  { search: 'Observation?subject:Group=pat-anna', finds: [] },
  { search: 'Observation?subject=Group/pat-anna', finds: [] },
  {
    search: 'Observation?subject=https://nadi.test/fhir/R4/Patient/pat-jose',
    finds: ['obs-unit'],
    tree: '(reference subject Patient/pat-jose)',
  },
  { search: 'Observation?subject=Patient/pat-jose,Patient/pat-peter', finds: ['obs-unit', 'obs-kg'] },
  { search: 'Observation?subject=pat-jose,pat-peter', finds: ['obs-unit', 'obs-kg'] },
  { search: 'Observation?subject=Patient/pat', finds: [] },
  { search: 'Observation?performer=Practitioner/prac-rao', finds: ['obs-mg'] },
  { search: 'Observation?performer=org-lab', finds: ['obs-g'] },
  { search: 'Observation?has-member=Observation/obs-mg', finds: ['obs-concept'] },
  { search: 'Encounter?subject=Patient/pat-anna', finds: ['enc-open'] },
  { search: 'Encounter?subject=pat-anna', finds: ['enc-open'] },
  { search: 'Encounter?subject=Patient/pat-devi', finds: ['enc-day'] },
  {
    search: 'Encounter?subject=http://elsewhere.example/fhir/Patient/pat-anna',
    finds: ['enc-end'],
    tree: '(reference subject <http://elsewhere.example/fhir/Patient/pat-anna>)',
  },
  { search: 'Encounter?subject=http://elsewhere.example/fhir/Patient', finds: [] },
  { search: 'Patient?general-practitioner=Organization/org-clinic', finds: ['pat-peter'] },
  { search: 'Patient?general-practitioner:Practitioner=prac-ohara', finds: ['pat-peter'] },
  { search: 'Patient?organization=org-clinic', finds: ['pat-anna', 'pat-peter'] },
  { search: 'Patient?organization=org-lab', finds: ['pat-jose', 'pat-new'] },
  {
    search: 'Encounter?subject:identifier=http://hospital.example/mrn|0001',
    finds: ['enc-none'],
    tree: '(token subject:identifier http://hospital.example/mrn|0001)',
  },
  { search: 'Encounter?subject:identifier=0001', finds: ['enc-none'] },
  { search: 'Encounter?subject:identifier=0002', finds: [] },
  { search: 'QuestionnaireResponse?questionnaire=http://example.org/Questionnaire/intake|2.0', finds: ['answers-1'] },
  { search: 'QuestionnaireResponse?questionnaire=http://example.org/Questionnaire/intake', finds: ['answers-1'] },
  { search: 'QuestionnaireResponse?questionnaire=http://example.org/Questionnaire/intake|1.0', finds: [] },
  { search: 'Organization?partof=org-clinic', finds: ['org-lab'] },
];

/** https://hl7.org/fhir/R4/search.html#uri */
export const URI_CASES: readonly SearchCase[] = [
  {
    search: 'ValueSet?url=http://example.org/fhir/ValueSet/a',
    finds: ['vs-a'],
    tree: '(uri url exact http://example.org/fhir/ValueSet/a)',
  },
  { search: 'ValueSet?url=http://example.org/fhir/ValueSet', finds: [] },
  { search: 'ValueSet?url=http://example.org/fhir/ValueSet/A', finds: [] },
  { search: 'ValueSet?url:below=http://example.org/fhir/ValueSet/a', finds: ['vs-a', 'vs-a-b'] },
  {
    search: 'ValueSet?url:below=http://example.org/fhir/ValueSet/',
    finds: ['vs-a', 'vs-a-b', 'vs-ab'],
    tree: '(uri url below http://example.org/fhir/ValueSet)',
  },
  { search: 'ValueSet?url:above=http://example.org/fhir/ValueSet/a/b/c', finds: ['vs-a', 'vs-a-b'] },
  { search: 'ValueSet?url:above=http://example.org/fhir/ValueSet/a', finds: ['vs-a'] },
  { search: 'ValueSet?url=urn:oid:2.16.840.1', finds: ['vs-urn'] },
  { search: 'ValueSet?url=urn:oid:2.16.840.1,http://example.org/fhir/ValueSet/ab', finds: ['vs-urn', 'vs-ab'] },
];

/** Codes that tell resource groups apart, as search criteria name them. */
import { CANONICAL_BASE } from '../../fhir/model/canonical.ts';

/** What kind of record of ours a resource is: a category of CarePlan, Procedure and Observation. */
const CARE_CATEGORY = `${CANONICAL_BASE}/CodeSystem/care-category`;
/** A result that the patient may see carries the tag `released` of this system. */
export const RELEASE = `${CANONICAL_BASE}/CodeSystem/release`;
/** The roles of a clinic, as Consent names them. */
export const ROLE_SYSTEM = `${CANONICAL_BASE}/CodeSystem/role`;

const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const DIAGNOSTIC_SECTION = 'http://terminology.hl7.org/CodeSystem/v2-0074';
const SNOMED = 'http://snomed.info/sct';
export const ALERT = 'http://terminology.hl7.org/CodeSystem/communication-category|alert';

const anyOf = (system: string, codes: string): string =>
  `category=${codes
    .split(' ')
    .map((code) => `${system}|${code}`)
    .join(',')}`;

export const VITAL_SIGNS = anyOf(OBSERVATION_CATEGORY, 'vital-signs');
export const LIFESTYLE = anyOf(OBSERVATION_CATEGORY, 'social-history');
export const LABORATORY = anyOf(OBSERVATION_CATEGORY, 'laboratory');
export const IMAGING = anyOf(OBSERVATION_CATEGORY, 'imaging');
/** HL7 table 0074: sections that are laboratories, and those that make images. */
export const LABORATORY_REPORT = anyOf(DIAGNOSTIC_SECTION, 'LAB BLB CG CH CP GE HM IMM MB MCB MYC OSL PAR PAT PHR SP SR TX VR');
export const IMAGING_REPORT = anyOf(DIAGNOSTIC_SECTION, 'IMG RAD RX CT CUS NMR NMS OUS RUS VUS XRC');
/** Laboratory procedure, imaging. */
export const LABORATORY_ORDER = anyOf(SNOMED, '108252007');
export const THERAPY = anyOf(CARE_CATEGORY, 'therapy');
export const ASSESSMENT = anyOf(CARE_CATEGORY, 'ayurvedic-assessment');

/** Results wait for their release; other records don't. */
export const RESULTS: Readonly<Record<string, string>> = {
  Observation: anyOf(OBSERVATION_CATEGORY, 'laboratory imaging'),
  DiagnosticReport: '',
};
export const RELEASED_STATUS = 'status=final,amended,corrected';

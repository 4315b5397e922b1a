import { describe, expect, it } from '@jest/globals';
import type { AccessFilter } from '../../../src/fhir/model/principal.ts';
import type { Node } from '../../../src/fhir/search/ast.ts';
import { includedIds, matchIds, type Search } from './context.ts';

type Rules = Readonly<Record<string, Node | 'all' | 'none'>>;

/** A type that no rule names is denied, as in the real thing. */
const accessOf = (rules: Rules): AccessFilter<Node> => ({
  restrict: (type) => rules[type] ?? 'none',
  visibleOf: () => undefined,
  isBreakGlass: () => false,
});

/** Patients of one organization; every practitioner hidden. */
const OWN_PATIENTS: Rules = {
  Patient: { op: 'reference', param: 'organization', type: 'Organization', id: 'org-clinic' },
  Observation: 'all',
  Encounter: 'all',
  Organization: 'all',
  Group: 'all',
};
const FINAL_ONLY: Rules = { Patient: 'all', Observation: { op: 'token', param: 'status', code: 'final' }, DiagnosticReport: 'all' };
/** The rule itself looks at another resource. */
const BY_CHAIN: Rules = {
  Patient: 'none',
  Observation: { op: 'chain', param: 'patient', type: 'Patient', where: { op: 'string', param: 'name', match: 'starts', value: 'anna' } },
};

const CASES: readonly {
  readonly rules: Rules;
  readonly search: string;
  readonly finds: readonly string[];
  readonly includes?: readonly string[];
}[] = [
  { rules: OWN_PATIENTS, search: 'Patient?', finds: ['pat-anna', 'pat-peter'] },
  { rules: OWN_PATIENTS, search: 'Patient?_id=pat-devi', finds: [] },
  { rules: OWN_PATIENTS, search: 'Patient?gender:not=male', finds: ['pat-anna', 'pat-peter'] },
  { rules: OWN_PATIENTS, search: 'Practitioner?', finds: [] },
  { rules: OWN_PATIENTS, search: 'Claim?', finds: [] },
  { rules: OWN_PATIENTS, search: 'Observation?patient.gender=female', finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept'] },
  { rules: OWN_PATIENTS, search: 'Observation?patient.gender:not=male', finds: ['obs-mg', 'obs-grams', 'obs-bp', 'obs-concept', 'obs-kg'] },
  { rules: OWN_PATIENTS, search: 'Observation?performer.name=rao', finds: [] },
  { rules: OWN_PATIENTS, search: 'Group?member:Patient.gender=female&member:Patient._id=pat-devi', finds: [] },
  { rules: OWN_PATIENTS, search: 'Organization?_has:Patient:organization:gender=male', finds: [] },
  { rules: OWN_PATIENTS, search: 'Patient?_has:Provenance:target:agent=prac-rao', finds: [] },
  {
    rules: OWN_PATIENTS,
    search: '?_type=Patient,Organization,Practitioner&_id=pat-anna,pat-devi,org-lab,prac-rao',
    finds: ['pat-anna', 'org-lab'],
  },
  { rules: OWN_PATIENTS, search: '?_id=pat-anna,pat-devi,org-lab,prac-rao,prov-1', finds: ['pat-anna', 'org-lab'] },
  {
    rules: OWN_PATIENTS,
    search: 'Observation?_id=obs-mg,obs-g&_include=Observation:*',
    finds: ['obs-mg', 'obs-g'],
    includes: ['pat-anna', 'enc-open', 'org-lab'],
  },
  {
    rules: OWN_PATIENTS,
    search: 'Observation?_id=obs-g&_include=Observation:subject&_include:iterate=Patient:organization',
    finds: ['obs-g'],
    includes: [],
  },
  {
    rules: OWN_PATIENTS,
    search: 'Organization?_id=org-hospital,org-clinic&_revinclude=Patient:organization',
    finds: ['org-hospital', 'org-clinic'],
    includes: ['pat-anna', 'pat-peter'],
  },
  {
    rules: OWN_PATIENTS,
    search: 'Organization?_id=org-hospital,org-clinic&_revinclude=*',
    finds: ['org-hospital', 'org-clinic'],
    includes: ['pat-anna', 'pat-peter', 'enc-open', 'org-lab'],
  },
  { rules: FINAL_ONLY, search: 'Patient?_has:Observation:patient:code=2339-0', finds: ['pat-anna', 'pat-devi'] },
  { rules: FINAL_ONLY, search: 'Patient?_has:Observation:patient:status=preliminary', finds: [] },
  {
    rules: FINAL_ONLY,
    search: 'Patient?_id=pat-jose,pat-devi&_revinclude=Observation:patient',
    finds: ['pat-jose', 'pat-devi'],
    includes: ['obs-g', 'obs-bp-low'],
  },
  { rules: FINAL_ONLY, search: 'DiagnosticReport?result.status=final', finds: ['rep-1'] },
  { rules: FINAL_ONLY, search: 'Patient?_id=pat-anna&_has:Observation:patient:_has:Provenance:target:agent=prac-rao', finds: [] },
  { rules: BY_CHAIN, search: 'Observation?code=2339-0', finds: ['obs-mg'] },
  { rules: BY_CHAIN, search: 'Observation?patient.name=anna', finds: [] },
];

/** Permission holds wherever a search ranges over resources, and in the count. */
export function permissionContract(search: Search): void {
  describe('permission', () => {
    it.each(CASES)('$search', async ({ rules, search: text, finds, includes = [] }) => {
      const access = accessOf(rules);
      const result = await search(`${text}&_total=accurate`, { access });
      expect(matchIds(result).toSorted()).toEqual(finds.toSorted());
      expect(includedIds(result).toSorted()).toEqual(includes.toSorted());
      expect(result.total).toBe(finds.length);
      expect((await search(`${text}&_count=0`, { access })).total).toBe(finds.length);
    });
  });
}

/** Row rules of the table of roles as search trees. */
import type { Definitions } from '../../fhir/model/definitions.ts';
import type { Principal } from '../../fhir/model/principal.ts';
import { ALL, and, not, NONE, or, type Node } from '../../fhir/search/ast.ts';
import { compartmentNode } from '../../fhir/search/compartment.ts';
import { RELEASE, RELEASED_STATUS, RESULTS } from '../roles/codes.ts';
import { ABOUT_PATIENT, AUTHOR, TREATING, type Treating } from '../roles/rows.ts';
import type { RowRule } from '../roles/table.ts';
import { criteriaNode, type CriteriaDeps } from './criteria.ts';

/** The resources of `type` that the rule lets the principal reach; NONE where the type can't tell. */
export const rowNode = (deps: CriteriaDeps, rule: RowRule, principal: Principal, type: string): Node => RULES[rule](deps, principal, type);

type RuleNode = (deps: CriteriaDeps, principal: Principal, type: string) => Node;

const RELEASED: Node = { op: 'token', param: '_tag', system: RELEASE, code: 'released' };

const RULES: Readonly<Record<RowRule, RuleNode>> = {
  own: (deps, { patient }, type) => (patient === undefined ? NONE : patientNode(deps.definitions, patient, type)),
  author: (_deps, { subject }, type) => or(...(AUTHOR[type] ?? []).map((param) => refersTo(param, subject))),
  treated: (deps, principal, type) => treatedNode(deps.definitions, principal.subject, type),
  released: () => RELEASED,
  'released-results': releasedResults,
};

/** The patient's compartment, without patients linked to this one: a link is a claim that somebody made. */
export const patientNode = (definitions: Definitions, patient: string, type: string): Node =>
  type === 'Patient' ? { op: 'id', ids: [patient] } : compartmentNode(definitions, 'Patient', patient, type);

function releasedResults(deps: CriteriaDeps, { clinic }: Principal, type: string): Node {
  const criteria = RESULTS[type];
  if (criteria === undefined) return ALL;
  const done = and(RELEASED, criteriaNode(deps, clinic, type, RELEASED_STATUS) ?? NONE);
  const isResult = criteria === '' ? ALL : (criteriaNode(deps, clinic, type, criteria) ?? ALL);
  return or(not(isResult), done);
}

/** Of patients who have the person for general practitioner, or met them as `TREATING` says. */
function treatedNode(definitions: Definitions, subject: string, type: string): Node {
  const patients = or(refersTo('general-practitioner', subject), ...TREATING.map((t) => treats(t, subject)));
  if (type === 'Patient') return patients;
  const about = ABOUT_PATIENT.find((param) => definitions.compartments['Patient']?.[type]?.includes(param));
  return about === undefined ? NONE : { op: 'chain', param: about, type: 'Patient', where: patients };
}

const treats = ({ type, patient, by, except }: Treating, subject: string): Node => ({
  op: 'has',
  type,
  param: patient,
  where: and(refersTo(by, subject), not(or(...except.map((code): Node => ({ op: 'token', param: 'status', code }))))),
});

/** NONE for a subject that isn't a resource. */
function refersTo(param: string, subject: string): Node {
  const [type, id, ...more] = subject.split('/');
  return type && id && more.length === 0 ? { op: 'reference', param, type, id } : NONE;
}

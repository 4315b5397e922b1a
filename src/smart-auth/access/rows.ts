/** Row rules of the table of roles as search trees. */
import type { Definitions } from '../../fhir/model/definitions.ts';
import type { Action, Principal } from '../../fhir/model/principal.ts';
import { ALL, and, not, NONE, or, type Node } from '../../fhir/search/ast.ts';
import { membershipCodes } from '../../fhir/search/compartment.ts';
import { RELEASE, RELEASED_STATUS, RESULTS } from '../roles/codes.ts';
import { ABOUT_PATIENT, ABOUT_SEVERAL, AUTHOR, TREATING, WROTE_OR_GOT, type Treating } from '../roles/rows.ts';
import type { RowRule } from '../roles/table.ts';
import { criteriaNode, type CriteriaDeps } from './criteria.ts';

/** The resources of `type` that the rule lets the principal reach; NONE where the type can't tell. */
export const rowNode = (deps: CriteriaDeps, rule: RowRule, principal: Principal, asked: AskedOf): Node =>
  RULES[rule](deps, principal, asked);

export interface AskedOf {
  readonly type: string;
  readonly action: Action;
}

type RuleNode = (deps: CriteriaDeps, principal: Principal, asked: AskedOf) => Node;

const RELEASED: Node = { op: 'token', param: '_tag', system: RELEASE, code: 'released' };

const RULES: Readonly<Record<RowRule, RuleNode>> = {
  own: (deps, { patient }, asked) => (patient === undefined ? NONE : patientNode(deps.definitions, patient, asked)),
  author: (_deps, { subject }, { type }) => or(...(AUTHOR[type] ?? []).map((param) => refersTo(param, subject))),
  treated: (deps, principal, { type }) => treatedNode(deps.definitions, principal.subject, type),
  released: () => RELEASED,
  'released-results': releasedResults,
};

/**
 * What of the patient's compartment is the patient's. Written is only what is about them: a compartment also holds what they
 * did for others, and whoever names the patient as a performer could write about anybody. Read is that, and what is about
 * nobody but which they wrote, sent or got, such as a message. Patients linked to this one aren't in it: a link is a claim
 * that somebody made.
 */
export function patientNode(definitions: Definitions, patient: string, { type, action }: AskedOf): Node {
  if (type === 'Patient') return { op: 'id', ids: [patient] };
  const codes = membershipCodes(definitions, 'Patient', type);
  const about = aboutParam(codes);
  const names = (param: string): Node => ({ op: 'reference', param, type: 'Patient', id: patient });
  if (isWriting(action)) return about === undefined ? NONE : and(names(about), ABOUT_SEVERAL.has(type) ? notOthers(about, patient) : ALL);
  if (about === undefined) return or(...codes.map(names));
  const otherwise = or(...codes.filter((code) => WROTE_OR_GOT.includes(code)).map(names));
  return or(names(about), and(not({ op: 'present', param: about, kind: 'reference' }), otherwise));
}

const isWriting = (action: Action): boolean => action !== 'read' && action !== 'search';

const aboutParam = (codes: readonly string[]): string | undefined => ABOUT_PATIENT.find((param) => codes.includes(param));

/** About no other patient beside. */
const notOthers = (param: string, patient: string): Node =>
  not({ op: 'chain', param, type: 'Patient', where: not({ op: 'id', ids: [patient] }) });

function releasedResults(deps: CriteriaDeps, { clinic }: Principal, { type }: AskedOf): Node {
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
  const about = aboutParam(membershipCodes(definitions, 'Patient', type));
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

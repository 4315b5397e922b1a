/** What the scopes of a token reach of a type, whatever the role. */
import type { Action, Principal } from '../../fhir/model/principal.ts';
import { ALL, and, not, NONE, or, type Node } from '../../fhir/search/ast.ts';
import { areRestricted, labelledNode } from '../labels/restricted.ts';
import type { Column } from '../roles/columns.ts';
import { GROUPS, groupsOf } from '../roles/groups.ts';
import { isResourceScope, type Level, type ResourceScope, type Scope } from '../scopes/scope.ts';
import { criteriaNode, type CriteriaDeps } from './criteria.ts';
import { patientNode } from './rows.ts';

/** A token is a person's or a system's; scopes of the other kind count for nothing. A person without a role has none. */
function levelsOf({ role, account }: Principal): readonly Level[] {
  if (role !== undefined) return ['patient', 'user'];
  return account === undefined ? ['system'] : [];
}

export function scopeNode(deps: CriteriaDeps, principal: Principal, scopes: readonly Scope[], type: string, action: Action): Node {
  const levels = levelsOf(principal);
  const counted = scopes.filter(isResourceScope).filter((s) => levels.includes(s.level) && covers(s, type, action));
  return or(...counted.map((s) => and(reach(deps, principal, s, type, action), criteriaOf(deps, principal, s, type))));
}

const covers = (scope: ResourceScope, type: string, action: Action): boolean =>
  (scope.type === '*' || scope.type === type) && scope.actions.includes(action);

/** What records of patients refer to: clinic, staff, medicines, codes. */
const SHARED: ReadonlySet<Column> = new Set<Column>(['directory', 'definitions']);

const isShared = (type: string): boolean => groupsOf(type).some((group) => SHARED.has(GROUPS[group].column));

function reach(deps: CriteriaDeps, principal: Principal, scope: ResourceScope, type: string, action: Action): Node {
  if (scope.level === 'system') return namesLabels(scope) ? ALL : not(labelledNode(type));
  if (scope.level === 'user') return ALL;
  if (isShared(type)) return action === 'read' || action === 'search' ? ALL : NONE;
  return principal.patient === undefined ? NONE : patientNode(deps.definitions, principal.patient, { type, action });
}

/** A system reaches labelled resources only by a scope that names the labels: `system/Observation.rs?_security=…|R`. */
const namesLabels = ({ criteria }: ResourceScope): boolean =>
  criteria?.split('&').some((pair) => pair.startsWith('_security=') && areRestricted(pair.slice('_security='.length))) ?? false;

const criteriaOf = (deps: CriteriaDeps, { clinic }: Principal, { criteria }: ResourceScope, type: string): Node =>
  criteria === undefined ? ALL : (criteriaNode(deps, clinic, type, criteria) ?? NONE);

/** What the table of roles lets a principal reach: its rows and conditions, ORed over the groups that hold the type. */
import type { Action, Principal, Role, Visible } from '../../fhir/model/principal.ts';
import { ALL, and, not, NONE, or, type Node } from '../../fhir/search/ast.ts';
import { labelledNode } from '../labels/restricted.ts';
import type { Column } from '../roles/columns.ts';
import { GROUPS, groupsOf, type GroupName } from '../roles/groups.ts';
import { actionsOf } from '../roles/letters.ts';
import { EMERGENCY_COLUMNS, grantsOf, ROLE_TABLE } from '../roles/table.ts';
import { criteriaNode, type CriteriaDeps } from './criteria.ts';
import type { NodeIds } from './node-ids.ts';
import { rowNode } from './rows.ts';

/** Nothing in them is about a patient. */
const WITHOUT_LABELS: ReadonlySet<Column> = new Set<Column>(['directory', 'definitions', 'personal']);

export function roleNode(deps: RoleDeps, principal: Principal, type: string, action: Action): Node {
  const { role } = principal;
  const groups = groupsOf(type);
  if (role === undefined) return or(...groups.map((group) => systemNode(deps, principal, group, type, action)));
  if (isEmergency(principal, action) && groups.some(isOpenedInEmergency)) return ALL;
  return absorbing(
    deps.idOf,
    groups.map((group) => and(groupNode(deps, principal, group, type), granted(deps, principal, role, { group, type, action }))),
  );
}

/** Disjunction without what another branch finds anyway: `(or a (and a b))` is `a`. */
function absorbing(idOf: NodeIds, branches: readonly Node[]): Node {
  const distinct = new Map(branches.filter((node) => node.op !== 'none').map((node) => [idOf(node), node]));
  const keyed = [...distinct.values()].map((node) => ({ node, parts: new Set((node.op === 'and' ? node.of : [node]).map(idOf)) }));
  return or(...keyed.filter((b) => !keyed.some((a) => a !== b && a.parts.isSubsetOf(b.parts))).map(({ node }) => node));
}

/** An emergency widens what is read and found, never what is written. */
export const isEmergency = (principal: Principal, action: Action): boolean =>
  principal.emergency !== undefined &&
  (action === 'read' || action === 'search') &&
  principal.role !== undefined &&
  ROLE_TABLE[principal.role].emergency === true;

export const isOpenedInEmergency = (group: GroupName): boolean => EMERGENCY_COLUMNS.has(GROUPS[group].column);

export interface RoleDeps extends CriteriaDeps {
  readonly idOf: NodeIds;
  /** Conditions of groups as trees, by type and criteria: the same for everyone. */
  readonly conditions: Map<string, Node>;
}

function conditionOf(deps: RoleDeps, { clinic }: Principal, type: string, criteria: string): Node {
  const key = `${type}?${criteria}`;
  const known = deps.conditions.get(key);
  if (known) return known;
  const made = criteriaNode(deps, clinic, type, criteria) ?? NONE;
  deps.conditions.set(key, made);
  return made;
}

interface Asked {
  readonly group: GroupName;
  readonly type: string;
  readonly action: Action;
}

const granted = (deps: RoleDeps, principal: Principal, role: Role, { group, type, action }: Asked): Node =>
  or(
    ...grantsOf(role, group)
      .filter(({ letters }) => actionsOf(letters).includes(action))
      .map(({ rows }) => and(...rows.map((rule) => rowNode(deps, rule, principal, { type, action })))),
  );

/** Which resources of the type are the group's: by its condition, and by whether they are labelled. */
function groupNode(deps: RoleDeps, principal: Principal, name: GroupName, type: string): Node {
  const group = GROUPS[name];
  const criteria = group.only?.[type];
  const condition = criteria === undefined ? ALL : conditionOf(deps, principal, type, criteria);
  if (group.column === 'restricted') return and(condition, labelledNode(type));
  return WITHOUT_LABELS.has(group.column) ? condition : and(condition, not(labelledNode(type)));
}

/** A system has no role: its scopes alone count, and the most that a group allows to anyone. Labels are the scopes' matter. */
function systemNode(deps: RoleDeps, principal: Principal, name: GroupName, type: string, action: Action): Node {
  const { most, only, column } = GROUPS[name];
  if (column === 'restricted' || !actionsOf(most ?? 'cruds').includes(action)) return NONE;
  const criteria = only?.[type];
  return criteria === undefined ? ALL : conditionOf(deps, principal, type, criteria);
}

/** The elements that a role sees; undefined: all. */
export const roleVisible = (principal: Principal, type: string): Visible | undefined =>
  principal.role === undefined ? undefined : ROLE_TABLE[principal.role].visible?.[type];

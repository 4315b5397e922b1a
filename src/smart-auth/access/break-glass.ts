/** What counts as reaching beyond the everyday: by a grant of the table that says so, and by what an emergency opens. */
import { ROLES, type Action, type Principal, type Role } from '../../fhir/model/principal.ts';
import { GROUP_NAMES, groupsOf, isGroupName, type GroupName } from '../roles/groups.ts';
import { actionsOf } from '../roles/letters.ts';
import { grantsOf } from '../roles/table.ts';
import { isEmergency, isOpenedInEmergency } from './role-filter.ts';

/** Of a type, or of whatever there is. Where only some of a type is reached so, all counts. */
export const isBreakGlass = (principal: Principal, type: string | undefined, action: Action): boolean =>
  isAny(principal, action, () => (type === undefined ? GROUP_NAMES : groupsOf(type)));

/** Of a route of that group. */
export const isGroupBreakGlass = (principal: Principal, group: string, action: Action): boolean =>
  isAny(principal, action, () => (isGroupName(group) ? [group] : []));

function isAny(principal: Principal, action: Action, groupsIn: () => readonly GroupName[]): boolean {
  const { role } = principal;
  if (role === undefined) return false;
  if (isEmergency(principal, action)) return groupsIn().some(isOpenedInEmergency);
  return WATCHED.has(role) && groupsIn().some((group) => isWatched(role, group, action));
}

const isWatched = (role: Role, group: GroupName, action?: Action): boolean =>
  grantsOf(role, group).some((g) => g.audited === 'break-glass' && (action === undefined || actionsOf(g.letters).includes(action)));

/** Most roles have no such grant: for them nothing is looked up. */
const WATCHED: ReadonlySet<Role> = new Set(ROLES.filter((role) => GROUP_NAMES.some((group) => isWatched(role, group))));

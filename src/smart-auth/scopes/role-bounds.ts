/** What scopes of a person with a role can be good for. */
import type { Role } from '../../fhir/model/principal.ts';
import { GROUP_NAMES, GROUPS, groupsOf, type GroupName } from '../roles/groups.ts';
import { roleMay } from '../roles/table.ts';
import type { Bounds } from './sets.ts';

/** For `cutDown`: `system/` goes, and letters that the role has for no resource of the type. */
export const boundsOfRole = (role: Role): Bounds => ({
  allows: (type, action) => groupsNamed(type).some((group) => roleMay(role, group, action)),
  levels: new Set(['patient', 'user']),
});

const groupsNamed = (type: string): readonly GroupName[] =>
  type === '*' ? GROUP_NAMES.filter((name) => GROUPS[name].types.length > 0) : groupsOf(type);

/**
 * Resource groups: what the table of roles speaks of. A type may be in several, each with a condition; whoever may do
 * something in one of them may do it to what meets its condition. A type in none is denied.
 */
import { CLINICAL_GROUPS } from './groups/clinical.ts';
import type { GroupTable, ResourceGroup } from './groups/group.ts';
import { OFFICE_GROUPS } from './groups/office.ts';
import { SHARED_GROUPS } from './groups/shared.ts';

export type { ResourceGroup };

const TABLES = { ...CLINICAL_GROUPS, ...OFFICE_GROUPS, ...SHARED_GROUPS } as const satisfies GroupTable;

export type GroupName = keyof typeof TABLES;
export const GROUPS: Readonly<Record<GroupName, ResourceGroup>> = TABLES;
export const GROUP_NAMES = Object.keys(TABLES) as readonly GroupName[];

export const isGroupName = (name: string): name is GroupName => Object.hasOwn(GROUPS, name);

/** Types that nobody may touch, and why. */
export const DENIED_TYPES: Readonly<Record<string, string>> = {
  Parameters: 'input and output of operations, not a record',
  OperationOutcome: 'an answer, not a record',
};

/** The groups that hold a type; none for a type that is denied. */
export const groupsOf = (type: string): readonly GroupName[] => GROUPS_BY_TYPE.get(type) ?? [];

const GROUPS_BY_TYPE: ReadonlyMap<string, readonly GroupName[]> = new Map(
  [...new Set(GROUP_NAMES.flatMap((name) => GROUPS[name].types))].map((type) => [
    type,
    GROUP_NAMES.filter((name) => GROUPS[name].types.includes(type)),
  ]),
);

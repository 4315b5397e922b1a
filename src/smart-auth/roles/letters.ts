/** The five letters of SMART 2 scopes, in their order. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html */
import type { Action } from '../../fhir/model/principal.ts';

const ACTION_OF = { c: 'create', r: 'read', u: 'update', d: 'delete', s: 'search' } as const satisfies Record<string, Action>;
export type Letter = keyof typeof ACTION_OF;

export const LETTERS = Object.keys(ACTION_OF) as readonly Letter[];
export const ACTIONS: readonly Action[] = LETTERS.map((l) => ACTION_OF[l]);

/** `['read', 'search']` of `rs`. Characters that are no letter of SMART's are passed over. */
export const actionsOf = (letters: string): readonly Action[] => LETTERS.filter((l) => letters.includes(l)).map((l) => ACTION_OF[l]);

/** `rs` of `['search', 'read']`: in SMART's order. */
export const lettersOf = (actions: Iterable<Action>): string => {
  const given = new Set(actions);
  return LETTERS.filter((l) => given.has(ACTION_OF[l])).join('');
};

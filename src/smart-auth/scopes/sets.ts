/** What of several scopes is left, and whether some are within others. */
import type { Action } from '../../fhir/model/principal.ts';
import { isResourceScope, type ResourceScope, type Scope } from './scope.ts';

/** What may be kept of a scope: decided by role, or by what a client may ever be given. */
export interface Bounds {
  /** `*`: of any type. */
  allows(type: string, action: Action): boolean;
  readonly levels: ReadonlySet<ResourceScope['level']>;
}

/** For the consent page and the token's `scope`: letters that could never work are left out, and scopes without letters. */
export function cutDown(scopes: readonly Scope[], bounds: Bounds): readonly Scope[] {
  return scopes.flatMap((scope): Scope[] => {
    if (!isResourceScope(scope)) return [scope];
    if (!bounds.levels.has(scope.level)) return [];
    const actions = scope.actions.filter((a) => bounds.allows(scope.type, a));
    if (actions.length === scope.actions.length) return [scope];
    const { form: _form, ...plain } = scope;
    return actions.length === 0 ? [] : [{ ...plain, actions }];
  });
}

/** Whether nothing is asked that isn't granted: at a refresh scopes may narrow, never widen. */
export const isWithin = (asked: readonly Scope[], granted: readonly Scope[]): boolean => asked.every((scope) => isCovered(scope, granted));

/** The scopes of `asked` that `granted` covers, each whole or letter by letter. */
export function within(asked: readonly Scope[], granted: readonly Scope[]): readonly Scope[] {
  return asked.flatMap((scope): Scope[] => {
    if (isCovered(scope, granted)) return [scope];
    if (!isResourceScope(scope)) return [];
    const { form: _form, ...plain } = scope;
    const actions = scope.actions.filter((a) => isCovered({ ...plain, actions: [a] }, granted));
    return actions.length === 0 ? [] : [{ ...plain, actions }];
  });
}

function isCovered(scope: Scope, granted: readonly Scope[]): boolean {
  if (!isResourceScope(scope)) return granted.some((g) => g.kind === 'named' && g.name === scope.name);
  const wider = granted.filter(isResourceScope).filter((g) => reaches(g, scope));
  return scope.actions.every((a) => wider.some((g) => g.actions.includes(a)));
}

/** Of the same level; a patient's scope is not within a user's: it may reach a patient whom the user doesn't. */
const reaches = (wide: ResourceScope, narrow: ResourceScope): boolean =>
  wide.level === narrow.level && (wide.type === '*' || wide.type === narrow.type) && isNarrower(narrow.criteria, wide.criteria);

/** More criteria find less: each of the wider ones is among the narrower ones. */
function isNarrower(narrow: string | undefined, wide: string | undefined): boolean {
  if (wide === undefined) return true;
  const pairs = new Set(narrow?.split('&'));
  return wide.split('&').every((pair) => pairs.has(pair));
}

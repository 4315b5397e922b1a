/** Whether a caller may use a route: by the table of roles, and by the scopes of the token. */
import type { ApiMethod, ClosedRule } from '../../api/route.ts';
import type { Action, Principal } from '../../fhir/model/principal.ts';
import { isResourceScope, type ResourceScope, type Scope } from '../scopes/scope.ts';
import { FIRST_PARTY } from '../tokens/port.ts';
import { GROUPS, isGroupName } from './groups.ts';
import { actionsOf, LETTERS } from './letters.ts';
import { roleMay } from './table.ts';

export function mayUseRoute(principal: Principal, scopes: readonly Scope[], rule: ClosedRule, method: ApiMethod): boolean {
  if ('group' in rule) return mayUseGroup(principal, scopes, rule.group, rule.action);
  if (principal.account === undefined) return false;
  if (rule.scope !== undefined) return scopes.some((s) => s.kind === 'named' && s.name === rule.scope);
  // No scope that an app may ask for speaks of the person's own account.
  if (principal.client !== FIRST_PARTY) return false;
  return mayUseGroup(principal, scopes, 'own-account', method === 'GET' ? 'read' : 'update');
}

/**
 * A group that isn't known is denied. What isn't FHIR needs a scope over all types; the administration of people, apps and
 * clinics, a token of our own front ends. A scope with criteria is for the FHIR API, where they can be applied. Which resources,
 * the access filter says.
 */
export function mayUseGroup(principal: Principal, scopes: readonly Scope[], group: string, action: Action): boolean {
  if (!isGroupName(group)) return false;
  const { types, most, column } = GROUPS[group];
  const { role } = principal;
  // Who may come in, with which app: whoever lets an app at patients' data hasn't given it that.
  if (column === 'administration' && types.length === 0 && principal.client !== FIRST_PARTY) return false;
  const covering = scopes.filter(isResourceScope).filter((s) => s.criteria === undefined && s.actions.includes(action));
  if (role !== undefined) return roleMay(role, group, action) && covering.some((s) => s.level !== 'system' && isOver(s, types));
  if (principal.account !== undefined || types.length === 0) return false;
  return actionsOf(most ?? LETTERS.join('')).includes(action) && covering.some((s) => s.level === 'system' && isOver(s, types));
}

const isOver = (scope: ResourceScope, types: readonly string[]): boolean => scope.type === '*' || types.includes(scope.type);

/** Which modifiers a parameter takes. https://hl7.org/fhir/R4/search.html#modifiers */
import type { SearchParameterType } from '../../model/types.ts';
import type { SearchParameter } from '../registry.ts';
import { invalid } from './problems.ts';
import type { Scope } from './types.ts';

const MODIFIERS: Readonly<Record<SearchParameterType, readonly string[]>> = {
  token: ['missing', 'not', 'text', 'of-type'],
  string: ['missing', 'exact', 'contains'],
  reference: ['missing', 'identifier'],
  uri: ['missing', 'below', 'above'],
  date: ['missing'],
  number: ['missing'],
  quantity: ['missing'],
  composite: ['missing'],
  special: [],
};

/** Throws `invalid-parameter` unless the parameter's type takes the modifier; a reference also takes its target types. */
export function checkModifier(scope: Scope, parameter: SearchParameter, modifier: string, where: string): void {
  const known = MODIFIERS[parameter.type];
  if (known.includes(modifier)) return;
  if (parameter.type === 'reference') return checkTarget(scope, parameter, modifier, where);
  throw invalid(
    where,
    `:${modifier} is not a modifier of ${parameter.code}, which is a ${parameter.type}`,
    `Use one of ${known.map((m) => `:${m}`).join(', ')}, or none.`,
  );
}

/** Throws `invalid-parameter` unless a resource of that type can be referred to. */
export function checkTarget(scope: Scope, parameter: SearchParameter, type: string, where: string): void {
  if (parameter.targets ? parameter.targets.includes(type) : scope.definitions.resourceTypes.has(type)) return;
  const targets = parameter.targets ? `one of ${parameter.targets.join(', ')}` : 'a resource type of R4';
  throw invalid(
    where,
    `:${type} is neither a modifier nor a type that ${parameter.code} refers to`,
    `Use ${targets}, :identifier or :missing.`,
  );
}

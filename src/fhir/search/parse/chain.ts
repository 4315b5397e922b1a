/** `subject:Patient.name=peter`. https://hl7.org/fhir/R4/search.html#chaining */
import { FhirError } from '../../outcome/error.ts';
import { or, type Node } from '../ast.ts';
import type { SearchParameter } from '../registry.ts';
import { lookUpOrThrow } from './lookup.ts';
import { checkTarget } from './modifiers.ts';
import { invalid, tooCostly, unknown } from './problems.ts';
import type { Scope } from './types.ts';

export type CriterionParser = (scope: Scope, types: readonly string[], name: string, value: string) => Node;

/** Without a type, a chain is an "or" over those types that can be referred to and have the inner parameter. */
export function parseChain(scope: Scope, types: readonly string[], name: string, value: string, parseInner: CriterionParser): Node {
  const dot = name.indexOf('.');
  const [code = '', type] = name.slice(0, dot).split(':');
  const inner = name.slice(dot + 1);
  const parameter = lookUpOrThrow(scope, types, code, name);
  if (parameter.type !== 'reference')
    throw invalid(name, `${code} is a ${parameter.type}, not a reference: nothing can follow it`, 'Chain from a reference parameter.');
  const link = (target: string): Node => {
    spend(scope, name);
    return { op: 'chain', param: code, type: target, where: parseInner(scope, [target], inner, value) };
  };
  if (type === undefined) return or(...untyped(candidates(scope, parameter, inner), name, link));
  checkTarget(scope, parameter, type, name);
  return link(type);
}

function candidates(scope: Scope, parameter: SearchParameter, inner: string): string[] {
  const targets = parameter.targets ?? [...scope.definitions.resourceTypes];
  const code = /^[^.:]*/.exec(inner)?.[0] ?? '';
  return code === '_has' ? [...targets] : targets.filter((t) => scope.registry.get(t, code));
}

/** Types that can't make sense of the rest are passed over, as long as one can. */
function untyped(targets: readonly string[], name: string, link: (target: string) => Node): Node[] {
  const attempts = targets.map((target) => attempt(() => link(target)));
  const links = attempts.filter((a): a is Node => !(a instanceof FhirError));
  if (links.length > 0) return links;
  const failure = attempts.find((a) => a instanceof FhirError);
  throw (
    failure ??
    unknown(
      name,
      'chains to a parameter that none of the types referred to has',
      'Name the type, as in subject:Patient.name, to see what it has.',
    )
  );
}

function attempt(make: () => Node): Node | FhirError {
  try {
    return make();
  } catch (error) {
    if (error instanceof FhirError && error.kind !== 'too-costly') return error;
    throw error;
  }
}

/** Chains without types multiply at each step. */
export function spend(scope: Scope, name: string): void {
  if (scope.budget.links <= 0)
    throw tooCostly(
      name,
      'stands for too many combinations of types',
      'Name the types, as in subject:Patient.organization:Organization.name.',
    );
  scope.budget.links--;
}

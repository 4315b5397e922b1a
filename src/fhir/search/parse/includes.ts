/** `_include` and `_revinclude`. https://hl7.org/fhir/R4/search.html#include */
import { lookUpOrThrow } from './lookup.ts';
import { checkTarget } from './modifiers.ts';
import { invalid, quoted } from './problems.ts';
import type { Include, Pair, Scope } from './types.ts';

/** `recurse` is what `iterate` was called before R4. */
const ITERATE: ReadonlySet<string> = new Set(['iterate', 'recurse']);

/** `*`, `Type:*`, `Type:parameter`, `Type:parameter:Target`. Throws `invalid-parameter` or `unknown-parameter`. */
export function parseInclude(scope: Scope, _types: readonly string[], pair: Pair): Include {
  const iterate = iterates(pair.name);
  if (pair.value === '*') return { iterate };
  const [source = '', code, target, ...more] = pair.value.split(':');
  if (code === undefined || code === '' || more.length > 0) {
    throw invalid(
      pair.name,
      `${quoted(pair.value)} is not of the form Type:parameter or Type:parameter:Target`,
      'Write, for example, Observation:subject:Patient.',
    );
  }
  if (!scope.definitions.resourceTypes.has(source))
    throw invalid(pair.name, `${quoted(source)} is not a resource type of R4`, 'Start with the type that has the reference.');
  const of = target === undefined ? {} : { target };
  if (code === '*') return { source, iterate, ...checkedTarget(scope, pair.name, of) };
  const parameter = lookUpOrThrow(scope, [source], code, pair.name);
  if (parameter.type !== 'reference')
    throw invalid(pair.name, `${code} of ${source} is a ${parameter.type}, not a reference`, 'Name a reference parameter.');
  if (target !== undefined) checkTarget(scope, parameter, target, pair.name);
  return { source, param: code, iterate, ...of };
}

function checkedTarget(scope: Scope, where: string, of: { readonly target?: string }): { readonly target?: string } {
  if (of.target === undefined || scope.definitions.resourceTypes.has(of.target)) return of;
  throw invalid(where, `${quoted(of.target)} is not a resource type of R4`, 'End with the type to be included, or leave it out.');
}

function iterates(name: string): boolean {
  const colon = name.indexOf(':');
  if (colon < 0) return false;
  const modifier = name.slice(colon + 1);
  if (ITERATE.has(modifier)) return true;
  throw invalid(name, `:${modifier} is not a modifier of includes`, 'Use :iterate, or none.');
}

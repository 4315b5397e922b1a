/** https://hl7.org/fhir/R4/search.html#string */
import type { Node } from '../ast.ts';
import { fold } from '../values/normalise/fold.ts';
import { unescaped } from './escapes.ts';
import { invalid } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

export function parseString(_scope: Scope, use: ParameterUse, text: string): Node {
  const { param, modifier } = use;
  if (modifier === 'exact') return { op: 'string', param, match: 'exact', value: unescaped(text) };
  return { op: 'string', param, match: modifier === 'contains' ? 'contains' : 'starts', value: folded(use.where, text) };
}

/** Folded as index entries are. Throws `invalid-parameter` when nothing is left to compare with. */
export function folded(where: string, text: string): string {
  const value = fold(unescaped(text));
  if (value === '') throw invalid(where, 'has no character to compare by', 'Give at least one letter or digit.');
  return value;
}

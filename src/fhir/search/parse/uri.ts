/** https://hl7.org/fhir/R4/search.html#uri */
import type { Node } from '../ast.ts';
import { unescaped } from './escapes.ts';
import { invalid, tooCostly } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

/** `:above` compares with one URL for each. */
const MAX_SEGMENTS = 50;

export function parseUri(_scope: Scope, use: ParameterUse, text: string): Node {
  const value = unescaped(text);
  const { param, modifier } = use;
  if (modifier === undefined) return { op: 'uri', param, match: 'exact', value };
  if (value.startsWith('urn:')) throw invalid(use.where, 'has a URN, which has no path', `Use :${modifier} with URLs only.`);
  if (modifier === 'above' && value.split('/').length > MAX_SEGMENTS)
    throw tooCostly(use.where, `has a URL of more than ${MAX_SEGMENTS} segments`, 'Give a shorter one.');
  return { op: 'uri', param, match: modifier === 'below' ? 'below' : 'above', value: value.endsWith('/') ? value.slice(0, -1) : value };
}

/** https://hl7.org/fhir/R4/search.html#uri */
import type { Node } from '../ast.ts';
import { unescaped } from './escapes.ts';
import { invalid, quoted } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

export function parseUri(_scope: Scope, use: ParameterUse, text: string): Node {
  const value = unescaped(text);
  const { param, modifier } = use;
  if (modifier === undefined) return { op: 'uri', param, match: 'exact', value };
  if (value.startsWith('urn:')) throw invalid(use.where, `${quoted(value)} is a URN: it has no path`, `Use :${modifier} with URLs only.`);
  return { op: 'uri', param, match: modifier === 'below' ? 'below' : 'above', value: value.endsWith('/') ? value.slice(0, -1) : value };
}

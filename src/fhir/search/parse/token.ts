/** https://hl7.org/fhir/R4/search.html#token */
import type { Node } from '../ast.ts';
import { splitAt, unescaped } from './escapes.ts';
import { invalid } from './problems.ts';
import { folded } from './string.ts';
import type { ParameterUse, Scope } from './types.ts';

/** `code`, `system|code`, `|code` (no system), `system|` (any code). */
export function parseToken(_scope: Scope, use: ParameterUse, text: string): Node {
  if (use.modifier === 'text') return { op: 'string', param: `${use.param}:text`, match: 'starts', value: folded(use.where, text) };
  if (use.modifier === 'of-type') return ofType(use, text);
  return tokenOf(use.modifier === 'identifier' ? `${use.param}:identifier` : use.param, use.where, text);
}

function tokenOf(param: string, where: string, text: string): Node {
  const [first = '', code, ...more] = splitAt(text, '|').map(unescaped);
  if (code === undefined && first !== '') return { op: 'token', param, code: first };
  if (code === undefined || more.length > 0 || (first === '' && code === '')) {
    throw invalid(where, 'is not code, system|code, |code or system|', 'Write a | within a value as \\|.');
  }
  return code === '' ? { op: 'token', param, system: first } : { op: 'token', param, system: first, code };
}

/** `system|code|value`: an identifier with this value whose type has this coding. */
function ofType(use: ParameterUse, text: string): Node {
  const [system = '', code = '', value = '', ...more] = splitAt(text, '|').map(unescaped);
  if (!code || !value || more.length > 0) {
    throw invalid(use.where, 'is not system|code|value', 'Give the system and code of the identifier type, and the value, separated by |.');
  }
  return { op: 'token', param: `${use.param}:of-type`, system, code: `${code}|${value}` };
}

/** https://hl7.org/fhir/R4/search.html#number */
import type { Node } from '../ast.ts';
import { numberRange } from '../values/normalise/numbers.ts';
import { rangeNode, splitPrefix, type Prefix, type SearchRange } from './prefix.ts';
import { invalid } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

/** How far `ap` reaches: a tenth of the value. */
const APPROXIMATELY = 0.1;

export function parseNumber(_scope: Scope, use: ParameterUse, text: string): Node {
  const { prefix, range } = amountOf(use.where, text);
  return rangeNode(prefix, range, (bounds) => ({ op: 'number', param: use.param, bounds }));
}

/** Precision counts for `eq`, `ne` and `ap` alone; every other prefix compares with the exact number. */
export function amountOf(where: string, text: string): { readonly prefix: Prefix; readonly range: SearchRange } {
  const { prefix, rest } = splitPrefix(text);
  const range = numberRange(rest);
  if (!range) throw invalid(where, 'is not a number', 'Write a decimal such as 5.40 or 1e-3, with an optional prefix such as ge.');
  if (prefix === 'eq' || prefix === 'ne') return { prefix, range: { lo: range.lo, hi: range.hi, open: true } };
  if (prefix !== 'ap') return { prefix, range: { lo: range.value, hi: range.value } };
  const reach = APPROXIMATELY * Math.abs(range.value);
  return { prefix, range: { lo: Math.min(range.lo, range.value - reach), hi: Math.max(range.hi, range.value + reach) } };
}

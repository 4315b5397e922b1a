/** https://hl7.org/fhir/R4/search.html#quantity */
import type { Bounds, Node } from '../ast.ts';
import { amountOf } from './number.ts';
import { splitAt, unescaped } from './escapes.ts';
import { rangeNode, type SearchRange } from './prefix.ts';
import { invalid } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

const UCUM = 'http://unitsofmeasure.org';

/** `number`, `number|system|code` or `number||code`. UCUM units are compared in canonical form: 5 g is 5000 mg. */
export function parseQuantity(scope: Scope, use: ParameterUse, text: string): Node {
  const [amount = '', system, code, ...more] = splitAt(text, '|').map(unescaped);
  if (more.length > 0 || (system !== undefined && !code)) {
    throw invalid(use.where, 'is not number, number|system|code or number||code', 'Write 5.4|http://unitsofmeasure.org|mg, or 5.4||mg.');
  }
  const { prefix, range } = amountOf(use.where, amount);
  if (system === UCUM && code) {
    const canonical = canonicalRange(scope, range, code);
    if (canonical) return rangeNode(prefix, canonical.range, quantity(`${use.param}:ucum`, undefined, canonical.code));
  }
  return rangeNode(prefix, range, quantity(use.param, system || undefined, code));
}

const quantity =
  (param: string, system: string | undefined, code: string | undefined) =>
  (bounds: Bounds): Node => ({
    op: 'quantity',
    param,
    bounds,
    ...(system === undefined ? {} : { system }),
    ...(code === undefined ? {} : { code }),
  });

/** Undefined for a unit that UCUM doesn't know: then it is compared as written. */
function canonicalRange(
  scope: Scope,
  range: SearchRange,
  code: string,
): { readonly range: SearchRange; readonly code: string } | undefined {
  const lo = scope.units.canonical(range.lo, code);
  const hi = scope.units.canonical(range.hi, code);
  return lo && hi ? { range: { ...range, lo: lo.value, hi: hi.value }, code: lo.code } : undefined;
}

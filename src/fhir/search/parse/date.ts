/** https://hl7.org/fhir/R4/search.html#date */
import type { Bounds, Node } from '../ast.ts';
import { dateRange } from '../values/normalise/dates.ts';
import { rangeNode, splitPrefix, type Prefix, type SearchRange } from './prefix.ts';
import { invalid } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

/** How far `ap` reaches: a tenth of the gap to now. */
const APPROXIMATELY = 0.1;

export function parseDate(scope: Scope, use: ParameterUse, text: string): Node {
  return dateNode(scope, use.where, text, (bounds) => ({ op: 'date', param: use.param, bounds }));
}

/** Any condition on times; `leaf` makes it one on an entry or on a column. */
export function dateNode(scope: Scope, where: string, text: string, leaf: (bounds: Bounds) => Node): Node {
  const { prefix, range } = timeOf(scope, where, text);
  return rangeNode(prefix, range, leaf);
}

/** Throws `invalid-parameter` for what isn't a date with an optional prefix. */
function timeOf(scope: Scope, where: string, text: string): { readonly prefix: Prefix; readonly range: SearchRange } {
  const { prefix, rest } = splitPrefix(text);
  const range = dateRange(rest, scope.timeZone);
  if (!range)
    throw invalid(
      where,
      'is not a date',
      'Write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz, with an optional prefix such as ge.',
    );
  return { prefix, range: prefix === 'ap' ? widened(range, scope.now) : range };
}

const widened = (range: SearchRange, now: number): SearchRange => ({
  lo: Math.floor(range.lo - APPROXIMATELY * Math.abs(now - range.lo)),
  hi: Math.ceil(range.hi + APPROXIMATELY * Math.abs(now - range.hi)),
});

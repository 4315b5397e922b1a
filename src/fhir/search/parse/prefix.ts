/** Prefixes of dates, numbers and quantities, as conditions on ranges. https://hl7.org/fhir/R4/search.html#prefix */
import { or, type Bounds, type Node } from '../ast.ts';

export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap';

const PREFIXES: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']);

/** `ge2020` in parts; `eq` where there is no prefix. */
export function splitPrefix(text: string): { readonly prefix: Prefix; readonly rest: string } {
  const head = text.slice(0, 2);
  return PREFIXES.has(head) ? { prefix: head as Prefix, rest: text.slice(2) } : { prefix: 'eq', rest: text };
}

/** The range that a search value stands for, `lo` included; `hi` is included unless `open`. */
export interface SearchRange {
  readonly lo: number;
  readonly hi: number;
  readonly open?: boolean;
}

/**
 * A resource's value is a range as well. `eq`: the search's range contains it; `gt`, `lt`: it reaches above or below;
 * `ge`, `le`: it reaches above or below, or is contained; `sa`, `eb`: it lies wholly above or below; `ap`: they overlap.
 */
export function rangeNode(prefix: Prefix, range: SearchRange, leaf: (bounds: Bounds) => Node): Node {
  const { lo: a, hi: b } = range;
  const below = range.open ? { lt: b } : { lte: b };
  const above = range.open ? { gte: b } : { gt: b };
  switch (prefix) {
    case 'eq':
      return leaf({ lo: { gte: a }, hi: below });
    case 'ne':
      return or(leaf({ lo: { lt: a } }), leaf({ hi: above }));
    case 'gt':
      return leaf({ hi: above });
    case 'lt':
      return leaf({ lo: { lt: a } });
    case 'ge':
      return or(leaf({ lo: { gte: a } }), leaf({ hi: above }));
    case 'le':
      return or(leaf({ hi: below }), leaf({ lo: { lt: a } }));
    case 'sa':
      return leaf({ lo: above });
    case 'eb':
      return leaf({ hi: { lt: a } });
    case 'ap':
      return leaf({ lo: below, hi: { gte: a } });
  }
}

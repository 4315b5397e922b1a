/**
 * A search as an immutable tree. Values are normalised before they get here: dates and numbers are ranges, strings
 * folded, units canonical, references in parts. Stores compile it, `match.ts` evaluates it, `print.ts` prints it.
 */
import type { ResourceKey } from '../model/ids.ts';

export type Node = All | None | And | Or | Not | Leaf | Chain | Has;

/** What is answered from the index entries or columns of one resource alone. */
export type Leaf =
  TypeIs | IdIs | LastUpdated | Token | Text | Reference | ReferenceIn | DateRange | NumberRange | Quantity | Uri | Composite | Present;

export type All = { readonly op: 'all' };
export type None = { readonly op: 'none' };
export type And = { readonly op: 'and'; readonly of: readonly Node[] };
export type Or = { readonly op: 'or'; readonly of: readonly Node[] };
export type Not = { readonly op: 'not'; readonly of: Node };

/** Tells the types of one search apart: what may be seen of each differs. */
export type TypeIs = { readonly op: 'type'; readonly types: readonly string[] };
export type IdIs = { readonly op: 'id'; readonly ids: readonly string[] };
/** On the time of the commit, milliseconds: not an index entry, since it is known only then. `lo` is `hi`. */
export type LastUpdated = { readonly op: 'last-updated'; readonly bounds: Bounds };

/**
 * `system` undefined: any; `''`: none. `code` undefined: any. At least one is given.
 * `:identifier` and `:text` are entries under derived parameters: `subject:identifier`, `code:text`.
 */
export type Token = { readonly op: 'token'; readonly param: string; readonly system?: string; readonly code?: string };

/** `starts` and `contains` compare folded values, `exact` compares as written. */
export type Text = {
  readonly op: 'string';
  readonly param: string;
  readonly match: 'starts' | 'exact' | 'contains';
  readonly value: string;
};

/** `type` undefined: any type with that id. A canonical or foreign URL has type `''` and the URL as id. */
export type Reference = { readonly op: 'reference'; readonly param: string; readonly type?: string; readonly id: string };
/** What a chain becomes once its inner search is answered. */
export type ReferenceIn = { readonly op: 'reference-in'; readonly param: string; readonly targets: readonly ResourceKey[] };

/** A resource's value is the range `lo` to `hi`, both included; each bound given must hold, on one and the same entry. */
export type Bounds = { readonly lo?: Bound; readonly hi?: Bound };
export type Bound = { readonly gt?: number; readonly gte?: number; readonly lt?: number; readonly lte?: number };

/** Milliseconds since 1970. */
export type DateRange = { readonly op: 'date'; readonly param: string; readonly bounds: Bounds };
export type NumberRange = { readonly op: 'number'; readonly param: string; readonly bounds: Bounds };
/** In canonical UCUM units under the derived parameter `value-quantity:ucum`; as written under the plain one. */
export type Quantity = {
  readonly op: 'quantity';
  readonly param: string;
  readonly bounds: Bounds;
  readonly system?: string;
  readonly code?: string;
};
/** `below`: the value or what starts with it and a `/`; `above`: what the value is below of. */
export type Uri = { readonly op: 'uri'; readonly param: string; readonly match: 'exact' | 'below' | 'above'; readonly value: string };
/** Each part holds within one component. The leaves of part `i` have the parameter `String(i)`; parts are leaves, `and`, `or`, `not`. */
export type Composite = { readonly op: 'composite'; readonly param: string; readonly parts: readonly Node[] };

/** Whether the resource has a value for the parameter (`:missing=false`). */
export type Present = { readonly op: 'present'; readonly param: string; readonly kind: EntryKind };

/** `subject:Patient.name=peter`: some resource of `type` that `param` refers to meets `where`. */
export type Chain = { readonly op: 'chain'; readonly param: string; readonly type: string; readonly where: Node };
/** `_has:Observation:patient:code=1234`: some resource of `type` refers here by `param` and meets `where`. */
export type Has = { readonly op: 'has'; readonly type: string; readonly param: string; readonly where: Node };

export type EntryKind = 'token' | 'string' | 'reference' | 'date' | 'number' | 'quantity' | 'uri' | 'composite';

export const ALL: All = { op: 'all' };
export const NONE: None = { op: 'none' };

/** Conjunction, with the trivial cases settled: `and()` is ALL, `and(x)` is x. */
export function and(...of: readonly Node[]): Node {
  const parts = of.flatMap((n) => (n.op === 'and' ? n.of : n.op === 'all' ? [] : [n]));
  if (parts.some((n) => n.op === 'none')) return NONE;
  return parts.length === 0 ? ALL : parts.length === 1 ? (parts[0] as Node) : { op: 'and', of: parts };
}

/** Disjunction, with the trivial cases settled: `or()` is NONE, `or(x)` is x. */
export function or(...of: readonly Node[]): Node {
  const parts = of.flatMap((n) => (n.op === 'or' ? n.of : n.op === 'none' ? [] : [n]));
  if (parts.some((n) => n.op === 'all')) return ALL;
  return parts.length === 0 ? NONE : parts.length === 1 ? (parts[0] as Node) : { op: 'or', of: parts };
}

export function not(of: Node): Node {
  if (of.op === 'all') return NONE;
  if (of.op === 'none') return ALL;
  return of.op === 'not' ? of.of : { op: 'not', of };
}

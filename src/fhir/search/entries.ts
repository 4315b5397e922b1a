/** What one version of a resource can be found by. Made by `values/`, kept by the stores, read by `match.ts`: the same everywhere. */
export interface IndexEntries {
  readonly token: readonly TokenEntry[];
  readonly string: readonly StringEntry[];
  readonly reference: readonly ReferenceEntry[];
  readonly date: readonly RangeEntry[];
  readonly number: readonly RangeEntry[];
  readonly quantity: readonly QuantityEntry[];
  readonly uri: readonly UriEntry[];
  readonly composite: readonly CompositeEntry[];
  readonly sort: readonly SortEntry[];
}

/** `system` is `''` where the value has none. */
export type TokenEntry = { readonly param: string; readonly system: string; readonly code: string };
/** `value` is folded: lower case, without accents, white space single. */
export type StringEntry = { readonly param: string; readonly value: string; readonly exact: string };
/** `type` is `''` and `id` the URL for canonicals and URLs of other servers. */
export type ReferenceEntry = { readonly param: string; readonly type: string; readonly id: string };
/** Both ends included; an open end is ±`OPEN`. */
export type RangeEntry = { readonly param: string; readonly lo: number; readonly hi: number };
export type QuantityEntry = RangeEntry & { readonly system: string; readonly code: string };
export type UriEntry = { readonly param: string; readonly value: string };
/** The values of one component; entries of part `i` have the parameter `String(i)`, and `sort` and `composite` are empty. */
export type CompositeEntry = { readonly param: string; readonly parts: IndexEntries };
/** The least and greatest value of a parameter, for `_sort`: strings compare by their UTF-8 bytes. Of one JS type for one parameter. */
export type SortEntry = { readonly param: string; readonly lo: string | number; readonly hi: string | number };

/** Stands for "no end": finite, so that every store keeps and compares it alike. In milliseconds beyond the year 9999. */
export const OPEN = 1e18;

export const NO_ENTRIES: IndexEntries = {
  token: [],
  string: [],
  reference: [],
  date: [],
  number: [],
  quantity: [],
  uri: [],
  composite: [],
  sort: [],
};

/** A component costs a store as much as two values, beside its own. */
const COMPONENT = 2;

/** How many values there are; those of a component count as well. */
export function countEntries({ token, string, reference, date, number, quantity, uri, composite, sort }: IndexEntries): number {
  const texts = token.length + string.length + reference.length + uri.length;
  const plain = texts + date.length + number.length + quantity.length + sort.length;
  return composite.reduce((sum, { parts }) => sum + COMPONENT + countEntries(parts), plain);
}

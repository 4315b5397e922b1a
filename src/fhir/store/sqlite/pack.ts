/** Index entries as one text: how they go to the writer thread. Cheap to make where time is scarcest, on the main thread. */
import type { CompositeEntry, IndexEntries } from '../../search/entries.ts';

export type Cell = string | number;
/** For each kind in the order of `KINDS`: the parameter and the values of one entry after another. */
export type Packed = readonly (readonly Cell[])[];

/** How many cells an entry has in `Packed`. */
export const CELLS: readonly number[] = [3, 3, 3, 3, 3, 5, 2, 3, 3];

/** The entries as JSON of `Packed`. */
export function packEntries(entries: IndexEntries): string {
  const { token, string, reference, date, number, quantity, uri, composite, sort } = entries;
  return JSON.stringify([
    token.flatMap((e) => [e.param, e.system, e.code]),
    string.flatMap((e) => [e.param, e.value, e.exact]),
    reference.flatMap((e) => [e.param, e.type, e.id]),
    date.flatMap((e) => [e.param, e.lo, e.hi]),
    number.flatMap((e) => [e.param, e.lo, e.hi]),
    quantity.flatMap((e) => [e.param, e.lo, e.hi, e.system, e.code]),
    uri.flatMap((e) => [e.param, e.value]),
    composite.flatMap((e) => [e.param, packCodes(e), packParts(e)]),
    sort.flatMap((e) => [e.param, e.lo, e.hi]),
  ]);
}

/** The parts of a component as JSON: for each kind that has any, a list of `[param, …columns]`. */
function packParts({ parts }: CompositeEntry): string {
  const rows = {
    token: parts.token.map((e) => [e.param, e.system, e.code]),
    string: parts.string.map((e) => [e.param, e.value, e.exact]),
    reference: parts.reference.map((e) => [e.param, e.type, e.id]),
    date: parts.date.map((e) => [e.param, e.lo, e.hi]),
    number: parts.number.map((e) => [e.param, e.lo, e.hi]),
    quantity: parts.quantity.map((e) => [e.param, e.lo, e.hi, e.system, e.code]),
    uri: parts.uri.map((e) => [e.param, e.value]),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(rows).filter(([, list]) => list.length > 0)));
}

/** Codes of the first part of a component: what it is looked up by. `''` stands for a first part without a code. */
function packCodes({ parts }: CompositeEntry): string {
  const codes = parts.token.filter((e) => e.param === '0').map((e) => e.code);
  return JSON.stringify(codes.length === 0 ? [''] : [...new Set(codes)]);
}

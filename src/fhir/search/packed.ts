/** Index entries as text: how they go from thread to thread. Structured clones of trees are dear. */
import { createSlice } from '../model/slices.ts';
import type { CompositeEntry, IndexEntries } from './entries.ts';

export type Cell = string | number;
/** For each kind in the order of `KINDS`: the parameter and the values of one entry after another. */
export type Packed = readonly (readonly Cell[])[];

const KINDS_IN_ORDER = ['token', 'string', 'reference', 'date', 'number', 'quantity', 'uri', 'composite', 'sort'] as const;
/** What the cells behind the parameter are called. */
const NAMES: Readonly<Record<keyof IndexEntries, readonly string[]>> = {
  token: ['system', 'code'],
  string: ['value', 'exact'],
  reference: ['type', 'id'],
  date: ['lo', 'hi'],
  number: ['lo', 'hi'],
  quantity: ['lo', 'hi', 'system', 'code'],
  uri: ['value'],
  composite: [],
  sort: ['lo', 'hi'],
};

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

/** Entries of a large resource, for the way between threads: parts that are quick to read, each the JSON of `Packed` in UTF-8. */
export interface PackedEntries {
  readonly packed: readonly Uint8Array[];
}

/** Entries in one part. */
const PART = 1000;

export const isPacked = (entries: IndexEntries | PackedEntries): entries is PackedEntries => 'packed' in entries;

/** The entries in parts. */
export function packInParts(entries: IndexEntries): PackedEntries {
  const most = Math.max(...KINDS_IN_ORDER.map((kind) => entries[kind].length));
  const packed: Uint8Array[] = [];
  for (let from = 0; from === 0 || from < most; from += PART) {
    const part = Object.fromEntries(KINDS_IN_ORDER.map((kind) => [kind, entries[kind].slice(from, from + PART)]));
    packed.push(Buffer.from(packEntries(part as unknown as IndexEntries)));
  }
  return { packed };
}

/** The entries again, read in slices of the event loop. */
export async function unpackEntries({ packed }: PackedEntries): Promise<IndexEntries> {
  const slice = createSlice();
  const entries = emptyEntries();
  for (const part of packed) {
    unpackInto(entries, readPart(part));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return entries;
}

/** One part. */
export const readPart = (part: Uint8Array): Packed =>
  JSON.parse(Buffer.from(part.buffer, part.byteOffset, part.length).toString()) as Packed;

type Growing = Record<keyof IndexEntries, unknown[]>;
const emptyEntries = (): IndexEntries => Object.fromEntries(KINDS_IN_ORDER.map((kind) => [kind, []])) as unknown as IndexEntries;

function unpackInto(entries: IndexEntries, cells: Packed): void {
  const growing = entries as unknown as Growing;
  for (const [k, kind] of KINDS_IN_ORDER.entries()) {
    const list = cells[k] ?? [];
    for (let i = 0; i < list.length; i += CELLS[k] as number) {
      const [param, ...rest] = list.slice(i, i + (CELLS[k] as number));
      growing[kind].push(kind === 'composite' ? { param, parts: unpackParts(rest[1] as string) } : { param, ...named(NAMES[kind], rest) });
    }
  }
}

function unpackParts(text: string): IndexEntries {
  const parts = emptyEntries();
  const rows = JSON.parse(text) as Partial<Record<Exclude<keyof IndexEntries, 'composite' | 'sort'>, readonly (readonly Cell[])[]>>;
  for (const [kind, list] of Object.entries(rows) as [keyof typeof rows, readonly (readonly Cell[])[]][])
    for (const [param, ...rest] of list) (parts as unknown as Growing)[kind].push({ param, ...named(NAMES[kind], rest) });
  return parts;
}

const named = (names: readonly string[], cells: readonly Cell[]): Record<string, Cell | undefined> =>
  Object.fromEntries(names.map((name, i) => [name, cells[i]]));

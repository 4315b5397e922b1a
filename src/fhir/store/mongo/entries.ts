/** Index entries as fields of a document: driving keys, exact entries, ranges and sort keys. Each indexed key costs a write. */
import type { IndexEntries, RangeEntry, SortEntry } from '../../search/entries.ts';
import { UCUM, type CompositeDocument, type IndexFields, type PlainSort, type RangeDocument } from './documents.ts';
import {
  backwardKey,
  driverKey,
  exactEntry,
  forwardKey,
  pairKey,
  part,
  partKey,
  rangeName,
  referenceEntry,
  sortText,
  textEntry,
  tokenEntry,
  uriEntry,
} from './keys.ts';
import { hullPaths, isDriven, type RangeKind } from './ranges.ts';

/** Pairs that are asked for together so often that a key of both pays: see `pairKey`. */
export const PAIRED_REFERENCES: ReadonlySet<string> = new Set(['patient', 'subject']);
export const PAIRED_TOKENS: ReadonlySet<string> = new Set(['code', 'category']);

/** Texts of codes (`code:text`) are asked for too seldom for keys of their own. */
export const isTextDriven = (param: string): boolean => !param.includes(':');

/** What a resource's entries come to before its number of creation is known. */
export interface PreparedFields {
  readonly fields: Omit<IndexFields, 's'>;
  readonly sorts: readonly PreparedSort[];
}

/** A path under `s` and the value its key is made of. */
interface PreparedSort {
  readonly param: string;
  readonly path: string;
  readonly value: string;
}

const RANGES: readonly RangeKind[] = ['date', 'number', 'quantity'];

/** @param typed `clinic/type` @param versionKey the key of the index version */
export function prepareFields(typed: string, versionKey: string, entries: IndexEntries): PreparedFields {
  const fields: { -readonly [Name in keyof IndexFields]: IndexFields[Name] } = { k: drivingKeys(typed, versionKey, entries) };
  const n = exactEntries(entries);
  if (n.length > 0) fields.n = n;
  const r = rangeEntries(entries);
  if (r.length > 0) fields.r = r;
  if (entries.composite.length > 0) fields.x = entries.composite.map(({ param, parts }) => compositeEntry(param, parts));
  const sorts: PreparedSort[] = [];
  for (const kind of RANGES) if (entries[kind].length > 0) addRangeSorts(sorts, kind, entries[kind]);
  const u = addValueSorts(sorts, entries);
  if (u !== undefined) fields.u = u;
  return { fields, sorts };
}

/** The fields of a resource that was created under the number `created`. */
export function completeFields(typed: string, { fields, sorts }: PreparedFields, created: number): IndexFields {
  if (sorts.length === 0) return fields;
  const s: Record<string, Record<string, string>> = {};
  for (const { param, path, value } of sorts) {
    (s[param] ??= {})[path] = path === 'hi' ? backwardKey(typed, value, created) : forwardKey(typed, value, created);
  }
  return { ...fields, s };
}

/** Bytes that the keys take in a document at least. */
export function sizeOf({ fields: { k, n = [], r = [], x = [] }, sorts }: PreparedFields): number {
  let size = (r.length + sorts.length) * RANGE_BYTES;
  for (const texts of [k, n, ...x.map((part) => part.n ?? [])]) for (const text of texts) size += text.length + ITEM_BYTES;
  for (const { r: ranges = [] } of x) size += ranges.length * RANGE_BYTES + ITEM_BYTES;
  return size;
}

/** What BSON adds to a text in an array, and what a range takes. https://bsonspec.org/spec.html */
const ITEM_BYTES = 10;
const RANGE_BYTES = 40;

function drivingKeys(typed: string, versionKey: string, entries: IndexEntries): string[] {
  const keys: string[] = [typed, versionKey];
  for (const { param, code } of entries.token) keys.push(driverKey(typed, param, part(code)));
  for (const { param, value } of entries.string) if (isTextDriven(param)) keys.push(driverKey(typed, param, value));
  for (const { param, id } of entries.reference) keys.push(driverKey(typed, param, part(id)));
  for (const { param, value } of entries.uri) keys.push(driverKey(typed, param, value));
  const further = new Set<string>();
  if (entries.composite.length > 0) addPartKeys(further, typed, entries);
  addPairKeys(further, typed, entries);
  for (const key of further) keys.push(key);
  return keys;
}

function addPartKeys(keys: Set<string>, typed: string, { composite }: IndexEntries): void {
  for (const { parts } of composite) for (const { code } of parts.token) keys.add(partKey(typed, code));
}

/** Often two parameters refer to one patient. */
function addPairKeys(keys: Set<string>, typed: string, { reference, token }: IndexEntries): void {
  for (const { param, type, id } of reference) {
    if (type === '' || !PAIRED_REFERENCES.has(param)) continue;
    for (const { param: name, code } of token) if (PAIRED_TOKENS.has(name)) keys.add(pairKey(typed, name, type, id, code));
  }
}

function exactEntries(entries: IndexEntries): string[] {
  const exact: string[] = [];
  for (const { param, system, code } of entries.token) exact.push(tokenEntry(param, system, code));
  for (const { param, value, exact: written } of entries.string) exact.push(textEntry(param, value), exactEntry(param, written));
  for (const { param, type, id } of entries.reference) exact.push(referenceEntry(param, type, id));
  for (const { param, value } of entries.uri) exact.push(uriEntry(param, value));
  return exact;
}

function rangeEntries({ date, number, quantity }: IndexEntries): RangeDocument[] {
  const ranges: RangeDocument[] = [];
  for (const { param, lo, hi } of date) ranges.push({ p: rangeName('date', param), lo, hi });
  for (const { param, lo, hi } of number) ranges.push({ p: rangeName('number', param), lo, hi });
  for (const { param, lo, hi, system, code } of quantity) {
    const p = rangeName('quantity', param);
    ranges.push(system === UCUM ? { p, lo, hi, c: code } : { p, lo, hi, y: system, c: code });
  }
  return ranges;
}

function compositeEntry(param: string, parts: IndexEntries): CompositeDocument {
  const [n, r] = [exactEntries(parts), rangeEntries(parts)];
  return { p: param, ...(n.length === 0 ? {} : { n }), ...(r.length === 0 ? {} : { r }) };
}

/** Where the hulls of ranges begin: what `ranges.ts` drives by. */
function addRangeSorts(sorts: PreparedSort[], kind: RangeKind, entries: readonly RangeEntry[]): void {
  for (const [i, { param, lo, hi }] of entries.entries()) {
    if (!isDriven(kind, param) || entries.findIndex((entry) => entry.param === param) !== i) continue;
    const hull = { lo, hi };
    for (const other of entries) {
      if (other.param !== param) continue;
      hull.lo = Math.min(hull.lo, other.lo);
      hull.hi = Math.max(hull.hi, other.hi);
    }
    const value = sortText(hull.lo);
    for (const path of hullPaths(kind, hull.hi - hull.lo)) sorts.push({ param, path, value });
  }
}

/** Adds sort keys of strings, dates and numbers; the others are returned as plain values. */
function addValueSorts(sorts: PreparedSort[], entries: IndexEntries): IndexFields['u'] {
  const plain: Record<string, PlainSort> = {};
  let has = false;
  for (const entry of entries.sort) {
    const { param, lo, hi } = entry;
    if (isIndexed(entry, entries)) {
      if (!sorts.some((sort) => sort.param === param && sort.path === 'lo')) sorts.push({ param, path: 'lo', value: sortText(lo) });
      sorts.push({ param, path: 'hi', value: sortText(hi) });
    } else {
      plain[param] = lo === hi ? lo : [lo, hi];
      has = true;
    }
  }
  return has ? plain : undefined;
}

/**
 * An order by tokens, references, URIs or quantities is asked for too seldom for keys of its own: these are sorted when
 * asked for.
 */
const isIndexed = ({ param, lo }: SortEntry, { string, quantity }: IndexEntries): boolean =>
  typeof lo === 'number' ? !quantity.some((entry) => entry.param === param) : string.some((entry) => entry.param === param);

/** Index entries as fields of a document: driving keys, exact entries, ranges and sort keys. */
import type { IndexEntries, RangeEntry } from '../../search/entries.ts';
import type { CompositeDocument, IndexFields, RangeDocument } from './documents.ts';
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
import { widthClass } from './ranges.ts';

/** Pairs that are asked for together so often that a key of both pays: see `pairKey`. */
export const PAIRED_REFERENCES: ReadonlySet<string> = new Set(['patient', 'subject']);
export const PAIRED_TOKENS: ReadonlySet<string> = new Set(['code', 'category']);

/** What a resource's entries come to before its number of creation is known. */
export interface PreparedFields extends Omit<IndexFields, 's'> {
  readonly sorts: readonly PreparedSort[];
}

/** A path under `s` and the value its key is made of. */
interface PreparedSort {
  readonly param: string;
  readonly path: string;
  readonly value: string;
}

/** @param typed `clinic/type` */
export function prepareFields(typed: string, versionKey: string, entries: IndexEntries): PreparedFields {
  const [n, r] = [exactEntries(entries), rangeEntries(entries)];
  const x = entries.composite.map(({ param, parts }) => compositeEntry(param, parts));
  const sorts = [...rangeSorts(entries), ...valueSorts(entries)];
  const u = plainSorts(entries);
  return {
    k: [typed, versionKey, ...drivingKeys(typed, entries)],
    ...(n.length === 0 ? {} : { n }),
    ...(r.length === 0 ? {} : { r }),
    ...(x.length === 0 ? {} : { x }),
    ...(u === undefined ? {} : { u }),
    sorts,
  };
}

/** The fields of a resource that was created under the number `created`. */
export function completeFields(typed: string, { sorts, ...fields }: PreparedFields, created: number): IndexFields {
  if (sorts.length === 0) return fields;
  const s: Record<string, Record<string, string>> = {};
  for (const { param, path, value } of sorts) {
    (s[param] ??= {})[path] = path === 'hi' ? backwardKey(typed, value, created) : forwardKey(typed, value, created);
  }
  return { ...fields, s };
}

function drivingKeys(typed: string, entries: IndexEntries): string[] {
  const keys: string[] = [];
  for (const { param, code } of entries.token) keys.push(driverKey(typed, param, part(code)));
  for (const { param, value } of entries.string) keys.push(driverKey(typed, param, value));
  for (const { param, id } of entries.reference) keys.push(driverKey(typed, param, part(id)));
  for (const { param, value } of entries.uri) keys.push(driverKey(typed, param, value));
  for (const { param, parts } of entries.composite) {
    for (const token of parts.token) keys.push(partKey(typed, param, token.param, token.code));
  }
  return [...keys, ...pairKeys(typed, entries)];
}

/** Often two parameters refer to one patient: a set. */
function pairKeys(typed: string, { reference, token }: IndexEntries): Iterable<string> {
  const keys = new Set<string>();
  for (const { param, type, id } of reference) {
    if (type === '' || !PAIRED_REFERENCES.has(param)) continue;
    for (const { param: name, code } of token) if (PAIRED_TOKENS.has(name)) keys.add(pairKey(typed, name, type, id, code));
  }
  return keys;
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
  for (const { param, lo, hi, system, code } of quantity) ranges.push({ p: rangeName('quantity', param), lo, hi, y: system, c: code });
  return ranges;
}

function compositeEntry(param: string, parts: IndexEntries): CompositeDocument {
  const [n, r] = [exactEntries(parts), rangeEntries(parts)];
  return { p: param, ...(n.length === 0 ? {} : { n }), ...(r.length === 0 ? {} : { r }) };
}

/** The least end of a parameter's ranges, and its class if all of them together are wide: what `ranges.ts` drives by. */
function rangeSorts(entries: IndexEntries): PreparedSort[] {
  const sorts: PreparedSort[] = [];
  for (const kind of ['date', 'number', 'quantity'] as const) {
    for (const [param, { lo, hi }] of hulls(entries[kind])) {
      const value = sortText(lo);
      sorts.push({ param, path: 'lo', value });
      const wide = widthClass(kind, hi - lo);
      if (wide !== undefined) sorts.push({ param, path: wide, value });
    }
  }
  return sorts;
}

function hulls(entries: readonly RangeEntry[]): Map<string, { lo: number; hi: number }> {
  const all = new Map<string, { lo: number; hi: number }>();
  for (const { param, lo, hi } of entries) {
    const hull = all.get(param);
    all.set(param, hull ? { lo: Math.min(hull.lo, lo), hi: Math.max(hull.hi, hi) } : { lo, hi });
  }
  return all;
}

/** Sort keys of numbers and strings; `lo` of what has ranges is there already. */
function valueSorts(entries: IndexEntries): PreparedSort[] {
  const ranged = new Set([...entries.date, ...entries.number, ...entries.quantity].map((entry) => entry.param));
  return entries.sort
    .filter((entry) => isIndexed(entry, entries))
    .flatMap(({ param, lo, hi }) => [
      ...(ranged.has(param) ? [] : [{ param, path: 'lo', value: sortText(lo) }]),
      { param, path: 'hi', value: sortText(hi) },
    ]);
}

function plainSorts(entries: IndexEntries): IndexFields['u'] {
  const plain = entries.sort.filter((entry) => !isIndexed(entry, entries));
  return plain.length === 0 ? undefined : Object.fromEntries(plain.map(({ param, lo, hi }) => [param, { lo: String(lo), hi: String(hi) }]));
}

/**
 * Each sort key costs a write; an order by tokens, references or URIs is asked for too seldom to be worth it.
 * They are sorted when asked for.
 */
const isIndexed = ({ param, lo }: IndexEntries['sort'][number], { string }: IndexEntries): boolean =>
  typeof lo === 'number' || string.some((entry) => entry.param === param);

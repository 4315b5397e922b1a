/** What emitters write to while one resource is read. */
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { IndexEntries, SortEntry } from '../entries.ts';
import type { ElementKind } from './path/routes.ts';
import type { DateRange } from './normalise/dates.ts';
import type { Units } from './normalise/units.ts';

export interface Collector {
  readonly resource: JsonObject;
  /** Of dates without a zone. */
  readonly timeZone: string;
  readonly entries: Entries;
}

/** `IndexEntries` while they grow. */
export type Entries = { readonly [Kind in keyof IndexEntries]: Kind extends 'sort' ? Sort[] : IndexEntries[Kind][number][] };
type Sort = { -readonly [Key in keyof SortEntry]: SortEntry[Key] };

/** Makes entries of one value; what the value can't give is left out, never an error. */
export type Emit = (value: JsonValue, out: Collector) => void;

/** Under which name an emitter writes. Within a composite nothing is sorted by, and no `:text` or `:identifier` looked for. */
export interface Target {
  readonly param: string;
  readonly inComposite: boolean;
  /** What a reference may point to; any type where absent. */
  readonly types?: readonly string[];
}

export interface EmitterDeps {
  readonly dateRange: DateRange;
  readonly units: Units;
  /** Codes of a required binding by their system. */
  readonly codeSets: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Undefined where the parameter's type can't read the element's, such as a date parameter an age. */
export type EmitterFor = (deps: EmitterDeps, target: Target, element: ElementKind) => Emit | undefined;

export const createCollector = (resource: JsonObject, timeZone: string): Collector => ({
  resource,
  timeZone,
  entries: { token: [], string: [], reference: [], date: [], number: [], quantity: [], uri: [], composite: [], sort: [] },
});

/** Texts that are the same for so many characters are in no order: the keys of an index are short. */
const SORTED_LENGTH = 256;

/** Widens what the resource sorts by under the parameter. */
export function sortBy(out: Collector, target: Target, from: string | number, to: string | number): void {
  if (target.inComposite) return;
  const [lo, hi] = [sortable(from), sortable(to)];
  const { sort } = out.entries;
  for (const known of sort) {
    if (known.param !== target.param) continue;
    if (isLess(lo, known.lo)) known.lo = lo;
    if (isLess(known.hi, hi)) known.hi = hi;
    return;
  }
  sort.push({ param: target.param, lo, hi });
}

/** Never half of a pair of surrogates: that isn't UTF-8. */
function sortable<Value extends string | number>(value: Value): Value | string {
  if (typeof value !== 'string' || value.length <= SORTED_LENGTH) return value;
  const last = value.charCodeAt(SORTED_LENGTH - 1);
  return value.slice(0, last >= 0xd800 && last < 0xdc00 ? SORTED_LENGTH - 1 : SORTED_LENGTH);
}

const isLess = (a: string | number, b: string | number): boolean =>
  typeof a === 'string' && typeof b === 'string' ? isLessText(a, b) : a < b;

/** By UTF-8 bytes, as the stores compare: unlike UTF-16 units, they put surrogate pairs last. */
function isLessText(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) < rank(y);
  }
  return a.length < b.length;
}

const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

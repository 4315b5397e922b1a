/**
 * Ranges (dates, numbers, quantities) as intervals of one index. A resource's ranges of a parameter lie within their
 * hull, whose low end is indexed. Nearly all hulls are narrow, so what reaches into `a … b` has its low end in
 * `a - width … b`; the few wide ones are indexed again by class. What is found is compared exactly afterwards.
 */
import type { Bound, Bounds } from '../../search/ast.ts';

export type RangeKind = 'date' | 'number' | 'quantity';

interface WidthClass {
  /** Path under `s.<param>`. */
  readonly path: string;
  /** Widest hull of the class. */
  readonly width: number;
}

const DAY = 86_400_000;

/** Narrow first. A day may have 25 hours. */
const CLASSES: Readonly<Record<RangeKind, readonly WidthClass[]>> = {
  date: classes(DAY + DAY / 24, 32 * DAY, 367 * DAY),
  number: classes(1, 100, 10_000),
  quantity: classes(1, 100, 10_000),
};

function classes(narrow: number, medium: number, long: number): readonly WidthClass[] {
  return [
    { path: 'lo', width: narrow },
    { path: 'm', width: medium },
    { path: 'y', width: long },
    { path: 'z', width: Infinity },
  ];
}

/** Whether ranges of a parameter have keys. Of quantities those in canonical units: without a unit they are asked for with a code. */
export const isDriven = (kind: RangeKind, param: string): boolean => kind !== 'quantity' || param.includes(':');

/** The paths that the low end of a hull is indexed under: one for all, and one more for a wide hull. */
export function hullPaths(kind: RangeKind, width: number): readonly string[] {
  const [narrow, ...wide] = CLASSES[kind] as readonly [WidthClass, ...WidthClass[]];
  if (width <= narrow.width) return [narrow.path];
  return [
    narrow.path,
    ...wide
      .filter((c) => width <= c.width)
      .slice(0, 1)
      .map((c) => c.path),
  ];
}

/** Where hulls lie that may meet a condition: at or after `from`, at or before `to`. */
export interface Window {
  readonly from?: number;
  readonly to?: number;
}

/** What a resource's hull must reach into for one of its ranges to be within the bounds. */
export function windowOf({ lo, hi }: Bounds): Window {
  const from = greatest([lo?.gt, lo?.gte, hi?.gt, hi?.gte]);
  const to = least([lo?.lt, lo?.lte, hi?.lt, hi?.lte]);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

/** Both hold of one resource, so its hull reaches into both. */
export function meet(a: Window, b: Window): Window {
  const from = greatest([a.from, b.from]);
  const to = least([a.to, b.to]);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

const greatest = (numbers: readonly (number | undefined)[]): number | undefined => pick(numbers, (a, b) => a > b);
const least = (numbers: readonly (number | undefined)[]): number | undefined => pick(numbers, (a, b) => a < b);

function pick(numbers: readonly (number | undefined)[], better: (a: number, b: number) => boolean): number | undefined {
  return numbers.reduce((best, n) => (n !== undefined && (best === undefined || better(n, best)) ? n : best), undefined);
}

/** The intervals of low ends to look in, one a path. */
export function intervals(
  kind: RangeKind,
  window: Window,
): readonly { readonly path: string; readonly from?: number; readonly to?: number }[] {
  const { from, to } = window;
  const end = to === undefined ? {} : { to };
  if (from === undefined) return [{ path: 'lo', ...end }];
  return CLASSES[kind].map(({ path, width }) => (width === Infinity ? { path, ...end } : { path, from: reach(from, width), ...end }));
}

/** A little farther than the width, since subtractions round. */
const reach = (from: number, width: number): number => from - width * (1 + 1e-9) - Math.abs(from) * 1e-15;

/** A bound as a comparison of numbers; nothing but numbers can get into it. */
export function comparison(bound: Bound | undefined): Readonly<Record<string, number>> {
  const { gt, gte, lt, lte } = bound ?? {};
  return {
    ...(gt === undefined ? {} : { $gt: gt }),
    ...(gte === undefined ? {} : { $gte: gte }),
    ...(lt === undefined ? {} : { $lt: lt }),
    ...(lte === undefined ? {} : { $lte: lte }),
  };
}

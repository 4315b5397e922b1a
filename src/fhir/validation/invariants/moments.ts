/** Compares dates and times as FHIRPath does: by the calendar, and not at all where their precision leaves it open. */

const HOUR = 3_600_000;
/** How far a date without a zone may be off, either way. */
const ANY_ZONE = 14 * HOUR;
const MOMENT = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.*)?)?)?$/;

interface Interval {
  readonly first: number;
  readonly last: number;
}

export const isMoment = (text: string): boolean => MOMENT.test(text);

/** Negative, zero or positive; undefined if it can't be told. Both are dates, dateTimes or instants. */
export function compareMoments(left: string, right: string): number | undefined {
  if (left === right) return 0;
  if (isOfSameZone(left, right)) return left < right ? -1 : 1;
  const a = intervalOf(left);
  const b = intervalOf(right);
  if (!a || !b) return undefined;
  if (a.first === a.last && b.first === b.last) return a.first - b.first;
  if (left.length === right.length && !left.includes('T')) return left < right ? -1 : 1;
  if (a.last < b.first) return -1;
  return b.last < a.first ? 1 : undefined;
}

/** Both to the second, or the same fraction of it, in the same zone: they compare as texts. */
const isOfSameZone = (left: string, right: string): boolean =>
  left.length === right.length && left.length >= 20 && left.charCodeAt(19) === right.charCodeAt(19) && left.slice(-6) === right.slice(-6);

/** The moments that a text may mean, in milliseconds. */
function intervalOf(text: string): Interval | undefined {
  const parts = MOMENT.exec(text);
  if (!parts) return undefined;
  if (parts[4] !== undefined) {
    const at = Date.parse(text);
    return Number.isNaN(at) ? undefined : { first: at, last: at };
  }
  const [year, month, day] = [Number(parts[1]), parts[2], parts[3]];
  const first = Date.UTC(year, month === undefined ? 0 : Number(month) - 1, day === undefined ? 1 : Number(day));
  const last = day !== undefined ? first + 24 * HOUR : month !== undefined ? Date.UTC(year, Number(month), 1) : Date.UTC(year + 1, 0, 1);
  return { first: first - ANY_ZONE, last: last - 1 + ANY_ZONE };
}

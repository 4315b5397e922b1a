/** Dates of any precision as ranges of milliseconds since 1970, both ends included. https://hl7.org/fhir/R4/search.html#date */
import { createZones } from './zones.ts';

export interface DateSpan {
  readonly lo: number;
  readonly hi: number;
}

/**
 * The range a `date`, `dateTime` or `instant` covers by its precision: `1980` is that year. Without a zone it is in
 * `timeZone` (an IANA name; an unknown one throws a RangeError). Also takes times without seconds, and the blank that
 * an unescaped `+` becomes in a URL. Undefined for what is no date.
 */
export type DateRange = (text: string, timeZone: string) => DateSpan | undefined;

const HYPHEN = 45;
const COLON = 58;
const POINT = 46;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Up to nanoseconds and some; finer than milliseconds is cut off. */
const MAX_LENGTH = 48;

/** With a cache of zone offsets of its own. */
export function createDateRange(): DateRange {
  const zoneOf = createZones();
  return (text, timeZone) => {
    const read = readDate(text);
    if (!read) return undefined;
    const { local, end, offset } = read;
    if (offset !== undefined) return { lo: local - offset, hi: end - offset - 1 };
    const zone = zoneOf(timeZone);
    const lo = zone.instantOf(local);
    return { lo, hi: Math.max(lo, zone.instantOf(end) - 1) };
  };
}

/** One for the process: what it caches are facts about zones. */
export const dateRange: DateRange = createDateRange();

/** Wall-clock start and end (not included) as if in UTC, and the offset where the text has one. All in ms. */
type ReadDate = { readonly local: number; readonly end: number; readonly offset: number | undefined };

function readDate(text: string): ReadDate | undefined {
  const length = text.length;
  const year = digits(text, 0, 4);
  if (year < 1 || length > MAX_LENGTH) return undefined;
  if (length === 4) return dateOnly(utc(year, 0, 1), utc(year + 1, 0, 1));
  const month = text.charCodeAt(4) === HYPHEN ? digits(text, 5, 2) : 0;
  if (month < 1 || month > 12) return undefined;
  if (length === 7) return dateOnly(utc(year, month - 1, 1), utc(year, month, 1));
  const day = text.charCodeAt(7) === HYPHEN ? digits(text, 8, 2) : 0;
  if (day < 1 || day > daysIn(year, month)) return undefined;
  const start = utc(year, month - 1, day);
  if (length === 10) return dateOnly(start, start + DAY);
  return text[10] === 'T' ? readTime(text, start) : undefined;
}

const dateOnly = (local: number, end: number): ReadDate => ({ local, end, offset: undefined });

function readTime(text: string, day: number): ReadDate | undefined {
  const hour = digits(text, 11, 2);
  const minute = text.charCodeAt(13) === COLON ? digits(text, 14, 2) : -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return undefined;
  const start = day + hour * 3_600_000 + minute * MINUTE;
  if (text.charCodeAt(16) !== COLON) return withZone(text, 16, start, MINUTE);
  const second = digits(text, 17, 2);
  // 60 is a leap second, which the specification allows.
  if (second < 0 || second > 60) return undefined;
  if (text.charCodeAt(19) !== POINT) return withZone(text, 19, start + second * 1000, 1000);
  return readFraction(text, start + second * 1000);
}

function readFraction(text: string, start: number): ReadDate | undefined {
  let end = 20;
  let fraction = 0;
  let unit = 1000;
  for (let d = digit(text, end); d >= 0; d = digit(text, ++end)) {
    if (unit === 1) continue;
    unit /= 10;
    fraction += d * unit;
  }
  return end === 20 ? undefined : withZone(text, end, start + fraction, unit);
}

function withZone(text: string, at: number, local: number, precision: number): ReadDate | undefined {
  const end = local + precision;
  if (at === text.length) return { local, end, offset: undefined };
  const sign = text[at];
  if (sign === 'Z') return text.length === at + 1 ? { local, end, offset: 0 } : undefined;
  if ((sign !== '+' && sign !== '-' && sign !== ' ') || text.length !== at + 6 || text.charCodeAt(at + 3) !== COLON) return undefined;
  const hours = digits(text, at + 1, 2);
  const minutes = digits(text, at + 4, 2);
  if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return undefined;
  const offset = (hours * 60 + minutes) * MINUTE;
  return { local, end, offset: sign === '-' ? -offset : offset };
}

/** -1 where there are no digits. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const d = digit(text, i);
    if (d < 0) return -1;
    value = value * 10 + d;
  }
  return value;
}

/** -1 where there is none. */
function digit(text: string, at: number): number {
  const d = text.charCodeAt(at) - 48;
  return d >= 0 && d <= 9 ? d : -1;
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999: 400 years, the length of the calendar's cycle, avoid it. */
const utc = (year: number, month: number, day: number): number => Date.UTC(year + 400, month, day) - CYCLE;
const CYCLE = 146_097 * DAY;

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/**
 * Forms of dates and times (https://hl7.org/fhir/R4/datatypes.html#dateTime), the calendar included: 2021-02-30 is none.
 * Read by position, without regular expressions: every timestamp of every write comes through here.
 */

const DASH = 45;
const COLON = 58;
const DOT = 46;
const LETTER_T = 84;
const LETTER_Z = 90;
const PLUS = 43;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
export const isDate = (text: string): boolean => {
  const end = dateEnd(text);
  return end > 0 && end === text.length;
};

/** A date, or a date with time, seconds and zone. */
export function isDateTime(text: string): boolean {
  const end = dateEnd(text);
  if (end === text.length) return end > 0;
  return end === 10 && isTimeWithZone(text);
}

/** A full date with time, seconds and zone. */
export const isInstant = (text: string): boolean => dateEnd(text) === 10 && isTimeWithZone(text);

/** `hh:mm:ss` with an optional fraction, without a zone. */
export const isTime = (text: string): boolean => timeEnd(text, 0) === text.length;

/** Two digits as a number, or -1. */
function pair(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const daysOf = (year: number, month: number): number => (month === 2 && isLeap(year) ? 29 : (DAYS[month - 1] ?? 0));

/** Where the date that `text` begins with ends: 4, 7 or 10; 0 if it begins with none. */
function dateEnd(text: string): number {
  const century = pair(text, 0);
  const rest = pair(text, 2);
  if (century < 0 || rest < 0 || century + rest === 0) return 0;
  if (text.charCodeAt(4) !== DASH) return 4;
  const month = pair(text, 5);
  if (month < 1 || month > 12) return 0;
  if (text.charCodeAt(7) !== DASH) return 7;
  const day = pair(text, 8);
  return day >= 1 && day <= daysOf(century * 100 + rest, month) ? 10 : 0;
}

/** Where `hh:mm:ss[.f]` at `start` ends, or -1. A leap second, 60, is allowed. */
function timeEnd(text: string, start: number): number {
  const hours = pair(text, start);
  const minutes = pair(text, start + 3);
  const seconds = pair(text, start + 6);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 60) return -1;
  if (text.charCodeAt(start + 2) !== COLON || text.charCodeAt(start + 5) !== COLON) return -1;
  const end = start + 8;
  return text.charCodeAt(end) === DOT ? fractionEnd(text, end + 1) : end;
}

function fractionEnd(text: string, start: number): number {
  let at = start;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(at)) at++;
  return at > start ? at : -1;
}

function isTimeWithZone(text: string): boolean {
  if (text.charCodeAt(10) !== LETTER_T) return false;
  const end = timeEnd(text, 11);
  return end > 0 && isZone(text, end);
}

/** `Z`, or an offset of at most 14:00. */
function isZone(text: string, at: number): boolean {
  const sign = text.charCodeAt(at);
  if (sign === LETTER_Z) return text.length === at + 1;
  if ((sign !== PLUS && sign !== DASH) || text.length !== at + 6 || text.charCodeAt(at + 3) !== COLON) return false;
  const hours = pair(text, at + 1);
  const minutes = pair(text, at + 4);
  return hours >= 0 && minutes >= 0 && minutes <= 59 && (hours <= 13 || (hours === 14 && minutes === 0));
}

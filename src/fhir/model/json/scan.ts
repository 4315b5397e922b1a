import { fhirError } from '../../outcome/error.ts';
import type { NumberText } from './exact.ts';
import { type JsonLimits, NUMBER_LENGTH } from './limits.ts';
import { placeInText } from './place.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** Integers this short are printed as they are written. */
const SAFE_DIGITS = 15;

/** What a scan tells about a text. */
export interface ScanResult {
  readonly keys: number;
  /** Numbers that JavaScript would print otherwise, in the order of the text. */
  readonly inexact: readonly NumberText[];
}

/**
 * Counts keys and depth, and looks at numbers, without making a tree. Of a text that isn't JSON it says nothing
 * useful, but stops at the limits all the same.
 */
export function scan(text: string, limits: JsonLimits): ScanResult {
  const length = text.length;
  let depth = 0;
  let keys = 0;
  let containers = 0;
  let numbers = 0;
  const inexact: NumberText[] = [];
  let i = 0;
  while (i < length) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = endOfString(text, i + 1);
      continue;
    }
    if (c === COLON) {
      if (++keys > limits.keys) throw tooManyKeys(text, i, limits);
    } else if (c === 0x7b || c === 0x5b) {
      if (++depth > limits.depth) throw tooDeep(text, i, limits);
      if (++containers > limits.keys) throw tooManyKeys(text, i, limits);
    } else if (c === 0x7d || c === 0x5d) {
      depth--;
    } else if (c === MINUS || (c >= ZERO && c <= NINE)) {
      const end = endOfNumber(text, i + 1);
      if (printsOtherwise(text, i, end)) inexact.push({ nth: numbers, text: text.slice(i, end) });
      numbers++;
      i = end;
      continue;
    }
    i++;
  }
  return { keys, inexact };
}

/** The index behind the closing quote; the text's length if there is none. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (end >= 0) {
    let before = end - 1;
    while (before >= start && text.charCodeAt(before) === BACKSLASH) before--;
    if ((end - before) % 2 === 1) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function endOfNumber(text: string, start: number): number {
  let end = start;
  while (isNumberPart(text.charCodeAt(end))) end++;
  return end;
}

function isNumberPart(c: number): boolean {
  return (c >= ZERO && c <= NINE) || c === 0x2e || c === 0x2b || c === MINUS || c === 0x65 || c === 0x45;
}

/** True if `String(Number(token))` is another text. Throws for a number outside of the range of doubles. */
function printsOtherwise(text: string, start: number, end: number): boolean {
  if (end - start <= SAFE_DIGITS && isPlainInteger(text, start, end)) return false;
  const token = text.slice(start, end);
  if (token.length > NUMBER_LENGTH) throw badNumber(text, start, `a number has at most ${NUMBER_LENGTH} characters`);
  const number = Number(token);
  if (number === Infinity || number === -Infinity) throw badNumber(text, start, 'a number is less than 1.8e308 in size');
  return String(number) !== token;
}

function isPlainInteger(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c < ZERO || c > NINE) return false;
  }
  return true;
}

const badNumber = (text: string, at: number, rule: string): Error =>
  fhirError('invalid-json', rule, 'write the number with fewer digits or a smaller exponent', placeInText(text, at));

const tooManyKeys = (text: string, at: number, limits: JsonLimits): Error =>
  fhirError(
    'too-large',
    `a text has at most ${limits.keys} keys, objects or arrays`,
    'split the content into several resources',
    placeInText(text, at),
  );

const tooDeep = (text: string, at: number, limits: JsonLimits): Error =>
  fhirError('invalid-json', `objects and arrays nest at most ${limits.depth} deep`, 'flatten the content', placeInText(text, at));

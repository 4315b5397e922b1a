/** Equality of JSON values: https://www.rfc-editor.org/rfc/rfc6902#section-4.6 */
import { isExactNumber, isJsonObject } from '../model/json.ts';
import type { JsonArray, JsonObject, JsonValue } from '../model/json.ts';

/** Numbers are equal if they are numerically: `1.50` and `1.5`; members may be in any order. */
export function jsonEqual(a: JsonValue, b: JsonValue): boolean {
  if (a === b) return true;
  const x = numberText(a);
  const y = numberText(b);
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && canonicalNumber(x) === canonicalNumber(y);
  if (Array.isArray(a)) return Array.isArray(b) && arraysEqual(a, b);
  return isJsonObject(a) && isJsonObject(b) && objectsEqual(a, b);
}

function arraysEqual(a: JsonArray, b: JsonArray): boolean {
  return a.length === b.length && a.every((item, i) => jsonEqual(item, b[i] as JsonValue));
}

function objectsEqual(a: JsonObject, b: JsonObject): boolean {
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key] as JsonValue, b[key] as JsonValue))
  );
}

function numberText(value: JsonValue): string | undefined {
  if (typeof value === 'number') return String(value);
  return isExactNumber(value) ? value.rawJSON : undefined;
}

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Digits without zeros at either end, and the power of ten: `1.50` and `15e-1` are both `15e-1`. */
function canonicalNumber(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const end = digits.length - trailingZeros(digits);
  if (end === 0) return '0';
  return `${sign}${digits.slice(0, end)}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - end)}`;
}

/** Counted by hand: `/0+$/` takes quadratic time on many zeros. */
function trailingZeros(digits: string): number {
  let count = 0;
  while (count < digits.length && digits[digits.length - 1 - count] === '0') count++;
  return count;
}

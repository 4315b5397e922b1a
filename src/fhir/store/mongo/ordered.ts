/** Numbers as text whose UTF-8 order is that of the numbers: index keys that hold a value and what follows it in one string. */

/** In the order of their codes: six bits each. */
const DIGITS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const TWO_32 = 2 ** 32;

/** Any number but NaN, in 11 characters. */
export const orderedNumber: (value: number) => string = (() => {
  const view = new DataView(new ArrayBuffer(8));
  return (value) => {
    view.setFloat64(0, value + 0);
    const high = view.getUint32(0);
    // Negative numbers are all turned over, so that what is farther from zero comes first; of others only the sign is.
    const negative = high >= 0x80000000;
    return bits64(negative ? ~high : high ^ 0x80000000, negative ? ~view.getUint32(4) : view.getUint32(4));
  };
})();

const digit = (bits: number): string => DIGITS[bits & 63] as string;

function bits64(high: number, low: number): string {
  return (
    digit(high >>> 26) +
    digit(high >>> 20) +
    digit(high >>> 14) +
    digit(high >>> 8) +
    digit(high >>> 2) +
    digit((high << 4) | (low >>> 28)) +
    digit(low >>> 22) +
    digit(low >>> 16) +
    digit(low >>> 10) +
    digit(low >>> 4) +
    digit(low << 2)
  );
}

/** A whole number from 0 to 2^53 - 1, in 9 characters. */
export function orderedCount(value: number): string {
  const high = Math.floor(value / TWO_32);
  const low = value >>> 0;
  return (
    digit(high >>> 16) +
    digit(high >>> 10) +
    digit(high >>> 4) +
    digit((high << 2) | (low >>> 30)) +
    digit(low >>> 24) +
    digit(low >>> 18) +
    digit(low >>> 12) +
    digit(low >>> 6) +
    digit(low)
  );
}

/** The same, the other way round: what comes first read backwards. */
export const reversedCount = (value: number): string => orderedCount(Number.MAX_SAFE_INTEGER - value);

export const COUNT_LENGTH = 9;

/** Negative if `a` comes before `b` by the bytes of UTF-8: by code points, where JavaScript compares code units. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points beyond all other units. */
const rank = (unit: number): number => (unit >= 0xe000 ? unit - 0x800 : unit >= 0xd800 ? unit + 0x2000 : unit);

/** The least text that comes after all that start with `prefix`, which is not empty and has a character that can be raised. */
export function afterPrefix(prefix: string): string {
  const points = Array.from(prefix);
  for (let i = points.length - 1; i >= 0; i--) {
    const point = (points[i] as string).codePointAt(0) as number;
    if (point >= 0x10ffff) continue;
    // U+D800 to U+DFFF are no characters.
    return points.slice(0, i).join('') + String.fromCodePoint(point + 1 === 0xd800 ? 0xe000 : point + 1);
  }
  throw new RangeError('nothing comes after this prefix');
}

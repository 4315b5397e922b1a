/** What a number in a search stands for: `lo` included, `hi` not. */
export interface NumberRange {
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
}

/** Longer numbers than this are no measurements. */
const MAX_LENGTH = 60;
const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * The range that a number's text implies by its precision: `100` is [99.5, 100.5), `100.00` is [99.995, 100.005).
 * With an exponent at least two digits count as significant, as in the standard's example: `1e2` is [95, 105).
 * Undefined for what is no finite decimal number. https://hl7.org/fhir/R4/search.html#number
 */
export function numberRange(text: string): NumberRange | undefined {
  const match = text.length <= MAX_LENGTH ? NUMBER.exec(text) : null;
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', exponent] = match;
  const digits = whole + fraction;
  const coarse = exponent !== undefined && digits.replace(/^0+/, '').length < 2;
  const scale = Number(exponent ?? 0) - fraction.length - (coarse ? 1 : 0);
  const scaled = BigInt(digits) * (coarse ? 10n : 1n) * (sign === '-' ? -1n : 1n);
  const value = Number(text);
  const lo = decimal(scaled * 10n - 5n, scale - 1);
  const hi = decimal(scaled * 10n + 5n, scale - 1);
  return Number.isFinite(lo) && Number.isFinite(hi) && Number.isFinite(value) ? { value, lo, hi } : undefined;
}

/** Correctly rounded, unlike sums of binary fractions. */
const decimal = (digits: bigint, exponent: number): number => Number(`${digits}e${exponent}`);

/** A query string in pairs. */
import { invalid, tooCostly } from './problems.ts';
import type { Pair } from './types.ts';

/** A store weighs each condition to find the rarest. */
const MAX_PAIRS = 100;
const MAX_VALUES = 10_000;

/**
 * Splits and decodes `a=b&c=d` (https://url.spec.whatwg.org/#application/x-www-form-urlencoded). Throws
 * `invalid-parameter` for bad percent-encoding, `too-costly` for too many parameters or values.
 */
export function pairsOf(query: string): Pair[] {
  const pieces = query.split('&').filter((p) => p !== '');
  if (pieces.length > MAX_PAIRS) throw tooCostly('query', `has more than ${MAX_PAIRS} parameters`, 'Split it into several searches.');
  const pairs = pieces.map(pairOf);
  const values = pairs.reduce((sum, p) => sum + commas(p.value) + 1, 0);
  if (values > MAX_VALUES) throw tooCostly('query', `has more than ${MAX_VALUES} values`, 'Split it into several searches.');
  return pairs;
}

function pairOf(raw: string): Pair {
  const at = raw.indexOf('=');
  const name = decode(at < 0 ? raw : raw.slice(0, at));
  return { name, value: at < 0 ? '' : decode(raw.slice(at + 1)), raw };
}

function decode(text: string): string {
  const plain = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!plain.includes('%')) return plain;
  try {
    return decodeURIComponent(plain);
  } catch {
    throw invalid('query', 'has what is not percent-encoded UTF-8', 'Write a literal % as %25.');
  }
}

function commas(value: string): number {
  let count = 0;
  for (let at = value.indexOf(','); at >= 0; at = value.indexOf(',', at + 1)) count++;
  return count;
}

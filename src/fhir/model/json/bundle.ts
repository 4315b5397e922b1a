/** Bundles too large to be parsed at once: cut into entries first, without a tree, in slices. */
import { isUtf8 } from 'node:buffer';
import { FhirError, fhirError } from '../../outcome/error.ts';
import { createSlice, type Slice } from '../slices.ts';
import { resourceTypeOf } from './guards.ts';
import { JSON_LIMITS, type JsonLimits } from './limits.ts';
import { parseJson } from './parse.ts';
import { createTokenizer, type TokenListener } from './tokens.ts';
import type { JsonDocument } from './types.ts';

/** `depth` is that of the whole Bundle; `keys` is for an entry, and for the rest without entries. */
export interface BundleLimits extends JsonLimits {
  readonly entryBytes: number;
  readonly headBytes: number;
  /** Counted while the text is read: what has more costs no more than that many. */
  readonly entries: number;
}

/** An entry is at most a resource of 8 MiB with its request. */
export const BUNDLE_LIMITS: BundleLimits = { ...JSON_LIMITS, entryBytes: 8 * 2 ** 20 + 2 ** 16, headBytes: 2 ** 20, entries: Infinity };

export interface BundleParts {
  /** The Bundle without its entries; an empty `entry` stays. */
  readonly head: JsonDocument;
  /** The texts of the entries: views into the bytes that were split. */
  readonly entries: readonly Uint8Array[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

interface Found {
  readonly entries: Range[];
  /** What is between the brackets of `entry`. */
  inner: Range | undefined;
}

/** What is read between two looks at the clock: about a millisecond. */
const STRIDE = 2 ** 18;

/**
 * Reads the whole text once, strictly (syntax, UTF-8, depth, sizes), and cuts it. Nothing has to be taken back because
 * of a malformed end. Another resource with an `entry`, such as a List, is not cut. Throws `invalid-json` or `too-large`.
 */
export async function splitBundle(bytes: Uint8Array, limits: BundleLimits, slice: Slice = createSlice()): Promise<BundleParts> {
  const found: Found = { entries: [], inner: undefined };
  const tokenizer = createTokenizer(bytes, { depth: limits.depth, keys: Infinity }, entryFinder(bytes, limits, found));
  let valid = 0;
  for (let until = STRIDE; ; until += STRIDE) {
    valid = assertUtf8(bytes, valid, until);
    if (tokenizer.run(until)) break;
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return cut(bytes, found, limits);
}

function cut(bytes: Uint8Array, found: Found, limits: BundleLimits): BundleParts {
  const head = headOf(bytes, found, limits);
  const type = resourceTypeOf(head.value);
  if (type === 'Bundle' || type === '') return { head, entries: found.entries.map(({ start, end }) => bytes.subarray(start, end)) };
  if (bytes.length <= limits.entryBytes) return { head: parseJson(bytes, limits), entries: [] };
  throw fhirError('too-large', `a resource has at most ${limits.entryBytes} bytes`, 'split the content into several resources', type);
}

/** Parses the entries one after another. Errors name the entry: `Bundle.entry[3]`. */
export async function* entriesOf(
  entries: readonly Uint8Array[],
  limits: JsonLimits,
  slice: Slice = createSlice(),
): AsyncGenerator<JsonDocument> {
  for (const [index, bytes] of entries.entries()) {
    yield parseEntry(bytes, index, limits);
    const pause = slice.breathe();
    if (pause) await pause;
  }
}

/** Parses one. Errors name the entry. */
export function parseEntry(bytes: Uint8Array, index: number, limits: JsonLimits): JsonDocument {
  try {
    return parseJson(bytes, limits);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    throw new FhirError(error.issues.map((i) => ({ ...i, where: `${entryName(index)} ${i.where ?? ''}`.trim() })));
  }
}

/** Notes the members of the array that is the top object's `entry`. */
function entryFinder(bytes: Uint8Array, limits: BundleLimits, found: Found): TokenListener {
  let depth = 0;
  let inEntries = false;
  let isEntry = false;
  let start = 0;
  let keys = 0;
  const done = (from: number, end: number): void => {
    assertSize(end - from, limits.entryBytes, found.entries.length);
    if (found.entries.length >= limits.entries) throw tooManyEntries(limits);
    found.entries.push({ start: from, end });
  };
  return {
    open(at, array) {
      depth++;
      if (depth === 2 && array && isEntry && !found.inner) {
        inEntries = true;
        found.inner = { start: at + 1, end: at + 1 };
      } else if (depth === 3 && inEntries) {
        start = at;
        keys = 0;
      }
    },
    close(end) {
      depth--;
      if (!inEntries) return;
      if (depth === 2) done(start, end);
      if (depth !== 1) return;
      inEntries = false;
      found.inner = { start: found.inner?.start ?? end, end: end - 1 };
    },
    key(from, end) {
      if (depth === 1) isEntry = isEntryKey(bytes, from, end);
      else if (++keys > limits.keys) throw tooManyKeys(found.entries.length, limits);
    },
    leaf(from, end) {
      if (depth === 2 && inEntries) done(from, end);
    },
  };
}

/** A key may be written with escapes. */
function isEntryKey(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= 32 && JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) === 'entry';
}

function headOf(bytes: Uint8Array, { entries, inner }: Found, limits: BundleLimits): JsonDocument {
  const rest = inner ? Buffer.concat([bytes.subarray(0, inner.start), bytes.subarray(inner.end)]) : bytes;
  if (rest.length > limits.headBytes) {
    throw fhirError(
      'too-large',
      `a Bundle without its entries has at most ${limits.headBytes} bytes`,
      'move content into entries',
      'Bundle',
    );
  }
  const head = parseJson(rest, limits);
  if (entries.length === 0) return head;
  return { value: withoutEntry(head.value), exact: withoutEntry(head.exact) };
}

function withoutEntry({ entry: _entry, ...rest }: JsonDocument['value']): JsonDocument['value'] {
  return rest;
}

/** Checks from `from` to the last whole character before `until`; returns where to go on. */
function assertUtf8(bytes: Uint8Array, from: number, until: number): number {
  let end = Math.min(until, bytes.length);
  while (end < bytes.length && end > from && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  if (!isUtf8(bytes.subarray(from, end)))
    throw fhirError('invalid-json', 'a body is UTF-8', 'send it as UTF-8, without bytes of another encoding', 'body');
  return end;
}

function assertSize(size: number, limit: number, index: number): void {
  if (size <= limit) return;
  throw fhirError('too-large', `an entry has at most ${limit} bytes`, 'move large content into attachments of their own', entryName(index));
}

function tooManyKeys(index: number, limits: BundleLimits): FhirError {
  return fhirError('too-large', `an entry has at most ${limits.keys} keys`, 'split the content into several resources', entryName(index));
}

const tooManyEntries = ({ entries }: BundleLimits): FhirError =>
  fhirError('too-large', `a Bundle has at most ${entries} entries`, 'Split it.', 'Bundle.entry');

const entryName = (index: number): string => `Bundle.entry[${index}]`;

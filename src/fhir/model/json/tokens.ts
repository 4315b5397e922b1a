/** A strict reader of JSON (RFC 8259) that makes no tree, knows every place, and can stop and go on anywhere. */
import { type FhirError, fhirError } from '../../outcome/error.ts';
import { type JsonLimits, NUMBER_LENGTH } from './limits.ts';
import { placeInBytes } from './place.ts';

/** Told of each token; places are byte offsets, ends exclusive, strings with their quotes. */
export interface TokenListener {
  open(at: number, array: boolean): void;
  close(end: number): void;
  key(start: number, end: number): void;
  leaf(start: number, end: number): void;
}

export interface Tokenizer {
  /** Reads on, to `until` or a little further; true once the text is complete. Throws `invalid-json` or `too-large`. */
  run(until: number): boolean;
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma' | 'end';

interface Reading {
  readonly bytes: Uint8Array;
  readonly limits: JsonLimits;
  readonly listener: TokenListener;
  /** For each open container whether it is an array. */
  readonly open: boolean[];
  pos: number;
  expected: Expected;
  keys: number;
  containers: number;
  /** Where the string begins that is being read; -1 outside of strings. */
  string: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BOM = [0xef, 0xbb, 0xbf];
/** Bytes that stand for themselves in a string. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, c) => (c >= 0x20 && c !== QUOTE && c !== BACKSLASH ? 1 : 0));
const SPACE = Uint8Array.from({ length: 256 }, (_, c) => (c === 0x20 || c === 0x09 || c === 0x0a || c === 0x0d ? 1 : 0));
/** Ends a number or a literal. */
const DELIMITER = Uint8Array.from({ length: 256 }, (_, c) => (SPACE[c] === 1 || '",:[]{}'.includes(String.fromCharCode(c)) ? 1 : 0));
const LEAF = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

const latin = new TextDecoder('latin1');

/** Starts reading `bytes`, which must be UTF-8 (that is not checked here); a byte order mark is passed over. */
export function createTokenizer(bytes: Uint8Array, limits: JsonLimits, listener: TokenListener): Tokenizer {
  const pos = BOM.every((byte, i) => bytes[i] === byte) ? BOM.length : 0;
  const r: Reading = { bytes, limits, listener, open: [], pos, expected: 'value', keys: 0, containers: 0, string: -1 };
  return {
    run(until) {
      const end = Math.min(until, bytes.length);
      while (r.pos < end) advance(r, end);
      if (r.pos < bytes.length) return false;
      if (r.expected !== 'end')
        throw failure(r, r.pos, 'the text ends too early', 'send the whole text; look for an open quote or bracket');
      return true;
    },
  };
}

function advance(r: Reading, end: number): void {
  if (r.string >= 0) return readString(r, end);
  const c = r.bytes[r.pos] as number;
  if (SPACE[c] === 1) {
    r.pos++;
    return;
  }
  if (r.expected === 'comma') return afterValue(r, c);
  if (r.expected === 'colon') return readColon(r, c);
  if (r.expected === 'key' || r.expected === 'key or }') return readKey(r, c);
  if (r.expected === 'end') throw unexpected(r, 'the end of the text');
  readValue(r, c);
}

function readValue(r: Reading, c: number): void {
  if (c === QUOTE) startString(r);
  else if (c === 0x7b || c === 0x5b) openContainer(r, c === 0x5b);
  else if (c === 0x5d && r.expected === 'value or ]') closeContainer(r);
  else readLeaf(r);
}

function readKey(r: Reading, c: number): void {
  if (c === QUOTE) startString(r);
  else if (c === 0x7d && r.expected === 'key or }') closeContainer(r);
  else throw unexpected(r, 'a key in double quotes');
}

function readColon(r: Reading, c: number): void {
  if (c !== 0x3a) throw unexpected(r, 'a colon');
  if (++r.keys > r.limits.keys) throw tooMany(r);
  r.pos++;
  r.expected = 'value';
}

function afterValue(r: Reading, c: number): void {
  const array = r.open[r.open.length - 1] as boolean;
  if (c === 0x2c) {
    r.pos++;
    r.expected = array ? 'value' : 'key';
  } else if (c === (array ? 0x5d : 0x7d)) {
    closeContainer(r);
  } else {
    throw unexpected(r, array ? 'a comma or ]' : 'a comma or }');
  }
}

function openContainer(r: Reading, array: boolean): void {
  r.open.push(array);
  if (r.open.length > r.limits.depth) {
    throw failure(r, r.pos, `objects and arrays nest at most ${r.limits.depth} deep`, 'flatten the content');
  }
  if (++r.containers > r.limits.keys) throw tooMany(r);
  r.listener.open(r.pos, array);
  r.pos++;
  r.expected = array ? 'value or ]' : 'key or }';
}

function closeContainer(r: Reading): void {
  r.open.pop();
  r.pos++;
  r.listener.close(r.pos);
  valueDone(r);
}

function valueDone(r: Reading): void {
  r.expected = r.open.length === 0 ? 'end' : 'comma';
}

function startString(r: Reading): void {
  r.string = r.pos;
  r.pos++;
}

function readString(r: Reading, end: number): void {
  const { bytes } = r;
  let i = r.pos;
  while (i < end && PLAIN[bytes[i] as number] === 1) i++;
  r.pos = i;
  if (i >= end) return;
  if (bytes[i] === QUOTE) endString(r);
  else if (bytes[i] === BACKSLASH) r.pos += escapeLength(r);
  else throw failure(r, i, 'a string has no control characters', 'write \\n, \\t or \\u00XX instead');
}

function escapeLength(r: Reading): number {
  const match = ESCAPE.exec(latin.decode(r.bytes.subarray(r.pos, r.pos + 6)));
  if (!match)
    throw failure(
      r,
      r.pos,
      'an escape is one of \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX',
      'write a backslash twice if it is meant as one',
    );
  return match[0].length;
}

function endString(r: Reading): void {
  const start = r.string;
  r.string = -1;
  r.pos++;
  if (r.expected === 'key' || r.expected === 'key or }') {
    r.expected = 'colon';
    r.listener.key(start, r.pos);
  } else {
    r.listener.leaf(start, r.pos);
    valueDone(r);
  }
}

function readLeaf(r: Reading): void {
  const start = r.pos;
  const limit = Math.min(start + NUMBER_LENGTH + 1, r.bytes.length);
  let end = start;
  while (end < limit && DELIMITER[r.bytes[end] as number] !== 1) end++;
  const text = latin.decode(r.bytes.subarray(start, end));
  if (end - start > NUMBER_LENGTH || !LEAF.test(text)) throw unexpected(r, 'a value');
  if (Math.abs(Number(text)) === Infinity) throw failure(r, start, 'a number is less than 1.8e308 in size', 'write a smaller exponent');
  r.pos = end;
  r.listener.leaf(start, end);
  valueDone(r);
}

function unexpected(r: Reading, wanted: string): FhirError {
  return failure(r, r.pos, `not JSON: ${wanted} must be here`, 'JSON has double quotes, no comments and no trailing commas');
}

function tooMany(r: Reading): FhirError {
  const rule = `a text has at most ${r.limits.keys} keys, objects or arrays`;
  return fhirError('too-large', rule, 'split the content into several resources', placeInBytes(r.bytes, r.pos));
}

function failure(r: Reading, at: number, rule: string, hint: string): FhirError {
  return fhirError('invalid-json', rule, hint, placeInBytes(r.bytes, at));
}

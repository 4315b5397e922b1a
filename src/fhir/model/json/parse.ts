import { fhirError } from '../../outcome/error.ts';
import { parseExact, withNumberTexts } from './exact.ts';
import { isJsonObject } from './guards.ts';
import type { JsonLimits } from './limits.ts';
import { assertKeys, assertSyntax } from './locate.ts';
import { scan } from './scan.ts';
import type { JsonArrayDocument, JsonDocument, JsonValue } from './types.ts';

interface ParsedText {
  readonly value: JsonValue;
  readonly exact: JsonValue;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body strictly: UTF-8 (a byte order mark is tolerated), an object at the top, no key twice, no `__proto__`,
 * numbers within the range of doubles, within the limits.
 * Throws `invalid-json` or `too-large`, naming line and column or a JSON pointer.
 */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): JsonDocument {
  const { value, exact } = parseText(bytes, limits);
  if (!isJsonObject(value)) throw wrongTop('an object', '{"resourceType": …}');
  return { value, exact: exact as JsonDocument['exact'] };
}

/** The same for a text with an array at the top, as a JSON Patch is. */
export function parseJsonArray(bytes: Uint8Array, limits: JsonLimits): JsonArrayDocument {
  const { value, exact } = parseText(bytes, limits);
  if (!Array.isArray(value)) throw wrongTop('an array', '[…]');
  return { value, exact: exact as JsonArrayDocument['exact'] };
}

function parseText(bytes: Uint8Array, limits: JsonLimits): ParsedText {
  const text = decodeUtf8(bytes);
  const { keys, inexact } = scan(text, limits);
  const value = parseSyntax(text, bytes, limits);
  // Fewer keys in the tree than in the text: one of them was there twice. The way to find out that costs least.
  if (countKeys(value) !== keys) assertKeys(bytes, limits);
  return { value, exact: inexact.length > 0 ? (withNumberTexts(value, inexact) ?? parseExact(text)) : value };
}

/** Text of bytes that must be UTF-8. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw fhirError('invalid-json', 'a body is UTF-8', 'send it as UTF-8, without bytes of another encoding', 'body');
  }
}

function parseSyntax(text: string, bytes: Uint8Array, limits: JsonLimits): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    assertSyntax(bytes, limits);
    // Not reached while both readers agree; the error of the one that decides is then the better answer.
    throw fhirError('invalid-json', 'not JSON', (cause as Error).name, 'body');
  }
}

/** The keys of a tree; NaN if one of them is `__proto__`, so that the number equals no other. */
function countKeys(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) keys += countKeys(value[i] as JsonValue);
    return keys;
  }
  for (const key in value) {
    keys += key === '__proto__' ? NaN : 1;
    const member = value[key];
    if (typeof member === 'object' && member !== null) keys += countKeys(member);
  }
  return keys;
}

const wrongTop = (what: string, example: string): Error =>
  fhirError('invalid-json', `the text must be ${what}`, `send ${example}`, 'line 1, column 1');

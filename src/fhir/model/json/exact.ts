/** Numbers that keep their text: https://github.com/tc39/proposal-json-parse-with-source */
import type { JsonDocument, JsonObject, JsonValue } from './types.ts';

/** A number by its text; frozen and without prototype, made by `JSON.rawJSON`, printed as it is by `JSON.stringify`. */
export interface ExactNumber extends JsonObject {
  readonly rawJSON: string;
}

interface JsonWithSource {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): boolean;
  parse(text: string, reviver: (key: string, value: JsonValue, context: { readonly source?: string }) => JsonValue): JsonValue;
}

const json = JSON as unknown as JsonWithSource;

export function isExactNumber(value: unknown): value is ExactNumber {
  return json.isRawJSON(value);
}

/** The number a JSON number token stands for: a plain one if JavaScript prints it alike, otherwise an exact one. */
export function exactNumber(text: string): number | ExactNumber {
  const number = Number(text);
  return String(number) === text ? number : json.rawJSON(text);
}

/** A number of a text: the `nth`, counted from 0. */
export interface NumberText {
  readonly nth: number;
  readonly text: string;
}

interface Walk {
  readonly texts: readonly NumberText[];
  /** Numbers seen. */
  seen: number;
  /** Texts put in. */
  used: number;
}

/**
 * A copy of a parsed tree with the given numbers exact; what has none of them is shared. Undefined where the order of
 * the tree may not be that of the text: JavaScript puts keys that look like an array's index first.
 */
export function withNumberTexts(value: JsonValue, texts: readonly NumberText[]): JsonValue | undefined {
  return restored(value, { texts, seen: 0, used: 0 });
}

function restored(value: JsonValue, walk: Walk): JsonValue | undefined {
  if (typeof value === 'number') return restoredNumber(value, walk);
  if (typeof value !== 'object' || value === null || walk.used === walk.texts.length) return value;
  return Array.isArray(value) ? restoredArray(value, walk) : restoredObject(value, walk);
}

function restoredNumber(value: number, walk: Walk): JsonValue {
  const next = walk.texts[walk.used];
  if (next?.nth !== walk.seen++) return value;
  walk.used++;
  return json.rawJSON(next.text);
}

function restoredArray(value: JsonValue[], walk: Walk): JsonValue[] | undefined {
  const copy: JsonValue[] = [];
  for (const item of value) {
    const after = restored(item, walk);
    if (after === undefined) return undefined;
    copy.push(after);
  }
  return copy.every((item, i) => item === value[i]) ? value : copy;
}

function restoredObject(value: JsonObject, walk: Walk): JsonObject | undefined {
  let copy: Record<string, JsonValue> | undefined;
  for (const key in value) {
    if (startsWithDigit(key)) return undefined;
    const before = value[key] as JsonValue;
    const after = restored(before, walk);
    if (after === undefined) return undefined;
    if (after === before) continue;
    copy ??= { ...value };
    copy[key] = after;
  }
  return copy ?? value;
}

function startsWithDigit(key: string): boolean {
  const c = key.charCodeAt(0);
  return c >= 0x30 && c <= 0x39;
}

/** Parses a text that is known to be good, keeping number texts. Several times the cost of a plain parse. */
export function parseExact(text: string): JsonValue {
  return json.parse(text, (_key, value, context) => (typeof value === 'number' ? exactNumber(context.source ?? '') : value));
}

/** An exact tree as plain JSON. Parts without exact numbers are shared, not copied. */
export function toPlain(exact: JsonValue): JsonValue {
  if (typeof exact !== 'object' || exact === null) return exact;
  if (isExactNumber(exact)) return Number(exact.rawJSON);
  return Array.isArray(exact) ? plainArray(exact) : plainObject(exact);
}

/** Both views of an exact tree. */
export function toDocument(exact: JsonObject): JsonDocument {
  return { value: plainObject(exact), exact };
}

function plainArray(exact: JsonValue[]): JsonValue[] {
  const plain = exact.map(toPlain);
  return plain.every((item, i) => item === exact[i]) ? exact : plain;
}

function plainObject(exact: JsonObject): JsonObject {
  let copy: Record<string, JsonValue> | undefined;
  for (const key in exact) {
    const before = exact[key] as JsonValue;
    const after = toPlain(before);
    if (after === before) continue;
    copy ??= { ...exact };
    copy[key] = after;
  }
  return copy ?? exact;
}

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

/** Parses a text that is known to be good, keeping number texts. Some five times the cost of a plain parse. */
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

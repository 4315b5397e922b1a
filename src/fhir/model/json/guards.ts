import { isExactNumber } from './exact.ts';
import type { JsonArray, JsonObject } from './types.ts';

/** True for `{…}`; false for arrays, null and exact numbers. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}

export function isJsonArray(value: unknown): value is JsonArray {
  return Array.isArray(value);
}

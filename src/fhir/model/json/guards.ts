import { isExactNumber } from './exact.ts';
import type { JsonArray, JsonObject } from './types.ts';

/** True for `{…}`; false for arrays, null and exact numbers. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}

/** `resourceType`, or `''` where there is none. */
export function resourceTypeOf(resource: JsonObject): string {
  return typeof resource.resourceType === 'string' ? resource.resourceType : '';
}

export function isJsonArray(value: unknown): value is JsonArray {
  return Array.isArray(value);
}

/** A tree that may be changed: a patch works on a copy of its own. */
import { fhirError } from '../outcome/error.ts';
import { isExactNumber, isJsonObject, JSON_LIMITS } from '../model/json.ts';
import type { JsonArray, JsonObject, JsonValue } from '../model/json.ts';

/** An object of the copy. */
export type Members = Record<string, JsonValue>;

/** Copies a tree; exact numbers, which can't change, are shared. */
export function cloneTree(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return value;
  if (Array.isArray(value)) return value.map(cloneTree);
  const copy: Members = {};
  for (const key in value) copy[key] = cloneTree(value[key] as JsonValue);
  return copy;
}

/** Values in a tree, itself included; counts no further than `limit`. */
export function sizeOf(value: JsonValue, limit: number): number {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return 1;
  let size = 1;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (size > limit) break;
    size += sizeOf(member, limit - size);
  }
  return size;
}

/**
 * Takes away objects and arrays that a patch has emptied, and what becomes empty thereby: FHIR knows no empty elements
 * (https://hl7.org/fhir/R4/json.html). What was sent empty stays, and is for the validator to refuse.
 */
export function pruneEmptied(value: JsonValue, emptied: ReadonlySet<JsonValue>): void {
  if (emptied.size > 0) prune(value, emptied);
}

/** True if the value is empty now, by the patch. */
function prune(value: JsonValue, emptied: ReadonlySet<JsonValue>): boolean {
  if (Array.isArray(value)) return pruneArray(value, emptied);
  return isJsonObject(value) && pruneObject(value, emptied);
}

function pruneArray(array: JsonArray, emptied: ReadonlySet<JsonValue>): boolean {
  let removed = emptied.has(array);
  for (let i = array.length - 1; i >= 0; i--) {
    if (!prune(array[i] as JsonValue, emptied)) continue;
    array.splice(i, 1);
    removed = true;
  }
  return removed && array.length === 0;
}

function pruneObject(object: Members, emptied: ReadonlySet<JsonValue>): boolean {
  let removed = emptied.has(object);
  for (const key of Object.keys(object)) {
    if (!prune(object[key] as JsonValue, emptied)) continue;
    delete object[key];
    removed = true;
  }
  return removed && Object.keys(object).length === 0;
}

/** A patch must leave the resource what it is. Throws `business-rule`. */
export function assertSameResource(before: JsonObject, after: JsonValue): asserts after is JsonObject {
  const rule = 'a patch keeps resourceType and id';
  const hint = 'leave both out of the patch; create another resource for another id';
  if (!isJsonObject(after)) throw fhirError('business-rule', 'a patch leaves a resource, not something else', hint, 'patch');
  for (const key of ['resourceType', 'id']) {
    if (before[key] !== after[key]) throw fhirError('business-rule', rule, hint, key);
  }
}

/** A patched tree is as deep as a sent one may be. `above` levels are already there. Throws `business-rule`. */
export function assertDepth(value: JsonValue, above: number): void {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return;
  if (above >= JSON_LIMITS.depth)
    throw fhirError('business-rule', `objects and arrays nest at most ${JSON_LIMITS.depth} deep`, 'use a flatter structure', 'patch');
  for (const member of Array.isArray(value) ? value : Object.values(value)) assertDepth(member, above + 1);
}

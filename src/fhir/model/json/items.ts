/** Elements in JSON: a primitive is a property together with its `_` sibling (https://hl7.org/fhir/R4/json.html#primitive). */
import type { ElementModel } from '../types.ts';
import type { JsonObject, JsonValue } from './types.ts';

/** One element: a value, and for a primitive its id and extensions. */
export interface Item {
  readonly value: JsonValue | undefined;
  readonly extra: JsonValue | undefined;
}

/** All items of an element, in order. */
export function readItems(members: JsonObject, element: ElementModel): Item[] {
  const value = members[element.name];
  const extra = members[`_${element.name}`];
  if (!element.many) return value === undefined && extra === undefined ? [] : [{ value, extra }];
  const values = Array.isArray(value) ? value : [];
  const extras = Array.isArray(extra) ? extra : [];
  const length = Math.max(values.length, extras.length);
  return Array.from({ length }, (_, i) => ({ value: values[i] ?? undefined, extra: extras[i] ?? undefined }));
}

/** Puts the items of an element in place of those that were there; null stands where a value or an extra is missing. */
export function writeItems(members: Record<string, JsonValue>, element: ElementModel, items: readonly Item[]): void {
  write(
    members,
    element.name,
    element.many,
    items.map((item) => item.value),
  );
  write(
    members,
    `_${element.name}`,
    element.many,
    items.map((item) => item.extra),
  );
}

function write(members: Record<string, JsonValue>, key: string, many: boolean, values: readonly (JsonValue | undefined)[]): void {
  const first = values.find((value) => value !== undefined);
  if (first === undefined) delete members[key];
  else members[key] = many ? values.map((value) => value ?? null) : first;
}

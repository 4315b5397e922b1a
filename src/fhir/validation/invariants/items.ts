/** Collections of FHIRPath over plain JSON, and what operators and functions of invariants share. */
import type { JsonObject, JsonValue } from '../../model/json.ts';

/** Never null. A primitive element without a value, `_birthDate` alone, stands as the object that holds its extensions. */
export type Item = JsonValue;
export type Items = readonly Item[];

/** What an evaluation sees besides its focus. */
export interface Scope {
  /** `%resource`: the resource that holds the element, a contained one included. */
  resource: JsonObject;
  /** `%rootResource`: the resource that contains it, or the same. */
  rootResource: JsonObject;
  /** `%context`: the element that the invariant is about. */
  context: Item;
  /** How many more items may be looked at in this check. */
  budget: number;
  /** Parts of the running invariant that are the same for each item of a list. */
  readonly memo: Map<object, Items>;
}

export type Evaluate = (focus: Item, scope: Scope) => Items;

export const EMPTY: Items = Object.freeze([]);
export const TRUE: Items = Object.freeze([true]);
export const FALSE: Items = Object.freeze([false]);
export const bool = (value: boolean): Items => (value ? TRUE : FALSE);

/** Thrown when the invariants of one resource would take too long: some are quadratic in what a client sends. */
export class InvariantsTooCostly extends Error {}

export function spend(scope: Scope, items: number): void {
  scope.budget -= items;
  if (scope.budget < 0) throw new InvariantsTooCostly();
}

/** A collection as a condition: undefined where FHIRPath says it is neither true nor false. */
export function truth(items: Items): boolean | undefined {
  if (items.length === 0) return undefined;
  const first = items[0];
  return typeof first === 'boolean' && items.length === 1 ? first : true;
}

export function isObject(item: Item | undefined): item is JsonObject {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/** Deep equality of two items; objects are equal whatever the order of their keys. */
function isSame(left: Item | undefined, right: Item | undefined, scope: Scope): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) || Array.isArray(right)) return Array.isArray(left) && Array.isArray(right) && areSame(left, right, scope);
  const keys = Object.keys(left);
  spend(scope, keys.length + 1);
  return keys.length === Object.keys(right).length && keys.every((k) => Object.hasOwn(right, k) && isSame(left[k], right[k], scope));
}

export const areSame = (left: Items, right: Items, scope: Scope): boolean =>
  left.length === right.length && left.every((item, i) => isSame(item, right[i], scope));

/** Items without those that are the same as an earlier one. */
export function distinct(items: Items, scope: Scope): Items {
  const primitives = new Set<Item>();
  const objects: Item[] = [];
  const kept = items.filter((item) => {
    if (typeof item !== 'object') return primitives.has(item) ? false : primitives.add(item);
    spend(scope, objects.length);
    return objects.some((other) => isSame(other, item, scope)) ? false : objects.push(item);
  });
  return kept.length === items.length ? items : kept;
}

export function includes(items: Items, item: Item | undefined, scope: Scope): boolean {
  spend(scope, items.length);
  return items.some((other) => isSame(other, item, scope));
}

/** Elements of a changing tree by their definitions, a primitive together with its `_` sibling (https://hl7.org/fhir/R4/json.html#primitive). */
import type { Definitions } from '../model/definitions.ts';
import { isJsonObject } from '../model/json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { ElementModel } from '../model/types.ts';
import type { Members } from './tree.ts';

/** One element: a value, and for a primitive its id and extensions. */
export interface Item {
  readonly value: JsonValue | undefined;
  readonly extra: JsonValue | undefined;
}

/** An object of the tree and the type it is of. */
export interface Owner {
  readonly members: Members;
  readonly type: string;
}

export function isPrimitive(definitions: Definitions, type: string): boolean {
  return definitions.types[type]?.kind === 'primitive';
}

/** The element an owner has under a name; of a choice (`value`) the one that is there. Undefined if it has none. */
export function presentElement(definitions: Definitions, owner: Owner, name: string): ElementModel | undefined {
  const elements = definitions.elementsOf(owner.type);
  const exact = elements?.get(name);
  if (exact) return exact;
  return elements?.values().find((e) => e.choice === name && (e.name in owner.members || `_${e.name}` in owner.members));
}

/** True if the type defines the name, be it that of a choice. */
export function definesElement(definitions: Definitions, type: string, name: string): boolean {
  const elements = definitions.elementsOf(type);
  return elements !== undefined && (elements.has(name) || elements.values().some((e) => e.choice === name));
}

/** All items of an element, in order. */
export function readItems(members: Members, element: ElementModel): Item[] {
  const value = members[element.name];
  const extra = members[`_${element.name}`];
  if (!element.many) return value === undefined && extra === undefined ? [] : [{ value, extra }];
  const values = Array.isArray(value) ? value : [];
  const extras = Array.isArray(extra) ? extra : [];
  const length = Math.max(values.length, extras.length);
  return Array.from({ length }, (_, i) => ({ value: values[i] ?? undefined, extra: extras[i] ?? undefined }));
}

/** Puts the items of an element in place of those that were there. */
export function writeItems(members: Members, element: ElementModel, items: readonly Item[]): void {
  write(members, element.name, element.many, items.map((item) => item.value));
  write(members, `_${element.name}`, element.many, items.map((item) => item.extra));
}

function write(members: Members, key: string, many: boolean, values: readonly (JsonValue | undefined)[]): void {
  const first = values.find((value) => value !== undefined);
  if (first === undefined) delete members[key];
  else members[key] = many ? values.map((value) => value ?? null) : first;
}

/** The object that holds an item's children: itself, or a primitive's `_` sibling. Undefined where there is none. */
export function ownerOf(definitions: Definitions, element: ElementModel, { value, extra }: Item): Owner | undefined {
  const members = isPrimitive(definitions, element.type) ? extra : value;
  return isJsonObject(members) ? { members: members as Members, type: typeOf(element, members) } : undefined;
}

/** A resource within says itself what it is. */
function typeOf(element: ElementModel, members: JsonObject): string {
  return element.type === 'Resource' && typeof members.resourceType === 'string' ? members.resourceType : element.type;
}

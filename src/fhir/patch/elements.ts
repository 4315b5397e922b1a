/** Elements of a changing tree by their definitions. */
import type { Definitions } from '../model/definitions.ts';
import { isJsonObject } from '../model/json.ts';
import type { Item, JsonObject } from '../model/json.ts';
import type { ElementModel } from '../model/types.ts';
import type { Members } from './tree.ts';

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

/** The object that holds an item's children: itself, or a primitive's `_` sibling. Undefined where there is none. */
export function ownerOf(definitions: Definitions, element: ElementModel, { value, extra }: Item): Owner | undefined {
  const members = isPrimitive(definitions, element.type) ? extra : value;
  return isJsonObject(members) ? { members, type: typeOf(element, members) } : undefined;
}

/** A resource within says itself what it is. */
function typeOf(element: ElementModel, members: JsonObject): string {
  return element.type === 'Resource' && typeof members.resourceType === 'string' ? members.resourceType : element.type;
}

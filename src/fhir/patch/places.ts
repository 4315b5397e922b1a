/** Places in a changing resource. */
import type { Definitions } from '../model/definitions.ts';
import { readItems, resourceTypeOf, writeItems } from '../model/json.ts';
import type { ElementModel } from '../model/types.ts';
import { isPrimitive, type Owner, ownerOf, presentElement } from './elements.ts';
import type { Members } from './tree.ts';

/** An element that is there: the `index`th of its name in `owner`. */
export interface Place {
  readonly owner: Owner;
  readonly element: ElementModel;
  readonly index: number;
  /** The element that `owner` is; undefined for the resource. */
  readonly up: Place | undefined;
}

/** One step down: a name, and the index where the element repeats. */
export type Step = readonly [name: string, index: number | null];

export interface Resource {
  readonly definitions: Definitions;
  readonly root: Owner;
}

/** `tree` is changed by what is done to the places. */
export function resourceOf(definitions: Definitions, tree: Members): Resource {
  return { definitions, root: { members: tree, type: resourceTypeOf(tree) } };
}

/** The elements of a name below a place; undefined stands for the resource itself. */
export function children({ definitions, root }: Resource, up: Place | undefined, name: string): Place[] {
  const owner = up === undefined ? root : ownerAt(definitions, up);
  const element = owner && presentElement(definitions, owner, name);
  if (!owner || !element) return [];
  return readItems(owner.members, element).map((_item, index) => ({ owner, element, index, up }));
}

/** The place that steps lead to. Undefined if nothing is there. */
export function follow(resource: Resource, steps: readonly Step[]): Place | undefined {
  let place: Place | undefined;
  for (const [name, index] of steps) {
    place = children(resource, place, name)[index ?? 0];
    if (place === undefined) return undefined;
  }
  return place;
}

function ownerAt(definitions: Definitions, place: Place): Owner | undefined {
  const item = readItems(place.owner.members, place.element)[place.index];
  return item && ownerOf(definitions, place.element, item);
}

/** The object in which a place's children are, made if a primitive has none yet. */
export function enter({ definitions, root }: Resource, place: Place | undefined): Owner {
  if (place === undefined) return root;
  const known = ownerAt(definitions, place);
  if (known) return known;
  const { members } = place.owner;
  const extra: Members = {};
  writeItems(
    members,
    place.element,
    readItems(members, place.element).map((item, i) => (i === place.index ? { ...item, extra } : item)),
  );
  return { members: extra, type: place.element.type };
}

/** Takes an element away, and what becomes empty by that: FHIR knows no empty elements. */
export function removeAt(definitions: Definitions, place: Place): void {
  const { members } = place.owner;
  writeItems(members, place.element, readItems(members, place.element).toSpliced(place.index, 1));
  if (place.up && Object.keys(members).length === 0) removeChildless(definitions, place.up);
}

/** A primitive keeps its value when its last extension goes. */
function removeChildless(definitions: Definitions, place: Place): void {
  const { members } = place.owner;
  const items = readItems(members, place.element);
  const value = items[place.index]?.value;
  if (!isPrimitive(definitions, place.element.type) || value === undefined) return removeAt(definitions, place);
  writeItems(members, place.element, items.with(place.index, { value, extra: undefined }));
}

/** FHIRPath Patch: https://hl7.org/fhir/R4/fhirpatch.html */
import type { Definitions } from '../model/definitions.ts';
import { type FhirError, fhirError } from '../outcome/error.ts';
import { readItems, writeItems } from '../model/json.ts';
import type { Item, JsonObject } from '../model/json.ts';
import type { ElementModel } from '../model/types.ts';
import { type Owner, presentElement } from './elements.ts';
import { type FhirPathOperation, type PatchValue, readFhirPathPatch } from './parameters.ts';
import { locate, type PathLocator } from './locate.ts';
import { enter, type Place, removeAt, type Resource, resourceOf } from './places.ts';
import { assertDepth, assertSameResource, cloneTree } from './tree.ts';
import { append, elementFor, itemFor } from './values.ts';

export interface FhirPathPatchDeps {
  readonly definitions: Definitions;
  readonly locator: PathLocator;
}

/** A list in the resource, or one that could be there. */
interface List {
  readonly owner: Owner;
  readonly element: ElementModel;
  readonly items: readonly Item[];
}

/**
 * Applies a FHIRPath Patch to an exact tree. The result is new; number texts survive, of the resource and of the patch.
 * Throws `invalid-structure` (400) for what is no FHIRPath Patch, `business-rule` (422) for one that can't be applied,
 * `too-costly` (422) for paths that take too long.
 */
export async function applyFhirPathPatch(
  exact: JsonObject,
  parameters: JsonObject,
  { definitions, locator }: FhirPathPatchDeps,
): Promise<JsonObject> {
  const operations = readFhirPathPatch(parameters);
  const tree = cloneTree(exact) as JsonObject;
  const resource = resourceOf(definitions, tree);
  const evaluation = locator.begin();
  for (const [index, operation] of operations.entries()) {
    const where = `Parameters.parameter[${index}]: ${operation.path}`;
    const find = (path: string): Promise<(Place | undefined)[]> => locate(resource, path, evaluation, where);
    await apply(resource, operation, find, where);
  }
  assertSameResource(exact, tree);
  assertDepth(tree, 0);
  return tree;
}

type Find = (path: string) => Promise<(Place | undefined)[]>;

async function apply(resource: Resource, operation: FhirPathOperation, find: Find, where: string): Promise<void> {
  const { definitions } = resource;
  switch (operation.type) {
    case 'add':
      return append(definitions, enter(resource, await single(operation.path, find, where)), operation, where);
    case 'insert':
      return insert(definitions, await listAt(resource, operation, find, where), operation.index, operation.value, where);
    case 'delete':
      return remove(definitions, await find(operation.path), where);
    case 'replace':
      return replace(definitions, await single(operation.path, find, where), operation.value, where);
    case 'move':
      return move(await listAt(resource, operation, find, where), operation.source, operation.destination, where);
  }
}

/** The one place a path leads to; undefined is the resource. */
async function single(path: string, find: Find, where: string): Promise<Place | undefined> {
  const places = await find(path);
  if (places.length === 1) return places[0];
  const rule = places.length === 0 ? 'nothing is there' : `${places.length} elements are there, one is meant`;
  throw impossible(rule, 'correct the path', where);
}

function insert(definitions: Definitions, { owner, element, items }: List, index: number, value: PatchValue, where: string): void {
  if (!element.many) throw impossible(`${owner.type}.${element.name} does not repeat`, 'use add or replace', where);
  if (index > items.length)
    throw impossible(`the list has ${items.length} items; 0 to ${items.length} may be inserted at`, 'correct the index', where);
  elementFor(definitions, owner.type, element.name, value, where);
  writeItems(owner.members, element, items.toSpliced(index, 0, itemFor(definitions, element, value, where)));
}

/** What isn't there is deleted already. */
function remove(definitions: Definitions, places: readonly (Place | undefined)[], where: string): void {
  const [place] = places;
  if (places.length === 0) return;
  if (places.length > 1) throw impossible(`${places.length} elements are there, one is meant`, 'name one by its index', where);
  if (place === undefined) throw impossible('a patch does not remove the resource', 'use DELETE', where);
  removeAt(definitions, place);
}

function replace(definitions: Definitions, place: Place | undefined, value: PatchValue, where: string): void {
  if (place === undefined) throw impossible('a patch does not replace the resource', 'use an update', where);
  const { owner, element, index } = place;
  const wanted = elementFor(definitions, owner.type, element.choice ?? element.name, value, where);
  const items = readItems(owner.members, element).with(index, itemFor(definitions, wanted, value, where));
  if (wanted.name === element.name) return writeItems(owner.members, element, items);
  renameMember(owner, element.name, wanted.name);
  writeItems(owner.members, wanted, items);
}

/** Another type of a choice takes the place of the one before: keys stay in their order. */
function renameMember({ members }: Owner, before: string, after: string): void {
  const entries = Object.entries(members);
  for (const [key] of entries) delete members[key];
  for (const [key, value] of entries) {
    if (key === before) members[after] = value;
    else if (key !== `_${before}`) members[key] = value;
  }
}

function move({ owner, element, items }: List, source: number, destination: number, where: string): void {
  const item = items[source];
  if (item === undefined || destination >= items.length) {
    throw impossible(`the list has ${items.length} items; source and destination are indexes of it`, 'correct them', where);
  }
  writeItems(owner.members, element, items.toSpliced(source, 1).toSpliced(destination, 0, item));
}

const LAST_NAME = /^(.+)\.([A-Za-z][A-Za-z0-9]*)$/s;

/** The list that a path names. If it has no items yet, the path up to its last name must lead to one element. */
async function listAt(resource: Resource, { path }: { readonly path: string }, find: Find, where: string): Promise<List> {
  const places = await find(path);
  const [first] = places;
  if (first) {
    const { owner, element } = first;
    if (places.some((place) => place?.owner.members !== owner.members || place.element !== element))
      throw impossible('the elements are of several lists', 'name one list', where);
    return { owner, element, items: readItems(owner.members, element) };
  }
  const [, parent, name] = LAST_NAME.exec(path) ?? [];
  if (places.length > 0 || parent === undefined || name === undefined) throw impossible('no list is there', 'correct the path', where);
  const owner = enter(resource, await single(parent, find, where));
  const element = presentElement(resource.definitions, owner, name);
  if (!element) throw impossible(`${owner.type} has no list ${name}`, 'correct the path', where);
  return { owner, element, items: [] };
}

const impossible = (rule: string, hint: string, where: string): FhirError => fhirError('business-rule', rule, hint, where);

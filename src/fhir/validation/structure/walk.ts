/**
 * Walks a resource by the tables of its types: one pass, which allocates nothing as long as nothing is wrong. Invariants
 * of an element are evaluated when it has been walked and its structure is good.
 */
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { InvariantsTooCostly, type Item } from '../invariants/items.ts';
import { checkBinding } from './bindings.ts';
import { checkContained, noteLinks, reportUnreferenced, unreferencedOf } from './contained.ts';
import {
  reportChoice,
  reportForm,
  reportInvariant,
  reportMissing,
  reportNoArray,
  reportNoContent,
  reportPrimitive,
  reportUnknown,
} from './explain.ts';
import { nearest } from './nearest.ts';
import { COMPLEX, PRIMITIVE, RESOURCE, SIBLING, type Invariant, type PropertyPlan, type TypePlan } from './plan.ts';
import { checkReference } from './references.ts';
import { containerOf, isFull, placeOf, report, type Walk } from './trail.ts';

const ABSOLUTE_URL = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** Checks a resource; its own type is the plan's. */
export function walkResource(walk: Walk, type: TypePlan, value: JsonObject): void {
  walkObject(walk, type, value);
  const unreferenced = unreferencedOf(walk);
  if (unreferenced.length > 0) reportUnreferenced(walk, unreferenced);
}

function walkObject(walk: Walk, type: TypePlan, value: JsonObject): void {
  if (isFull(walk)) return;
  const before = walk.issues.length;
  let seen = 0;
  let content = 0;
  for (const key in value) {
    const property = type.properties.get(key);
    if (property !== undefined) {
      if ((seen & property.bit & type.choices) !== 0) reportChoice(walk, type, property, value);
      seen |= property.bit;
      content |= property.weight;
      walkProperty(walk, property, value[key], value);
    } else if (key !== 'resourceType' || !type.isResource) {
      reportUnknown(walk, type, key);
      content = 1;
    }
  }
  if (content === 0 && !type.isResource) reportNoContent(walk, value);
  else if ((seen & type.required) !== type.required) reportMissing(walk, type, seen);
  else if (type.exclusive !== undefined) checkExclusive(walk, type.exclusive, seen);
  if (type.invariants.length > 0 && walk.issues.length === before) checkInvariants(walk, type.invariants, value);
}

function walkProperty(walk: Walk, property: PropertyPlan, value: unknown, parent: JsonObject): void {
  switch (property.kind) {
    case PRIMITIVE:
      if (property.many) walkPrimitives(walk, property, value, parent);
      else walkPrimitive(walk, property, value);
      return;
    case SIBLING:
      if (property.many) walkSiblings(walk, property, value, parent);
      else walkSibling(walk, property, value, 0, parent[property.twin] !== undefined);
      return;
    case COMPLEX:
    case RESOURCE:
      if (!property.many) walkChild(walk, property, value, undefined);
      else if (!Array.isArray(value) || value.length === 0) reportNoArray(walk, property, value);
      else for (let i = 0; i < value.length; i++) walkChild(walk, property, value[i], i);
  }
}

function walkPrimitive(walk: Walk, property: PropertyPlan, value: unknown, index?: number): void {
  if (!property.accepts(value)) {
    reportPrimitive(walk, property, value, index);
    return;
  }
  if (property.isLink && walk.container.links !== undefined) noteLinks(walk.container.links, property, value as string);
  if (property.invariants.length > 0) {
    enter(walk, property, index);
    checkInvariants(walk, property.invariants, value as Item);
    walk.depth--;
  }
}

/** Values of a repeating primitive element; where one has only extensions, there is a null: json.html#primitive. */
function walkPrimitives(walk: Walk, property: PropertyPlan, value: unknown, parent: JsonObject): void {
  if (!Array.isArray(value) || value.length === 0) {
    reportNoArray(walk, property, value);
    return;
  }
  const siblings = parent[property.twin];
  for (let i = 0; i < value.length; i++) {
    if (value[i] !== null || !isPadding(siblings, i)) walkPrimitive(walk, property, value[i], i);
  }
}

const isPadding = (siblings: unknown, index: number): boolean => Array.isArray(siblings) && isJsonObject(siblings[index]);

function walkSiblings(walk: Walk, property: PropertyPlan, value: unknown, parent: JsonObject): void {
  if (!Array.isArray(value) || value.length === 0) {
    reportNoArray(walk, property, value);
    return;
  }
  const values = parent[property.twin];
  for (let i = 0; i < value.length; i++) {
    const hasPlace = Array.isArray(values) && i < values.length;
    if (value[i] !== null || !hasPlace) walkSibling(walk, property, value[i], i, hasPlace && values[i] !== null);
  }
}

/** Id and extensions of a primitive element. An id alone will do where there is a value. */
function walkSibling(walk: Walk, property: PropertyPlan, value: unknown, index: number, hasValue: boolean): void {
  if (!isJsonObject(value)) {
    reportForm(walk, property, value, property.many ? index : undefined);
    return;
  }
  if (hasValue && value['extension'] === undefined && typeof value['id'] === 'string' && Object.keys(value).length === 1) return;
  enter(walk, property, index);
  walkObject(walk, walk.plans.of('Element'), value);
  walk.depth--;
}

function enter(walk: Walk, property: PropertyPlan, index: number | undefined): void {
  walk.depth++;
  walk.steps[walk.depth] = property;
  walk.indexes[walk.depth] = index ?? 0;
}

function walkChild(walk: Walk, property: PropertyPlan, value: unknown, index: number | undefined): void {
  if (!isJsonObject(value)) {
    reportForm(walk, property, value, index);
    return;
  }
  enter(walk, property, index);
  if (property.kind === RESOURCE) walkInnerResource(walk, property, value);
  else walkElement(walk, property, value);
  walk.depth--;
}

function walkElement(walk: Walk, property: PropertyPlan, value: JsonObject): void {
  const before = walk.issues.length;
  walkObject(walk, walk.plans.of(property.element.type), value);
  if (walk.issues.length !== before) return;
  if (property.isReference) checkReference(walk, property, value);
  else if (property.isExtension) checkExtensionUrl(walk, value);
  else if (property.codes !== undefined) checkBinding(walk, property, property.codes, value);
  if (property.invariants.length > 0) checkInvariants(walk, property.invariants, value);
}

/** https://hl7.org/fhir/R4/extensibility.html#Extension: only inside of extensions may it be relative. */
function checkExtensionUrl(walk: Walk, value: JsonObject): void {
  const url = value['url'];
  if (typeof url !== 'string' || ABSOLUTE_URL.test(url)) return;
  report(
    walk,
    'invalid-value',
    `${placeOf(walk)}.url`,
    'the URL of an extension must be absolute',
    'name the extension by its canonical URL',
  );
}

/** A resource inside of another: contained it shares its container, otherwise it is one of its own. */
function walkInnerResource(walk: Walk, property: PropertyPlan, value: JsonObject): void {
  const type = resourcePlan(walk, value);
  if (!type) return;
  const { resource, rootResource, container } = walk;
  walk.resource = value;
  if (property.isContained) {
    checkContained(walk, type, value, walkObject);
  } else {
    walk.rootResource = value;
    walk.container = containerOf(value);
    walkResource(walk, type, value);
  }
  walk.resource = resource;
  walk.rootResource = rootResource;
  walk.container = container;
}

/** The plan for a resource's `resourceType`; undefined, and reported, if it has none that R4 knows. */
export function resourcePlan(walk: Walk, resource: JsonObject): TypePlan | undefined {
  const name = resource['resourceType'];
  const { resourceTypes } = walk.plans.definitions;
  if (typeof name === 'string' && resourceTypes.has(name)) return walk.plans.of(name);
  const meant = typeof name === 'string' && !isFull(walk) ? nearest(name, resourceTypes) : undefined;
  const hint = meant === undefined ? 'send, for example, "resourceType": "Patient"' : `did you mean ${meant}?`;
  report(walk, 'invalid-structure', placeOf(walk), 'resourceType must name a resource type of R4', hint);
  return undefined;
}

/** ext-1 */
function checkExclusive(walk: Walk, [one, other]: readonly [number, number], seen: number): void {
  const both = one | other;
  if ((seen & both) !== both && (seen & both) !== 0) return;
  const rule = 'ext-1: an extension must have either extensions or value[x], not both and not none';
  report(walk, 'invariant', placeOf(walk), rule, (seen & both) === 0 ? 'add a value' : 'keep one of them');
}

function checkInvariants(walk: Walk, invariants: readonly Invariant[], value: Item): void {
  if (walk.budget < 0) return;
  try {
    for (const { constraint, holds } of invariants) if (!holds(value, walk)) reportInvariant(walk, constraint);
  } catch (error) {
    if (!(error instanceof InvariantsTooCostly)) throw error;
    report(walk, 'too-costly', walk.root, 'its invariants take too long to check', 'send smaller resources');
  }
}

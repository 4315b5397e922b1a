/** Values of a FHIRPath Patch made into elements: the type must be right for the place. */
import type { Definitions } from '../model/definitions.ts';
import { type FhirError, fhirError } from '../outcome/error.ts';
import { readItems, writeItems } from '../model/json.ts';
import type { Item, JsonObject } from '../model/json.ts';
import type { ElementModel } from '../model/types.ts';
import { definesElement, isPrimitive, type Owner } from './elements.ts';
import type { NamedValue, PatchValue } from './parameters.ts';
import { cloneTree, type Members } from './tree.ts';

/** The element that a value may be put into under `name`, which may be that of a choice. Throws `business-rule`. */
export function elementFor(definitions: Definitions, type: string, name: string, value: PatchValue, where: string): ElementModel {
  if (!definesElement(definitions, type, name)) throw unfit(`${type} has no element ${name}`, 'correct the name', where);
  const candidates =
    definitions
      .elementsOf(type)
      ?.values()
      .filter((e) => e.name === name || e.choice === name)
      .toArray() ?? [];
  const exact = candidates.find((e) => isOfType(e, value));
  const found = exact ?? candidates.find((e) => fits(definitions, e, value));
  if (!found)
    throw unfit(
      `the value is not of a type that ${type}.${name} may have`,
      `give ${candidates
        .map((e) => e.type)
        .slice(0, 10)
        .join(', ')}`,
      where,
    );
  return found;
}

/** The item that a value makes for an element it fits. */
export function itemFor(definitions: Definitions, element: ElementModel, value: PatchValue, where: string): Item {
  if (value.kind === 'resource') return { value: cloneTree(value.resource), extra: undefined };
  if (value.kind === 'parts') return { value: assembled(definitions, element.type, value.parts, where), extra: undefined };
  return {
    value: value.value === undefined ? undefined : cloneTree(value.value),
    extra: value.extra === undefined ? undefined : cloneTree(value.extra),
  };
}

/** Appends to a list, or sets an element that isn't there yet. */
export function append(definitions: Definitions, owner: Owner, { name, value }: NamedValue, where: string): void {
  const element = elementFor(definitions, owner.type, name, value, where);
  const items = readItems(owner.members, element);
  if (!element.many && (items.length > 0 || hasOtherChoice(definitions, owner, element))) {
    throw unfit(`${owner.type}.${name} is there already and does not repeat`, 'use replace', where);
  }
  writeItems(owner.members, element, [...items, itemFor(definitions, element, value, where)]);
}

function assembled(definitions: Definitions, type: string, parts: readonly NamedValue[], where: string): JsonObject {
  const members: Members = {};
  for (const part of parts) append(definitions, { members, type }, part, where);
  return members;
}

function hasOtherChoice(definitions: Definitions, { members, type }: Owner, { choice }: ElementModel): boolean {
  return (
    choice !== undefined &&
    (definitions
      .elementsOf(type)
      ?.values()
      .some((e) => e.choice === choice && (e.name in members || `_${e.name}` in members)) ??
      false)
  );
}

function isOfType(element: ElementModel, value: PatchValue): boolean {
  return value.kind === 'value' && value.type.toLowerCase() === element.type.toLowerCase();
}

function fits(definitions: Definitions, element: ElementModel, value: PatchValue): boolean {
  if (value.kind === 'resource') return element.type === 'Resource';
  if (value.kind === 'parts') return element.type !== 'Resource' && !isPrimitive(definitions, element.type);
  if (!isPrimitive(definitions, element.type)) return false;
  const given = value.type.charAt(0).toLowerCase() + value.type.slice(1);
  return isPrimitive(definitions, given) && jsonKind(given) === jsonKind(element.type);
}

const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);

/** A string given for a code is taken, as clients do; whether it is a code is for the validator. */
function jsonKind(type: string): string {
  if (type === 'boolean') return 'boolean';
  return NUMBERS.has(type) ? 'number' : 'string';
}

const unfit = (rule: string, hint: string, where: string): FhirError => fhirError('business-rule', rule, hint, where);

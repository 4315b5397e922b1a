/** Steps of a FHIRPath to children, made from the element tables: a step to `value` reads `valueQuantity`, `valueString`, … */
import type { Definitions } from '../../model/definitions.ts';
import type { ElementModel } from '../../model/types.ts';
import { EMPTY, isObject, type Item, type Items } from './items.ts';

/** Names of the types that a collection may hold; undefined if that is not known. */
export type Types = readonly string[] | undefined;

export interface Step {
  readonly read: (item: Item) => Items;
  /** Cheaper than `read(item).length > 0`. */
  readonly has: (item: Item) => boolean;
  readonly types: Types;
}

const NO_STEP: Step = { read: () => EMPTY, has: () => false, types: [] };

/** The step from items of `types` to their children `name`; with `type`, only to those of a choice that have this type. */
export function stepTo(definitions: Definitions, types: Types, name: string, type?: string): Step {
  if (types === undefined || types.includes('Resource')) return stepByKeys([name], undefined);
  const elements = types.flatMap((t) => [...(definitions.elementsOf(t)?.values() ?? [])].filter((e) => isCalled(e, name)));
  const wanted = type === undefined ? elements : elements.filter((e) => e.type === type);
  return wanted.length === 0 ? NO_STEP : stepByKeys([...new Set(wanted.map((e) => e.name))], [...new Set(wanted.map((e) => e.type))]);
}

/** True if some child of that name is one of a choice. */
export const isChoice = (definitions: Definitions, types: Types, name: string): boolean =>
  (types ?? []).some((t) => [...(definitions.elementsOf(t)?.values() ?? [])].some((e) => e.choice === name));

const isCalled = (element: ElementModel, name: string): boolean =>
  element.choice === undefined ? element.name === name : element.choice === name;

function stepByKeys(keys: readonly string[], types: Types): Step {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return { ...stepByKey(only), types };
  const steps = new Map(keys.flatMap((key) => [key, '_' + key].map((k) => [k, stepByKey(key)] as const)));
  const stepOf = (item: Item) => stepPresent(steps, item);
  return { read: (item) => stepOf(item)?.read(item) ?? EMPTY, has: (item) => stepOf(item) !== undefined, types };
}

/** A choice may have fifty keys, an element seldom has ten: those are gone through. */
function stepPresent(steps: ReadonlyMap<string, Omit<Step, 'types'>>, item: Item): Omit<Step, 'types'> | undefined {
  if (!isObject(item)) return undefined;
  for (const key in item) {
    const step = steps.get(key);
    if (step) return step;
  }
  return undefined;
}

function stepByKey(key: string): Omit<Step, 'types'> {
  const sibling = '_' + key;
  return {
    has: (item) => isObject(item) && (item[key] !== undefined || item[sibling] !== undefined),
    read(item) {
      if (!isObject(item)) return EMPTY;
      const value = item[key];
      if (value === undefined) return valueless(item[sibling]);
      if (!Array.isArray(value)) return [value];
      return value.includes(null) ? filled(value, item[sibling]) : value;
    },
  };
}

/** Elements that have extensions but no value. */
function valueless(sibling: Item | undefined): Items {
  if (sibling === undefined) return EMPTY;
  return Array.isArray(sibling) ? sibling.filter((s) => s !== null) : [sibling];
}

function filled(values: Items, sibling: Item | undefined): Items {
  const extras: Items = Array.isArray(sibling) ? sibling : [];
  return values.map((value, i) => value ?? extras[i] ?? null).filter((v) => v !== null);
}

/** All children of an item, whatever their names. */
export function childrenOf(item: Item): Item[] {
  if (!isObject(item)) return [];
  const names = Object.keys(item).filter((k) => k !== 'resourceType' && !(k.startsWith('_') && item[k.slice(1)] !== undefined));
  return names.flatMap((k) => item[k] ?? []).filter((v) => v !== null);
}

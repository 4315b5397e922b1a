/** Parts of resources: https://hl7.org/fhir/R4/search.html#summary, https://hl7.org/fhir/R4/search.html#elements */
import type { Definitions } from '../model/definitions.ts';
import { isJsonObject, resourceTypeOf } from '../model/json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { ElementModel } from '../model/types.ts';

/** `_summary`, but for `count`, which is the search's. */
export type SummaryMode = 'true' | 'text' | 'data' | 'false';

type Keep = (element: ElementModel) => boolean;
type Members = Record<string, JsonValue>;

/** What makes a resource understood, and what it can't be without. */
const isVital: Keep = ({ min, modifier }) => min > 0 || modifier === true;

/**
 * A resource cut down as `_summary` asks, marked as SUBSETTED; for `false` the resource itself. Number texts survive.
 * In `true`, elements are chosen at every level: of an Attachment the url is part of a summary, the data is not.
 */
export function summarise(exact: JsonObject, mode: SummaryMode, definitions: Definitions): JsonObject {
  if (mode === 'false') return exact;
  if (mode === 'data') return subsetted(pick(exact, definitions, ({ name }) => name !== 'text'));
  if (mode === 'text')
    return subsetted(pick(exact, definitions, (element) => isVital(element) || ALWAYS.has(element.name) || element.name === 'text'));
  return subsetted(summaryOf(exact, resourceTypeOf(exact), definitions));
}

/** Kept whatever is chosen: without them nobody knows what it is a part of. */
const ALWAYS: ReadonlySet<string> = new Set(['id', 'meta']);

/**
 * A resource with the elements that `_elements` names and those it can't be without, marked as SUBSETTED. A name is that
 * of an element at the top (`name`, `value` for any `value[x]`), for one type only as `Patient.name`.
 */
export function selectElements(exact: JsonObject, elements: readonly string[], definitions: Definitions): JsonObject {
  const type = resourceTypeOf(exact);
  const names = new Set(elements.flatMap((name) => topName(name, type) ?? []));
  return subsetted(
    pick(
      exact,
      definitions,
      (element) => ALWAYS.has(element.name) || isVital(element) || names.has(element.name) || names.has(element.choice ?? ''),
    ),
  );
}

/** A resource with `elements` alone, marked as SUBSETTED whether or not it has others. They are names as `value` or `valueQuantity`. */
export function visibleElements(exact: JsonObject, elements: ReadonlySet<string>, definitions: Definitions): JsonObject {
  const isVisible: Keep = ({ name, choice }) => ALWAYS.has(name) || elements.has(name) || (choice !== undefined && elements.has(choice));
  return subsetted(pick(exact, definitions, isVisible));
}

/** Undefined for an element of another type. */
function topName(path: string, type: string): string | undefined {
  const [first = '', second] = path.replace('[x]', '').split('.');
  if (!/^[A-Z]/.test(first)) return first;
  return first === type ? second : undefined;
}

function pick(exact: JsonObject, definitions: Definitions, keep: Keep): JsonObject {
  const elements = definitions.elementsOf(resourceTypeOf(exact));
  const part: Members = {};
  for (const key in exact) {
    const element = elements?.get(nameOf(key));
    if (key === 'resourceType' || (element && keep(element))) part[key] = exact[key] as JsonValue;
  }
  return part;
}

function summaryOf(members: JsonObject, type: string, definitions: Definitions): JsonObject {
  const elements = definitions.elementsOf(type);
  const part: Members = {};
  for (const key in members) {
    const element = elements?.get(nameOf(key));
    const value = members[key] as JsonValue;
    if (key === 'resourceType') part[key] = value;
    else if (element && isInSummary(element)) part[key] = key.startsWith('_') ? value : summaryOfValue(value, element, definitions);
  }
  return part;
}

const isInSummary: Keep = (element) => element.summary === true || element.name === 'id' || isVital(element);

function summaryOfValue(value: JsonValue, element: ElementModel, definitions: Definitions): JsonValue {
  if (Array.isArray(value)) return value.map((item) => summaryOfValue(item, element, definitions));
  if (!isJsonObject(value)) return value;
  const part = summaryOf(value, element.type === 'Resource' ? resourceTypeOf(value) : element.type, definitions);
  // Where nothing inside is marked, the element is meant as a whole; an empty one wouldn't be FHIR.
  return Object.keys(part).length === 0 ? value : part;
}

/** The element a property is of: `_birthDate` holds what `birthDate` can't. */
const nameOf = (key: string): string => (key.startsWith('_') ? key.slice(1) : key);

/** https://hl7.org/fhir/R4/resource.html#simple-tags */
const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** With the tag in `meta`, which is made behind `id` if there is none. */
function subsetted(exact: JsonObject): JsonObject {
  const meta = isJsonObject(exact.meta) ? exact.meta : {};
  const tags = Array.isArray(meta.tag) ? meta.tag : [];
  if (tags.some((tag) => isJsonObject(tag) && tag.code === SUBSETTED.code && tag.system === SUBSETTED.system)) return exact;
  const marked = { ...meta, tag: [...tags, SUBSETTED] };
  if (exact.meta !== undefined) return { ...exact, meta: marked };
  const { resourceType, id, ...rest } = exact;
  return { ...(resourceType === undefined ? {} : { resourceType }), ...(id === undefined ? {} : { id }), meta: marked, ...rest };
}

/** References: https://hl7.org/fhir/R4/references.html#literal. Whether what they point to exists is not asked here. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import { listed } from './explain.ts';
import { nearest } from './nearest.ts';
import type { PropertyPlan } from './plan.ts';
import { isFull, placeOf, report, type Container, type Walk } from './trail.ts';

const HASH = 35;
const ID_AND_VERSION = /^[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$/;
const REST_URL = /^https?:\/\/[^\s?#]+\/([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;
const URN = /^urn:(?:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|oid:[0-2]\.[.0-9]+)$/;
const UNKNOWN_TYPE = '';

/** Checks the `reference` of an element of type Reference whose structure is good. */
export function checkReference(walk: Walk, property: PropertyPlan, value: JsonObject): void {
  const text = value['reference'];
  if (typeof text !== 'string') return;
  const type = text.charCodeAt(0) === HASH ? checkLocal(walk, text) : literalType(walk, text);
  if (type === undefined || type === UNKNOWN_TYPE || !property.targets || property.targets.has(type)) return;
  const rule = `must refer to ${listed([...property.targets])}, not to ${type}`;
  report(walk, 'invalid-reference', `${placeOf(walk)}.reference`, rule, 'refer to a resource of one of these types');
}

/** The type that a reference names, '' if it names none, undefined if it has been reported as malformed. */
function literalType(walk: Walk, text: string): string | undefined {
  const slash = text.indexOf('/');
  const { resourceTypes } = walk.plans.definitions;
  if (slash > 0) {
    const type = text.slice(0, slash);
    if (resourceTypes.has(type) && ID_AND_VERSION.test(text.slice(slash + 1))) return type;
  }
  if (text.startsWith('urn:uuid:') || text.startsWith('urn:oid:')) return URN.test(text) ? UNKNOWN_TYPE : malformed(walk, text);
  if (ABSOLUTE.test(text)) {
    const type = REST_URL.exec(text)?.[1] ?? '';
    return resourceTypes.has(type) ? type : UNKNOWN_TYPE;
  }
  return conditionalType(walk, text) ?? malformed(walk, text);
}

/** `Patient?identifier=…`, which a transaction replaces by what it finds: https://hl7.org/fhir/R4/http.html#trules. */
function conditionalType(walk: Walk, text: string): string | undefined {
  const type = text.slice(0, Math.max(0, text.indexOf('?')));
  return walk.hasConditions && walk.plans.definitions.resourceTypes.has(type) ? type : undefined;
}

function malformed(walk: Walk, text: string): undefined {
  if (isFull(walk)) return undefined;
  const { resourceTypes } = walk.plans.definitions;
  const type = /^([A-Za-z]{1,64})[/?]/.exec(text)?.[1];
  const meant = type === undefined || resourceTypes.has(type) ? undefined : nearest(type, resourceTypes);
  const rule = 'must be Type/id with a resource type of R4, an absolute URL, urn:uuid:…, urn:oid:… or #id';
  report(
    walk,
    'invalid-value',
    `${placeOf(walk)}.reference`,
    rule,
    meant === undefined ? 'send, for example, Patient/123' : `did you mean ${meant}?`,
  );
  return undefined;
}

/** ref-1: `#id` is a resource in `contained`; `#` alone, inside of one, is the resource that contains it. */
function checkLocal(walk: Walk, text: string): string | undefined {
  const { container } = walk;
  container.links?.add(text);
  if (text === '#' && container.isInside) {
    container.refersToContainer = true;
    return UNKNOWN_TYPE;
  }
  container.contained ??= containedTypes(container);
  const type = container.contained.get(text.slice(1));
  if (type !== undefined) return walk.plans.definitions.resourceTypes.has(type) ? type : UNKNOWN_TYPE;
  const hint = 'add the resource to contained, or refer to one that is stored by Type/id';
  report(walk, 'invalid-reference', `${placeOf(walk)}.reference`, 'ref-1: no contained resource has this id', hint);
  return undefined;
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function containedTypes(container: Container): ReadonlyMap<string, string> {
  const contained = container.resource['contained'];
  const resources = Array.isArray(contained) ? contained.filter(isJsonObject) : [];
  return new Map(resources.map((r) => [textOf(r['id']), textOf(r['resourceType'])]));
}

/** Contained resources: https://hl7.org/fhir/R4/references.html#contained, invariants dom-2 to dom-5 of DomainResource. */
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import type { PropertyPlan, TypePlan } from './plan.ts';
import { placeOf, report, type Walk } from './trail.ts';

type WalkObject = (walk: Walk, type: TypePlan, value: JsonObject) => void;

/** Checks one contained resource; `walkObject` looks into it. */
export function checkContained(walk: Walk, type: TypePlan, value: JsonObject, walkObject: WalkObject): void {
  const { container } = walk;
  const hint = 'leave it out of the contained resource';
  if (value['contained'] !== undefined) {
    report(
      walk,
      'invariant',
      `${placeOf(walk)}.contained`,
      'dom-2: a contained resource must not contain others',
      'contain them all in the outer resource',
    );
    return;
  }
  const { meta } = value;
  if (isJsonObject(meta) && (meta['versionId'] !== undefined || meta['lastUpdated'] !== undefined)) {
    report(walk, 'invariant', `${placeOf(walk)}.meta`, 'dom-4: a contained resource has no meta.versionId or meta.lastUpdated', hint);
  }
  if (isJsonObject(meta) && meta['security'] !== undefined) {
    report(walk, 'invariant', `${placeOf(walk)}.meta.security`, 'dom-5: a contained resource has no security labels', hint);
  }
  container.isInside = true;
  container.refersToContainer = false;
  walkObject(walk, type, value);
  container.isInside = false;
  if (container.refersToContainer && typeof value['id'] === 'string') container.links?.add('#' + value['id']);
}

/** In a narrative, images and links may be of contained resources. */
const NARRATIVE_LINK = /(?:src|href)\s*=\s*["'](#[A-Za-z0-9\-.]{1,64})["']/g;

/** Keeps the `#id` of a URI, or of those in a narrative. */
export function noteLinks(links: Set<string>, property: PropertyPlan, value: string): void {
  if (property.element.type !== 'xhtml') links.add(value);
  else for (const [, link] of value.matchAll(NARRATIVE_LINK)) if (link !== undefined) links.add(link);
}

/** dom-3: indexes of contained resources that nothing refers to, and that don't refer to their container. */
export function unreferencedOf({ container }: Walk): readonly number[] {
  const contained = container.resource['contained'];
  if (!container.links || !Array.isArray(contained)) return NONE;
  const { links } = container;
  const isReferred = ({ id }: JsonObject): boolean => typeof id === 'string' && links.has('#' + id);
  return contained.flatMap((resource, i) => (isJsonObject(resource) && !isReferred(resource) ? [i] : []));
}

const NONE: readonly number[] = [];

export function reportUnreferenced(walk: Walk, indexes: readonly number[]): void {
  for (const index of indexes) {
    const rule = 'dom-3: a contained resource must be referred to from elsewhere in the resource, or refer to it';
    report(walk, 'invariant', `${placeOf(walk)}.contained[${index}]`, rule, 'refer to it by #id, or leave it out');
  }
}

/** What a Reference or canonical points to. https://hl7.org/fhir/R4/references.html#literal */
import { isResourceId } from '../../../model/ids.ts';
import type { JsonObject } from '../../../model/json.ts';

export interface ReferenceTarget {
  /** `''` for URLs of other servers, canonicals and `urn:`s, whose `id` is the URL. */
  readonly type: string;
  readonly id: string;
}

const VERSION = '/_history/';

/** `Type/id` in parts, a version dropped; undefined for what is contained (`#p1`) and for `#`, the container. */
export function targetOf(text: string): ReferenceTarget | undefined {
  if (text.charCodeAt(0) === 35) return undefined;
  const at = text.indexOf(VERSION);
  const plain = at < 0 ? text : text.slice(0, at);
  const slash = plain.indexOf('/');
  if (slash > 0 && isTypeName(plain, slash)) {
    const id = plain.slice(slash + 1);
    if (isResourceId(id)) return { type: plain.slice(0, slash), id };
  }
  return { type: '', id: plain };
}

/** Told from a URL's scheme by its letters alone: those end in `:`. */
function isTypeName(text: string, length: number): boolean {
  const first = text.charCodeAt(0);
  if (first < 65 || first > 90) return false;
  for (let i = 1; i < length; i++) {
    const c = text.charCodeAt(i) | 32;
    if (c < 97 || c > 122) return false;
  }
  return true;
}

const TYPE_IN_URL = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * The type of what a Reference points to, as far as it says so itself: by its `type`, its URL, or the resource contained
 * under its fragment. Stands in for `resolve()`, which would have to read what may not be there yet.
 */
export function typeOfTarget(reference: JsonObject, resource: JsonObject): string | undefined {
  const { reference: text, type } = reference;
  if (typeof text !== 'string') return typeof type === 'string' ? type : undefined;
  if (text.charCodeAt(0) === 35) return typeOfContained(text.slice(1), resource);
  const target = targetOf(text);
  if (target && target.type !== '') return target.type;
  return typeof type === 'string' ? type : TYPE_IN_URL.exec(target?.id ?? '')?.[1];
}

function typeOfContained(id: string, resource: JsonObject): string | undefined {
  const { contained } = resource;
  if (!Array.isArray(contained)) return undefined;
  const found = contained.find((c): c is JsonObject => typeof c === 'object' && c !== null && !Array.isArray(c) && c['id'] === id);
  return typeof found?.['resourceType'] === 'string' ? found['resourceType'] : undefined;
}

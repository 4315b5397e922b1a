/**
 * Links between the entries of a transaction are rewritten wherever they may occur: references, elements of type uri,
 * url, oid, uuid and canonical, and links in narratives. https://hl7.org/fhir/R4/http.html#trules
 */
import type { Definitions } from '../model/definitions.ts';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts';

/** `reference`: of a Reference; `uri`: any other element that holds a link. */
export type LinkKind = 'reference' | 'uri';

/** What the link becomes; undefined: it stays. */
export type Replace = (link: string, kind: LinkKind) => string | undefined;

export interface LinkRewriter {
  /** The resource with its links replaced; the same object where none was. */
  rewrite(resource: JsonObject, replace: Replace): JsonObject;
}

type Step =
  | { readonly kind: 'link' }
  | { readonly kind: 'narrative' }
  | { readonly kind: 'resource' }
  | { readonly kind: 'type'; readonly type: string };

const LINK_TYPES = new Set(['uri', 'url', 'oid', 'uuid', 'canonical']);
const NARRATIVE_LINK = /(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')/g;

/** Which elements can lead to a link is found once for each type. */
export function createLinkRewriter(definitions: Definitions): LinkRewriter {
  const plans = new Map<string, Plan>();
  const planOf = (type: string): Plan => {
    const known = plans.get(type);
    if (known) return known;
    const plan = makePlan(definitions, type);
    plans.set(type, plan);
    return plan;
  };
  return {
    rewrite(resource, replace) {
      const type = resource['resourceType'];
      return typeof type === 'string' ? ofObject(resource, type, { planOf, replace }) : resource;
    },
  };
}

type Plan = ReadonlyMap<string, Step>;

interface Rewriting {
  readonly planOf: (type: string) => Plan;
  readonly replace: Replace;
}

function ofObject(object: JsonObject, type: string, rewriting: Rewriting): JsonObject {
  const plan = rewriting.planOf(type);
  let copy: Record<string, JsonValue> | undefined;
  for (const key in object) {
    const before = object[key] as JsonValue;
    const after = type === 'Reference' && key === 'reference' ? ofReference(before, rewriting) : ofProperty(key, before, plan, rewriting);
    if (after !== before) (copy ??= { ...object })[key] = after;
  }
  return copy ?? object;
}

const ofReference = (value: JsonValue, { replace }: Rewriting): JsonValue =>
  typeof value === 'string' ? (replace(value, 'reference') ?? value) : value;

function ofProperty(key: string, value: JsonValue, plan: Plan, rewriting: Rewriting): JsonValue {
  // `_birthDate` may carry extensions, and these links.
  const step = plan.get(key) ?? (key.startsWith('_') ? ELEMENT_STEP : undefined);
  return step === undefined ? value : ofValue(value, step, rewriting);
}

function ofValue(value: JsonValue, step: Step, rewriting: Rewriting): JsonValue {
  if (typeof value === 'string') return ofText(value, step, rewriting.replace);
  if (isJsonArray(value)) return ofItems(value, step, rewriting);
  if (!isJsonObject(value)) return value;
  if (step.kind === 'type') return ofObject(value, step.type, rewriting);
  return step.kind === 'resource' && typeof value['resourceType'] === 'string' ? ofObject(value, value['resourceType'], rewriting) : value;
}

function ofItems(items: JsonValue[], step: Step, rewriting: Rewriting): JsonValue[] {
  let copy: JsonValue[] | undefined;
  for (let i = 0; i < items.length; i++) {
    const before = items[i] as JsonValue;
    const after = ofValue(before, step, rewriting);
    if (after !== before) (copy ??= items.slice())[i] = after;
  }
  return copy ?? items;
}

const ELEMENT_STEP: Step = { kind: 'type', type: 'Element' };

function makePlan(definitions: Definitions, type: string): Plan {
  const plan = new Map<string, Step>();
  for (const element of definitions.elementsOf(type)?.values() ?? []) {
    const step = stepTo(definitions, element.type);
    if (step) plan.set(element.name, step);
  }
  return plan;
}

function stepTo(definitions: Definitions, type: string): Step | undefined {
  if (LINK_TYPES.has(type)) return { kind: 'link' };
  if (type === 'xhtml') return { kind: 'narrative' };
  if (type === 'Resource') return { kind: 'resource' };
  return definitions.types[type]?.kind === 'primitive' ? undefined : { kind: 'type', type };
}

function ofText(text: string, step: Step, replace: Replace): string {
  if (step.kind === 'link') return replace(text, 'uri') ?? text;
  if (step.kind !== 'narrative') return text;
  return text.replace(NARRATIVE_LINK, (whole, attribute: string, quoted: string) => {
    const target = replace(quoted.slice(1, -1), 'uri');
    return target === undefined ? whole : `${attribute}${quoted[0]}${target}${quoted[0]}`;
  });
}

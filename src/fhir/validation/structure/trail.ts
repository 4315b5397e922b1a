/** Where the walk is, and what it has found. Places are spelled out only when there is something to report. */
import { issue, type Issue } from '../../outcome/error.ts';
import type { ErrorKind } from '../../outcome/kinds.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Scope } from '../invariants/items.ts';
import type { Plans, PropertyPlan } from './plan.ts';

/** A resource with what it contains: `#id` means something in it. */
export interface Container {
  readonly resource: JsonObject;
  /** Types of the contained resources by id, made when first asked for. */
  contained: ReadonlyMap<string, string> | undefined;
  /** Every `#id` that was met; undefined where nothing is contained. */
  readonly links: Set<string> | undefined;
  /** Inside a contained resource. */
  isInside: boolean;
  /** The contained resource that the walk is in, or was in last, refers to its container by `#`. */
  refersToContainer: boolean;
}

export interface Walk extends Scope {
  readonly plans: Plans;
  /** `Patient?identifier=…` is allowed: the server replaces it. */
  readonly hasConditions: boolean;
  readonly root: string;
  readonly issues: Issue[];
  /** The properties that lead to the element, from 1 to `depth`. */
  readonly steps: PropertyPlan[];
  /** The index in each of them; meaningless where the property is no array. */
  readonly indexes: number[];
  depth: number;
  container: Container;
}

const MAX_ISSUES = 100;
const INVARIANT_BUDGET = 2_000_000;
const MAX_NAME = 64;
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Bundles whose conditional references the server resolves. */
const RESOLVED_BUNDLES: ReadonlySet<unknown> = new Set(['batch', 'transaction']);

export function startWalk(plans: Plans, resource: JsonObject, root: string): Walk {
  return {
    plans,
    hasConditions: root === 'Bundle' && RESOLVED_BUNDLES.has(resource['type']),
    root,
    resource,
    rootResource: resource,
    context: resource,
    budget: INVARIANT_BUDGET,
    memo: new Map(),
    issues: [],
    steps: [],
    indexes: [],
    depth: 0,
    container: containerOf(resource),
  };
}

export function containerOf(resource: JsonObject): Container {
  const links = Array.isArray(resource['contained']) ? new Set<string>() : undefined;
  return { resource, contained: undefined, links, isInside: false, refersToContainer: false };
}

export const isFull = (walk: Walk): boolean => walk.issues.length >= MAX_ISSUES;

/** FHIRPath of the element that the walk is in. */
export function placeOf(walk: Walk): string {
  let place = walk.root;
  for (let level = 1; level <= walk.depth; level++) {
    const step = walk.steps[level];
    if (step) place += `.${step.label}` + (step.many ? `[${walk.indexes[level] ?? 0}]` : '');
  }
  return place;
}

/** FHIRPath of a property of that element; of one of its values where an index is given. */
export function placeIn(walk: Walk, property: PropertyPlan, index?: number): string {
  return `${placeOf(walk)}.${property.label}` + (property.many && index !== undefined ? `[${index}]` : '');
}

/** Adds an issue, unless there are enough. */
export function report(walk: Walk, kind: ErrorKind, where: string, rule: string, hint: string): void {
  if (!isFull(walk)) walk.issues.push(issue(kind, rule, hint, where));
}

/** A name that a client made up, fit for a message and a FHIRPath. */
export function shownName(name: string): string {
  const short = name.slice(0, MAX_NAME);
  return PLAIN_NAME.test(short) ? short : `\`${short.replace(/[^\u0020-\u007e]|`/g, '?')}\``;
}

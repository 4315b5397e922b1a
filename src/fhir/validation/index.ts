/**
 * Checks resources against R4: structure, forms of values, required codes, references and the base invariants.
 * https://hl7.org/fhir/R4/validation.html
 */
import type { Definitions } from '../model/definitions.ts';
import type { JsonObject } from '../model/json.ts';
import type { Issue } from '../outcome/error.ts';
import { ERROR_KINDS } from '../outcome/kinds.ts';
import { createPlans } from './structure/plan.ts';
import { startWalk } from './structure/trail.ts';
import { resourcePlan, walkResource } from './structure/walk.ts';

export interface Validator {
  /**
   * All that is wrong with a resource, at most 100 issues: those of status 400 first, then those of 422, each in the
   * order of the document. Empty if nothing is. Takes the plain tree of a `JsonDocument`; never throws for its content.
   */
  check(resource: JsonObject): Issue[];
}

/** Tables are made when a type is first met, and kept in the validator. */
export function createValidator(deps: { readonly definitions: Definitions }): Validator {
  const plans = createPlans(deps.definitions);
  return {
    check(resource) {
      const name = resource['resourceType'];
      const root = typeof name === 'string' && deps.definitions.resourceTypes.has(name) ? name : 'Resource';
      const walk = startWalk(plans, resource, root);
      const type = resourcePlan(walk, resource);
      if (type) walkResource(walk, type, resource);
      return walk.issues.length > 1 ? walk.issues.sort((a, b) => statusOf(a) - statusOf(b)) : walk.issues;
    },
  };
}

const statusOf = (issue: Issue): number => ERROR_KINDS[issue.kind].status;

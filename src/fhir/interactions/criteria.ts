/** Search criteria of conditional interactions, from text to a tree that a store compiles. */
import { fhirError } from '../outcome/error.ts';
import type { ResourceType } from '../model/ids.ts';
import type { Node } from '../search/ast.ts';
import { parseSearch } from '../search/parse/index.ts';
import { resolve } from '../search/resolve.ts';
import { rewrite } from '../search/rewrite/index.ts';
import type { FhirDeps } from './deps.ts';
import type { RequestContext } from './message.ts';

/** Parsed, without the access filter. Throws for what isn't criteria: an unknown parameter always, a result parameter too. */
export function parseCriteria(deps: FhirDeps, context: RequestContext, type: ResourceType, criteria: string): Node {
  const parsed = parseSearch(deps, {
    query: criteria,
    type,
    timeZone: deps.timeZoneOf(context.principal.clinic),
    now: deps.clock.now(),
    baseUrl: context.baseUrl,
    handling: 'strict',
    maxCount: deps.limits.maxCount,
    visibleOf: (of) => context.access.visibleOf(of),
  });
  if (parsed.include.length + parsed.revinclude.length + parsed.sort.length > 0) {
    throw fhirError('invalid-parameter', 'a condition has search criteria only, no sorting and no includes', 'Leave them out.', criteria);
  }
  return parsed.where;
}

/** With the access filter in it, and chains answered. */
export async function settle(deps: FhirDeps, context: RequestContext, type: ResourceType, where: Node): Promise<Node> {
  return resolve(deps, context, [type], rewrite(where, [type], context.access));
}

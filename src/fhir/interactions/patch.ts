/** https://hl7.org/fhir/R4/http.html#patch */
import type { ResourceKey } from '../model/ids.ts';
import { fhirError } from '../outcome/error.ts';
import type { Guard } from '../store/port.ts';
import { expectedOf } from './etag.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import { written } from './respond.ts';
import type { Call, Handler } from './router.ts';
import { readToPatch } from './visible.ts';
import { assertExpected, commit, keptChanging, type Plan } from './write/commit.ts';
import { findMatches, onlyMatch, parseCondition } from './write/condition.ts';
import { preparePatched } from './write/prepare.ts';
import { provenanceOf } from './write/provenance.ts';
import type { InTurn } from './write/turns.ts';

const NO_PARAMETERS: ReadonlySet<string> = new Set();

/** Patches the current version; applied anew to a newer one when it was changed meanwhile, unless If-Match forbids it. */
export function createPatch(inTurn: InTurn): Handler {
  return async (call) => {
    const { deps, request, type, id } = call;
    const { context } = request;
    parametersOf(request, NO_PARAMETERS);
    const plan = (): Promise<Plan<FhirResponse>> => planPatch(call, { type, id }, []);
    if (expectedOf(request.headers) !== 'any') return commit(deps, context, plan);
    // Patches of one resource would only make each other plan anew: here they queue, and with other processes they go on trying.
    return inTurn(`${context.principal.clinic}/${type}/${id}`, () => {
      if (deps.clock.now() > context.deadline) throw keptChanging();
      return commit(deps, context, plan, Infinity);
    });
  };
}

/** Patches the one that matches the criteria. */
export async function patchMatch(call: Call): Promise<FhirResponse> {
  const { deps, request, type } = call;
  const condition = parseCondition(deps, request.context, type, request.query);
  return commit(deps, request.context, async () => {
    const matches = await findMatches(deps, request.context, condition);
    const id = onlyMatch(condition, matches);
    if (id === undefined)
      throw fhirError('not-found', 'no resource matches the criteria', 'Correct the criteria, or create the resource.', type);
    return planPatch(call, { type, id }, [matches.guard]);
  });
}

async function planPatch(call: Call, key: ResourceKey, guards: readonly Guard[]): Promise<Plan<FhirResponse>> {
  const { deps, request } = call;
  const expected = expectedOf(request.headers);
  const current = await readToPatch(deps, request.context, key);
  assertExpected(request.headers, key, expected, current.versionId);
  const { body, headers } = request;
  if (body === undefined || body.length === 0)
    throw fhirError('invalid-structure', 'the request has no body', 'Send the patch as the body.', 'body');
  const change = await preparePatched(deps, request.context, current, { body, contentType: headers['content-type'] });
  return {
    changes: [change, ...(await provenanceOf(deps, request.context, request.headers, [change]))],
    guards,
    committed: ([result]) => written(call, change, result as NonNullable<typeof result>),
    // What the headers say is asked of the newer version.
    conflict: () => undefined,
  };
}

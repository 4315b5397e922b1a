/** https://hl7.org/fhir/R4/http.html#delete and #cdelete */
import type { ResourceKey } from '../model/ids.ts';
import type { Guard, WriteResult } from '../store/port.ts';
import { etagOf, versionOfIfMatch } from './etag.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import type { Call } from './router.ts';
import { commit, versionConflict, type Proposal } from './write/commit.ts';
import { assertNoIfMatch, findMatches, onlyMatch, parseCondition } from './write/condition.ts';
import { prepareDelete } from './write/prepare.ts';

const NO_PARAMETERS: ReadonlySet<string> = new Set();
const NOTHING_TO_DELETE: FhirResponse = { status: 204, headers: {} };

/** Leaves a tombstone; 204 as well for what isn't there. */
export async function remove(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id } = call;
  parametersOf(request, NO_PARAMETERS);
  const proposal = propose(call, { type, id }, []);
  return commit(deps, request.context, () => Promise.resolve(proposal));
}

/** Deletes the one that matches the criteria; several are refused with 412. */
export async function removeMatch(call: Call): Promise<FhirResponse> {
  const { deps, request, type } = call;
  const condition = parseCondition(deps, request.context, type, request.query);
  return commit(deps, request.context, async () => {
    const matches = await findMatches(deps, request.context, condition);
    const id = onlyMatch(condition, matches);
    if (id !== undefined) return propose(call, { type, id }, [matches.guard]);
    assertNoIfMatch(type, request.headers);
    return { answer: NOTHING_TO_DELETE };
  });
}

function propose(call: Call, key: ResourceKey, guards: readonly Guard[]): Proposal<FhirResponse> {
  const ifMatch = call.request.headers['if-match'];
  const expected = ifMatch === undefined ? 'any' : versionOfIfMatch(ifMatch);
  return {
    changes: [prepareDelete(call.request.context, key, expected)],
    guards,
    committed: ([result]) => answerOf(result as WriteResult),
    conflict: versionConflict,
  };
}

/** The tag is that of the version that the deletion made. */
const answerOf = (result: WriteResult): FhirResponse =>
  result.outcome === 'unchanged' ? NOTHING_TO_DELETE : { status: 204, headers: { ETag: etagOf(result.versionId) } };

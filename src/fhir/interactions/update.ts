/** https://hl7.org/fhir/R4/http.html#update and #cond-update */
import { asResourceId, isResourceId, type ResourceId, type ResourceKey } from '../model/ids.ts';
import type { JsonDocument } from '../model/json.ts';
import { fhirError, type FhirError } from '../outcome/error.ts';
import type { Expected, Guard } from '../store/port.ts';
import { documentOf } from './document.ts';
import { expectedOf } from './etag.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import { written } from './respond.ts';
import type { Call } from './router.ts';
import { commit, conflictUnder, type Proposal } from './write/commit.ts';
import { assertNoIfMatch, findMatches, onlyMatch, parseCondition, takenBy } from './write/condition.ts';
import { checkBodyId, preparePut } from './write/prepare.ts';

const NO_PARAMETERS: ReadonlySet<string> = new Set();

/** Replaces the resource, or creates it under the client's id. */
export async function update(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id } = call;
  parametersOf(request, NO_PARAMETERS);
  const document = documentOf(call);
  checkBodyId(document, id);
  const proposal = propose(call, document, { type, id }, expectedOf(request.headers), []);
  return commit(deps, request.context, () => Promise.resolve(proposal));
}

/** Updates the one that matches the criteria; creates where none does. */
export async function updateMatch(call: Call): Promise<FhirResponse> {
  const { deps, request, type } = call;
  const condition = parseCondition(deps, request.context, type, request.query);
  const document = documentOf(call);
  const given = givenId(document);
  return commit(deps, request.context, async () => {
    const taken = await takenBy(deps, request.context, type, given);
    const matches = await findMatches(deps, request.context, condition);
    const match = onlyMatch(condition, matches);
    if (match === undefined && taken) throw taken;
    if (match === undefined) return proposeNew(call, document, given, matches.guard);
    if (given !== undefined && given !== match) throw otherMatch(call, match);
    return propose(call, document, { type, id: match }, expectedOf(request.headers), [matches.guard]);
  });
}

/** Where nothing matches. Planned anew when the id is taken meanwhile: then something may match. */
function proposeNew(call: Call, document: JsonDocument, given: ResourceId | undefined, guard: Guard): Proposal<FhirResponse> {
  const { deps, request, type } = call;
  assertNoIfMatch(type, request.headers);
  const key = { type, id: given ?? asResourceId(deps.newId()) };
  return { ...propose(call, document, key, 'absent', [guard]), conflict: () => undefined };
}

function propose(
  call: Call,
  document: JsonDocument,
  key: ResourceKey,
  expected: Expected,
  guards: readonly Guard[],
): Proposal<FhirResponse> {
  const change = preparePut(call.deps, call.request.context, document, key, expected, 'update');
  return {
    changes: [change],
    guards,
    committed: ([result]) => written(call, change, result as NonNullable<typeof result>),
    conflict: conflictUnder(call.request.headers),
  };
}

function givenId(document: JsonDocument): ResourceId | undefined {
  const { id } = document.value;
  if (id === undefined) return undefined;
  if (typeof id === 'string' && isResourceId(id)) return id;
  throw fhirError(
    'invalid-value',
    'an id has 1 to 64 of the characters A-Z, a-z, 0-9, "-" and "."',
    'Correct the id, or leave it out.',
    'id',
  );
}

const otherMatch = (call: Call, match: ResourceId): FhirError =>
  fhirError(
    'invalid-structure',
    'the id in the body differs from that of the resource that matches',
    `Set id to "${match}", or leave it out.`,
    `${call.type}.id`,
  );

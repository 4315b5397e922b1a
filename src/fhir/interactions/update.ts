/** https://hl7.org/fhir/R4/http.html#update and #cond-update */
import { asResourceId, isResourceId, type ResourceId } from '../model/ids.ts';
import { fhirError, type FhirError } from '../outcome/error.ts';
import type { Guard } from '../store/port.ts';
import type { Source } from '../work/tools.ts';
import { limitsOf } from './deps.ts';
import { expectedOf } from './etag.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import { written } from './respond.ts';
import type { Call } from './router.ts';
import { sourceOf } from './source.ts';
import { commit, conflictUnder, type Proposal } from './write/commit.ts';
import { assertNoIfMatch, findMatches, onlyMatch, parseCondition, takenBy } from './write/condition.ts';
import { preparePut, type PutOrder } from './write/prepare.ts';
import { provenanceOf } from './write/provenance.ts';

const NO_PARAMETERS: ReadonlySet<string> = new Set();

/** Replaces the resource, or creates it under the client's id. */
export async function update(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id } = call;
  parametersOf(request, NO_PARAMETERS);
  const source = sourceOf(call);
  const proposal = await propose(call, source, { key: { type, id }, expected: expectedOf(request.headers), bodyId: 'required' }, []);
  return commit(deps, request.context, () => Promise.resolve(proposal));
}

/** Updates the one that matches the criteria; creates where none does. */
export async function updateMatch(call: Call): Promise<FhirResponse> {
  const { deps, request, type } = call;
  const condition = parseCondition(deps, request.context, type, request.query);
  const source = sourceOf(call);
  const given = givenId(await deps.work.identify({ source, limits: limitsOf(deps) }));
  return commit(deps, request.context, async () => {
    const taken = await takenBy(deps, request.context, type, given);
    const matches = await findMatches(deps, request.context, condition);
    const match = onlyMatch(condition, matches);
    if (match === undefined && taken) throw taken;
    if (match === undefined) return proposeNew(call, source, given, matches.guard);
    if (given !== undefined && given !== match) throw otherMatch(call, match);
    return propose(call, source, { key: { type, id: match }, expected: expectedOf(request.headers), bodyId: 'any' }, [matches.guard]);
  });
}

/** Where nothing matches. Planned anew when the id is taken meanwhile: then something may match. */
async function proposeNew(call: Call, source: Source, given: ResourceId | undefined, guard: Guard): Promise<Proposal<FhirResponse>> {
  const { deps, request, type } = call;
  assertNoIfMatch(type, request.headers);
  const key = { type, id: given ?? asResourceId(deps.newId()) };
  return { ...(await propose(call, source, { key, expected: 'absent', bodyId: 'any' }, [guard])), conflict: () => undefined };
}

async function propose(
  call: Call,
  source: Source,
  order: Omit<PutOrder, 'interaction'>,
  guards: readonly Guard[],
): Promise<Proposal<FhirResponse>> {
  const change = await preparePut(call.deps, call.request.context, source, { ...order, interaction: 'update' });
  return {
    changes: [change, ...(await provenanceOf(call.deps, call.request.context, call.request.headers, [change]))],
    guards,
    committed: ([result]) => written(call, change, result as NonNullable<typeof result>),
    conflict: conflictUnder(call.request.headers),
  };
}

function givenId({ id }: { readonly id?: unknown }): ResourceId | undefined {
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

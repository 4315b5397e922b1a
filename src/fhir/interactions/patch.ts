/** https://hl7.org/fhir/R4/http.html#patch */
import type { ResourceKey } from '../model/ids.ts';
import { fhirError, type FhirError } from '../outcome/error.ts';
import type { Guard } from '../store/port.ts';
import { versionOfIfMatch } from './etag.ts';
import type { FhirResponse } from './message.ts';
import { parametersOf } from './parameters.ts';
import { patchedDocument } from './patch-document.ts';
import { written } from './respond.ts';
import type { Call } from './router.ts';
import { readToPatch } from './visible.ts';
import { commit, versionConflict, type Plan } from './write/commit.ts';
import { findMatches, onlyMatch, parseCondition } from './write/condition.ts';
import { preparePut } from './write/prepare.ts';

const NO_PARAMETERS: ReadonlySet<string> = new Set();

/** Patches the current version; applied anew to a newer one when it was changed meanwhile, unless If-Match names it. */
export async function patch(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id } = call;
  parametersOf(request, NO_PARAMETERS);
  return commit(deps, request.context, () => planPatch(call, { type, id }, []));
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
  const current = await readToPatch(deps, request.context, key);
  const ifMatch = request.headers['if-match'];
  const expected = ifMatch === undefined ? current.versionId : versionOfIfMatch(ifMatch);
  if (expected !== current.versionId) throw stale(key, expected, current.versionId);
  const document = await patchedDocument(deps, current, request.headers['content-type'], request.body);
  const change = preparePut(deps, request.context, document, key, expected, 'patch');
  return {
    changes: [change],
    guards,
    committed: ([result]) => written(call, change, result as NonNullable<typeof result>),
    conflict: ifMatch === undefined ? () => undefined : versionConflict,
  };
}

const stale = (key: ResourceKey, expected: number, actual: number): FhirError =>
  fhirError(
    'precondition-failed',
    `If-Match names version ${expected}, but the current version is ${actual}`,
    'Read it again and patch that.',
    `${key.type}/${key.id}`,
  );

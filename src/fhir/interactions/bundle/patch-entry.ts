/**
 * Bodies of entries. A PATCH carries FHIRPath Patch as Parameters, or JSON Patch in a Binary:
 * https://hl7.org/fhir/R4/http.html#patch
 */
import type { Put } from '../../store/port.ts';
import type { EntryBody } from '../../work/texts.ts';
import type { Source } from '../../work/tools.ts';
import { limitsOf } from '../deps.ts';
import { readToPatch } from '../visible.ts';
import type { Call } from '../router.ts';
import { assertExpected } from '../write/commit.ts';
import { preparePatched } from '../write/prepare.ts';
import type { Step } from './plan.ts';

/** The patch that a resource carries, as the body of a request of its own. */
export const patchBody = (call: Call, source: Source): EntryBody | Promise<EntryBody> =>
  call.deps.work.carriedPatch({ source, limits: limitsOf(call.deps) });

/** The change a PATCH entry of a transaction makes, on the version that is current now. */
export async function patchedPut(call: Call, step: Step, linked: Source): Promise<Put> {
  const { deps, request } = call;
  const { type, bytes } = await patchBody(call, linked);
  const current = await readToPatch(deps, request.context, step);
  assertExpected(step.entry.headers, step, step.expected, current.versionId);
  return preparePatched(deps, request.context, current, { body: bytes, contentType: type });
}

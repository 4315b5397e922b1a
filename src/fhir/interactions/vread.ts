/** https://hl7.org/fhir/R4/http.html#vread */
import { fhirError } from '../outcome/error.ts';
import type { FhirResponse } from './message.ts';
import { versionAnswer } from './read.ts';
import type { Call } from './router.ts';
import { maySee } from './permit.ts';
import { viewOf } from './view.ts';
import { assertVisible, notFound } from './visible.ts';

const VERSION = /^[1-9]\d{0,8}$/;

/** One version, current or not; 410 for the version that a deletion made. */
export async function vread(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id, versionId } = call;
  const view = viewOf(call);
  const check = assertVisible(deps, request.context, call);
  if (check) await check;
  if (!VERSION.test(versionId)) throw notFound({ type, id });
  const version = await deps.store.readVersion(request.context.principal.clinic, { type, id }, Number(versionId));
  if (version === undefined || !(await maySee(deps, request.context, 'read', version))) throw notFound({ type, id });
  if (version.deleted)
    throw fhirError(
      'gone',
      'this version is the deletion of the resource',
      'Read an earlier version.',
      `${type}/${id}/_history/${versionId}`,
    );
  return versionAnswer(call, version, view);
}

/** https://hl7.org/fhir/R4/http.html#read and #cread */
import type { StoredVersion } from '../store/port.ts';
import { noneMatchNames } from './etag.ts';
import type { FhirRequest, FhirResponse } from './message.ts';
import { stampOf } from './respond.ts';
import type { Call } from './router.ts';
import { bodyFor, viewOf, type View } from './view.ts';
import { readCurrent } from './visible.ts';

/** The current version: its stored bytes as they are. */
export async function read(call: Call): Promise<FhirResponse> {
  const { deps, request } = call;
  const view = viewOf(call);
  return versionAnswer(call, await readCurrent(deps, request.context, call), view);
}

/** A version, or 304 where the client has it. */
export function versionAnswer(call: Call, version: StoredVersion, view: View | undefined): FhirResponse {
  const headers = stampOf(version);
  if (isKnown(call.request, version)) return { status: 304, headers };
  return { status: 200, headers, body: [bodyFor(call, version.type, version.body, view)] };
}

/** If-None-Match counts where both are given. https://www.rfc-editor.org/rfc/rfc9110#name-if-modified-since */
function isKnown(request: FhirRequest, version: StoredVersion): boolean {
  const { 'if-none-match': ifNoneMatch, 'if-modified-since': since } = request.headers;
  if (ifNoneMatch !== undefined) return noneMatchNames(ifNoneMatch, version.versionId);
  if (since === undefined) return false;
  return Math.floor(version.at / 1000) * 1000 <= Date.parse(since);
}

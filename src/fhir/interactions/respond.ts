/** Answers that carry one version of a resource. */
import { bodyOf } from '../model/json.ts';
import type { ResourceKey } from '../model/ids.ts';
import type { Put, StoredVersion, WriteResult } from '../store/port.ts';
import { etagOf } from './etag.ts';
import type { FhirResponse, RequestContext } from './message.ts';
import { preferenceOf } from './prefer.ts';
import type { Call } from './router.ts';
import { bodyFor } from './view.ts';

type VersionStamp = Pick<StoredVersion, 'versionId' | 'at'>;

/** `ETag` and `Last-Modified`: https://hl7.org/fhir/R4/http.html#read */
export const stampOf = (version: VersionStamp): Record<string, string> => ({
  ETag: etagOf(version.versionId),
  'Last-Modified': new Date(version.at).toUTCString(),
});

/** https://hl7.org/fhir/R4/http.html#create: Location names the version. */
const locationOf = (context: RequestContext, key: ResourceKey, versionId: number): string =>
  `${context.baseUrl}/${key.type}/${key.id}/_history/${versionId}`;

/** What a committed put answers, as the client prefers. */
export function written(call: Call, change: Put, result: WriteResult): FhirResponse {
  const status = result.outcome === 'created' ? 201 : 200;
  return resourceAnswer(call, status, result, () => bodyOf(change.text, result.versionId, result.at));
}

/** An answer to a write that names what is there, with the body that the client prefers. */
export function resourceAnswer(call: Call, status: number, version: ResourceKey & VersionStamp, body: () => Uint8Array): FhirResponse {
  const headers = { ...stampOf(version), Location: locationOf(call.request.context, version, version.versionId) };
  const { returns } = preferenceOf(call.request);
  if (returns === 'minimal') return { status, headers };
  if (returns === 'representation') return { status, headers, body: [bodyFor(call, version.type, body())] };
  return { status, headers, body: [outcomeOf(`${version.type}/${version.id} is at version ${version.versionId}`)] };
}

function outcomeOf(diagnostics: string): Uint8Array {
  const issue = [{ severity: 'information', code: 'informational', diagnostics }];
  return Buffer.from(JSON.stringify({ resourceType: 'OperationOutcome', issue }));
}

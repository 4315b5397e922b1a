/** From a version and a patch to the document that follows. https://hl7.org/fhir/R4/http.html#patch */
import { parseJson, parseJsonArray, toDocument, type JsonDocument, type JsonLimits, type JsonObject } from '../model/json.ts';
import { FhirError, fhirError, issue } from '../outcome/error.ts';
import { applyFhirPathPatch } from '../patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import type { StoredVersion } from '../store/port.ts';
import type { FhirDeps } from './deps.ts';

/** Content types of patches. XML is turned into JSON where it arrives. */
export const PATCH_FORMATS = ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'] as const;

/** Throws `unsupported-media-type`, `invalid-json`, `invalid-structure`, and `business-rule` for a patch that can't be applied. */
export async function patchedDocument(
  deps: FhirDeps,
  current: StoredVersion,
  contentType: string | undefined,
  body: Uint8Array | undefined,
): Promise<JsonDocument> {
  if (body === undefined || body.length === 0)
    throw fhirError('invalid-structure', 'the request has no body', 'Send the patch as the body.', 'body');
  const limits = { depth: deps.limits.maxDepth, keys: deps.limits.maxKeys };
  const { exact } = parseJson(current.body, limits);
  return toDocument(await apply(deps, exact, contentType?.split(';', 1)[0]?.trim().toLowerCase(), body, limits));
}

function apply(
  deps: FhirDeps,
  exact: JsonObject,
  type: string | undefined,
  body: Uint8Array,
  limits: JsonLimits,
): JsonObject | Promise<JsonObject> {
  switch (type) {
    case 'application/json-patch+json':
      return applyJsonPatch(exact, parseJsonArray(body, limits).exact);
    case 'application/fhir+json':
    case 'application/json':
    case 'text/json':
      return applyFhirPathPatch(exact, parseJson(body, limits).exact, deps);
    default:
      throw new FhirError([
        issue('unsupported-media-type', 'this is not the type of a patch', `Send one of ${PATCH_FORMATS.join(', ')}.`, 'Content-Type'),
      ]);
  }
}

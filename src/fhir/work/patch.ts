/** From a version and a patch to what follows. https://hl7.org/fhir/R4/http.html#patch */
import { parseJson, parseJsonArray, toDocument, type JsonLimits, type JsonObject } from '../model/json.ts';
import { FhirError, issue } from '../outcome/error.ts';
import { applyFhirPathPatch } from '../patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { prepareDocument, type Prepared, type PrepareRules } from './prepare.ts';
import type { WorkTools } from './tools.ts';

/** Content types of patches. XML is turned into JSON where it arrives. */
export const PATCH_FORMATS = ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'] as const;

export interface PatchOrder {
  /** The text of the version. */
  readonly current: Uint8Array;
  readonly patch: Uint8Array;
  readonly contentType: string | undefined;
  readonly rules: PrepareRules;
}

/** Throws `unsupported-media-type`, `invalid-json`, `invalid-structure`, `business-rule` for a patch that can't be applied, and what `prepare` throws. */
export async function patch(tools: WorkTools, { current, patch: body, contentType, rules }: PatchOrder): Promise<Prepared> {
  const { exact } = parseJson(current, rules.limits);
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  return prepareDocument(tools, toDocument(await apply(tools, exact, type, body, rules.limits)), rules);
}

function apply(
  tools: WorkTools,
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
      return applyFhirPathPatch(exact, parseJson(body, limits).exact, tools);
    default:
      throw new FhirError([
        issue('unsupported-media-type', 'this is not the type of a patch', `Send one of ${PATCH_FORMATS.join(', ')}.`, 'Content-Type'),
      ]);
  }
}

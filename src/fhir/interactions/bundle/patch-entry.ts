/**
 * Bodies of entries. A PATCH carries FHIRPath Patch as Parameters, or JSON Patch in a Binary:
 * https://hl7.org/fhir/R4/http.html#patch
 */
import type { JsonDocument, JsonObject } from '../../model/json.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import type { Put } from '../../store/port.ts';
import { patchedDocument } from '../patch-document.ts';
import { readToPatch } from '../visible.ts';
import type { Call } from '../router.ts';
import { preparePut } from '../write/prepare.ts';
import { placeOf, type BundleEntry } from './entry.ts';
import type { Step } from './plan.ts';

export interface EntryBody {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The body an entry would have as a request of its own; undefined: none. */
export function patchBody(entry: BundleEntry): EntryBody | undefined {
  const resource = entry.resource;
  if (resource === undefined) return undefined;
  if (entry.method === 'PATCH' && resource.value['resourceType'] === 'Binary') return binaryBody(resource.value, entry);
  return { type: 'application/fhir+json', bytes: Buffer.from(JSON.stringify(resource.exact)) };
}

function binaryBody(binary: JsonObject, entry: BundleEntry): EntryBody {
  const { contentType, data } = binary;
  if (typeof contentType === 'string' && typeof data === 'string') return { type: contentType, bytes: Buffer.from(data, 'base64') };
  throw fhirError(
    'invalid-structure',
    'a Binary that carries a patch needs contentType and data',
    'Use contentType application/json-patch+json and the patch in base64.',
    `${placeOf(entry.index)}.resource`,
  );
}

/** The change a PATCH entry of a transaction makes, on the version that is current now. */
export async function patchedPut(call: Call, step: Step, linked: JsonDocument): Promise<Put> {
  const { deps, request } = call;
  const body = patchBody({ ...step.entry, resource: linked });
  if (body === undefined) throw missing();
  const current = await readToPatch(deps, request.context, step);
  if (typeof step.expected === 'number' && step.expected !== current.versionId) throw stale(step.expected, current.versionId);
  const document = await patchedDocument(deps, current, body.type, body.bytes);
  return preparePut(deps, request.context, document, step, current.versionId, 'patch');
}

const missing = (): FhirError => fhirError('invalid-structure', 'PATCH needs a resource', 'Add a Parameters or Binary with the patch.');

const stale = (expected: number, actual: number): FhirError =>
  fhirError(
    'precondition-failed',
    `If-Match names version ${expected}, but the current version is ${actual}`,
    'Read it again and patch that.',
  );

/** The body of a request as a document. */
import { parseJson, type JsonDocument } from '../model/json.ts';
import { fhirError } from '../outcome/error.ts';
import type { Call } from './router.ts';

/** Throws `invalid-json`, `too-large`; `invalid-structure` for none. */
export function documentOf(call: Call): JsonDocument {
  const { document, body } = call.request;
  if (document !== undefined) return document;
  if (body === undefined || body.length === 0)
    throw fhirError('invalid-structure', 'the request has no body', 'Send the resource as the body.', 'body');
  const { maxDepth, maxKeys } = call.deps.limits;
  return parseJson(body, { depth: maxDepth, keys: maxKeys });
}

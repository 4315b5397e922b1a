/** Takes in the body of a request, in the form that interactions expect: JSON, or a form that becomes part of the query. */
import type { IncomingMessage } from 'node:http';
import type { Limits } from '../interactions/deps.ts';
import type { FhirRequest } from '../interactions/message.ts';
import { readBody } from './body.ts';
import { fromXml } from './xml.ts';
import { bodyFormatOf, type BodyFormat } from './content-type.ts';

/** The text of a resource may hold some white space and escapes beyond what is kept. */
const SLACK = 64 * 1024;
const MAX_FORM_BYTES = 1024 * 1024;
const RESOURCE: readonly BodyFormat[] = ['json', 'xml'];
const PATCH: readonly BodyFormat[] = ['json-patch', 'json', 'xml'];
const FORM: readonly BodyFormat[] = ['form'];

/** Throws what `readBody`, `bodyFormatOf` and the XML reader throw. */
export async function receive(limits: Limits, request: IncomingMessage, plain: FhirRequest): Promise<FhirRequest> {
  const { path, method } = plain;
  const isForm = method === 'POST' && path.at(-1) === '_search';
  const limit = isForm ? MAX_FORM_BYTES : path.length === 0 ? limits.maxBundleBytes : limits.maxResourceBytes + SLACK;
  const contentType = request.headers['content-type'];
  const allowed = isForm ? FORM : method === 'PATCH' ? PATCH : RESOURCE;
  // A search may be posted without a form.
  const format = isForm && contentType === undefined ? 'form' : bodyFormatOf(contentType, allowed);
  const body = await readBody(request, limit);
  if (format === 'form') return { ...plain, query: joinedQuery(plain.query, body.toString('latin1')) };
  if (format === 'json-patch' || format === 'json') return { ...plain, body };
  return { ...plain, headers: { ...plain.headers, 'content-type': 'application/fhir+json' }, body: fromXml(body) };
}

/** A form is percent-encoded ASCII; what isn't fails where it is decoded, or is taken as it is. */
const joinedQuery = (query: string, form: string): string => (query === '' || form === '' ? query + form : `${query}&${form}`);

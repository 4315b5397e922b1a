/** Takes in the body of a request, in the form that interactions expect: JSON, or a form that becomes part of the query. */
import type { IncomingMessage } from 'node:http';
import type { FhirDeps, Limits } from '../interactions/deps.ts';
import type { FhirRequest } from '../interactions/message.ts';
import type { JsonLimits } from '../model/json.ts';
import { readBody } from './body.ts';
import type { Share } from './body-budget.ts';
import { bodyFormatOf, type BodyFormat } from './content-type.ts';

/** The text of a resource may hold some white space and escapes beyond what is kept. */
const SLACK = 64 * 1024;
const MAX_FORM_BYTES = 1024 * 1024;
/** Elements that an XML bundle may have, compared with one resource. */
const BUNDLE_FACTOR = 4;
const BUNDLE_DEPTH = 2;
const RESOURCE: readonly BodyFormat[] = ['json', 'xml'];
const PATCH: readonly BodyFormat[] = ['json-patch', 'json', 'xml'];
const FORM: readonly BodyFormat[] = ['form'];

/** Throws what `readBody`, `bodyFormatOf` and the XML reader throw. */
export async function receive(
  deps: Pick<FhirDeps, 'work' | 'limits'>,
  request: IncomingMessage,
  plain: FhirRequest,
  share: Share,
): Promise<FhirRequest> {
  const { limits } = deps;
  const { path, method } = plain;
  const isForm = method === 'POST' && path.at(-1) === '_search';
  const limit = isForm ? MAX_FORM_BYTES : path.length === 0 ? limits.maxBundleBytes : limits.maxResourceBytes + SLACK;
  const contentType = request.headers['content-type'];
  const allowed = isForm ? FORM : method === 'PATCH' ? PATCH : RESOURCE;
  // A search may be posted without a form.
  const format = isForm && contentType === undefined ? 'form' : bodyFormatOf(contentType, allowed);
  const body = await readBody(request, { limit, share, graceMs: limits.bodyGraceMs });
  if (format === 'form') return { ...plain, query: joinedQuery(plain.query, body.toString('latin1')) };
  if (format === 'json-patch' || format === 'json') return { ...plain, body };
  const json = await deps.work.fromXml({ xml: body, limits: xmlLimits(limits, path.length === 0) });
  return { ...plain, headers: { ...plain.headers, 'content-type': 'application/fhir+json' }, body: json };
}

/** A form is percent-encoded ASCII; what isn't fails where it is decoded, or is taken as it is. */
const joinedQuery = (query: string, form: string): string => (query === '' || form === '' ? query + form : `${query}&${form}`);

/** A bundle is one document, and puts resources two levels deeper. */
const xmlLimits = ({ maxDepth, maxKeys }: Limits, isBundle: boolean): JsonLimits =>
  isBundle ? { depth: maxDepth + BUNDLE_DEPTH, keys: maxKeys * BUNDLE_FACTOR } : { depth: maxDepth, keys: maxKeys };

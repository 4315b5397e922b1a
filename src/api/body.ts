/** The body of a request to a route, as bytes and as a value. */
import type { IncomingMessage } from 'node:http';
import { FhirError, fhirError, issue } from '../fhir/outcome/error.ts';
import { parseJson, type JsonLimits } from '../fhir/model/json.ts';
import { isOpen, type Route } from './route.ts';

export interface Content {
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

const MAX_BYTES = 1024 * 1024;
/** Of whom nothing is known yet: so little that it has no share in the memory for bodies that others could miss. */
const MAX_BYTES_OPEN = 64 * 1024;
const LIMITS: JsonLimits = { depth: 32, keys: 10_000 };
const NOTHING: Content = { bytes: new Uint8Array(), value: undefined };

type ReadBody = (request: IncomingMessage, limit: number) => Promise<Buffer>;

/** Throws `unsupported-media-type`, `invalid-json`, `too-large`. A route without a body takes in none. */
export async function readContent(request: IncomingMessage, route: Route, readBody: ReadBody): Promise<Content> {
  if (!route.body) return NOTHING;
  const expected = route.bodyType ?? 'application/json';
  const sent = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (sent !== expected) throw otherType(expected);
  const bytes = await readBody(request, isOpen(route.rule) ? MAX_BYTES_OPEN : MAX_BYTES);
  return { bytes, value: expected === 'application/json' ? parseJson(bytes, LIMITS).value : formOf(bytes) };
}

/** A field that is there twice is refused: https://www.rfc-editor.org/rfc/rfc6749#section-3.2 */
function formOf(bytes: Buffer): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(bytes.toString('utf8'))) {
    if (name in fields) throw fhirError('invalid-structure', 'a field may be there once', 'Send it once.', name);
    fields[name] = value;
  }
  return fields;
}

const otherType = (expected: string): FhirError =>
  new FhirError([issue('unsupported-media-type', `this route takes ${expected}`, 'Set Content-Type to that.', 'Content-Type')], {
    headers: { Accept: expected },
  });

/** What a body is sent as. https://hl7.org/fhir/R4/http.html#mime-type */
import { FhirError, issue } from '../outcome/error.ts';

export type BodyFormat = 'json' | 'xml' | 'form' | 'json-patch';

const FORMATS: Readonly<Record<string, BodyFormat>> = {
  'application/fhir+json': 'json',
  'application/json': 'json',
  'text/json': 'json',
  'application/fhir+xml': 'xml',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/x-www-form-urlencoded': 'form',
  'application/json-patch+json': 'json-patch',
};

const VERSION = /;\s*fhirversion\s*=\s*"?(?!4\.0(?:\.\d+)?"?\s*(?:;|$))/i;
const CHARSET = /;\s*charset\s*=\s*"?(?!utf-?8"?\s*(?:;|$))/i;

/** Throws `unsupported-media-type` for a format that `allowed` doesn't have, another charset, or another version of FHIR. */
export function bodyFormatOf(header: string | undefined, allowed: readonly BodyFormat[]): BodyFormat {
  if (header === 'application/fhir+json' && allowed.includes('json')) return 'json';
  const end = header?.indexOf(';') ?? -1;
  const type = (end < 0 ? header : header?.slice(0, end))?.trim().toLowerCase() ?? '';
  const format = Object.hasOwn(FORMATS, type) ? FORMATS[type] : undefined;
  if (format === undefined || !allowed.includes(format))
    throw unsupported(header === undefined ? 'the body has no content type' : 'this content type is not taken here', allowed);
  if (CHARSET.test(header ?? '')) throw unsupported('bodies are in UTF-8', allowed);
  if (VERSION.test(header ?? '')) throw unsupported('this server speaks FHIR 4.0', allowed);
  return format;
}

function unsupported(rule: string, allowed: readonly BodyFormat[]): FhirError {
  const types = Object.keys(FORMATS).filter((type) => allowed.includes(FORMATS[type] as BodyFormat));
  return new FhirError([issue('unsupported-media-type', rule, `Send one of ${types.join(', ')}, in UTF-8.`, 'Content-Type')]);
}

/** Versions in headers: https://hl7.org/fhir/R4/http.html#versions */
import { fhirError } from '../outcome/error.ts';
import type { Expected } from '../store/port.ts';
import type { FhirRequest } from './message.ts';

/** A FHIR version in a tag: weak by rule, strong ones are taken as well. */
const TAG = /(?:W\/)?"([^"]*)"/g;
/** Tags with commas between, which may have nothing between them. https://www.rfc-editor.org/rfc/rfc9110#name-lists-rule-abnf-extension-r */
const TAGS = /^[\s,]*(?:W\/)?"[^"]*"\s*(?:,\s*(?:(?:W\/)?"[^"]*"\s*)?)*$/;
const VERSION = /^[1-9]\d{0,8}$/;

export const etagOf = (versionId: number): string => `W/"${versionId}"`;

/**
 * What If-Match and If-None-Match: * say of the version that a write meets. Both together never hold.
 * https://www.rfc-editor.org/rfc/rfc9110#name-if-match. Throws `invalid-value`.
 */
export function expectedOf(headers: FhirRequest['headers']): Expected {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*')
    throw fhirError('invalid-value', 'If-None-Match of a write is *', 'Use If-Match to name the version that you change.', 'If-None-Match');
  if (ifMatch === undefined) return ifNoneMatch === undefined ? 'any' : 'absent';
  const named = namedByIfMatch(ifMatch);
  return ifNoneMatch === undefined ? named : [];
}

/** Tags that aren't versions of ours name none. */
function namedByIfMatch(header: string): Expected {
  if (header.trim() === '*') return 'present';
  if (!TAGS.test(header))
    throw fhirError('invalid-value', 'If-Match is entity tags, or *', 'Write the ETag of the version, such as W/"3".', 'If-Match');
  const versions = tagsIn(header)
    .filter((tag) => VERSION.test(tag))
    .map(Number);
  return versions.length === 1 ? (versions[0] as number) : versions;
}

/** Whether If-None-Match has the version among its tags, or is `*`. https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
export const noneMatchNames = (header: string, versionId: number): boolean =>
  header.trim() === '*' || tagsIn(header).includes(String(versionId));

const tagsIn = (header: string): string[] => [...header.matchAll(TAG)].map(([, tag]) => tag as string);

/** Versions in headers: https://hl7.org/fhir/R4/http.html#versions */
import { fhirError } from '../outcome/error.ts';
import type { Expected } from '../store/port.ts';
import type { FhirRequest } from './message.ts';

/** A FHIR version in a tag: weak by rule, strong ones are taken as well. */
const TAG = /^(?:W\/)?"([^"]*)"$/;
const VERSION = /^[1-9]\d{0,8}$/;
/** No resource gets there. */
const NEVER = 2 ** 31 - 1;

export const etagOf = (versionId: number): string => `W/"${versionId}"`;

/** The version that If-Match names; one that no resource has for a tag that isn't a version of ours. Throws `invalid-value`. */
export function versionOfIfMatch(header: string): number {
  const tag = TAG.exec(header.trim())?.[1];
  if (tag === undefined)
    throw fhirError('invalid-value', 'If-Match is one entity tag', 'Write the ETag of the version, such as W/"3".', 'If-Match');
  return VERSION.test(tag) ? Number(tag) : NEVER;
}

/** What If-Match and If-None-Match: * say of the version that an update meets. https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
export function expectedOf(headers: FhirRequest['headers']): Expected {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers;
  if (ifMatch !== undefined) return versionOfIfMatch(ifMatch);
  if (ifNoneMatch === undefined) return 'any';
  if (ifNoneMatch.trim() === '*') return 'absent';
  throw fhirError('invalid-value', 'If-None-Match of an update is *', 'Use If-Match to name the version that you change.', 'If-None-Match');
}

/** Whether If-None-Match has the version among its tags, or `*`. https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
export function noneMatchNames(header: string, versionId: number): boolean {
  return header.split(',').some((part) => part.trim() === '*' || TAG.exec(part.trim())?.[1] === String(versionId));
}

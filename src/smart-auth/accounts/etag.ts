/** Revisions of records in headers: the same form as the versions of resources. */
import { fhirError } from '../../fhir/outcome/error.ts';
import { isExpected } from '../../fhir/store/port.ts';
import { etagOf, expectedOf } from '../../fhir/interactions/etag.ts';

export const etagOfRevision = etagOf;

/** Throws `precondition-failed` where the header is there and names another revision. */
export function assertMatches(ifMatch: string | undefined, revision: number): void {
  if (ifMatch === undefined || isExpected(expectedOf({ 'if-match': ifMatch }), revision)) return;
  throw fhirError('precondition-failed', 'it has been changed since', 'Read it again, then repeat the change.', 'If-Match');
}

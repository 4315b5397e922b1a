/** The body of a request as the source of a resource. */
import { fhirError } from '../outcome/error.ts';
import type { Source } from '../work/tools.ts';
import type { Call } from './router.ts';

/** Throws `invalid-structure` for none. */
export function sourceOf({ request }: Call): Source {
  const { source, body } = request;
  if (source !== undefined) return source;
  if (body !== undefined && body.length > 0) return { bytes: body };
  throw fhirError('invalid-structure', 'the request has no body', 'Send the resource as the body.', 'body');
}

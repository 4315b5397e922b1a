/** Every page answers in HTML, whatever happens. */
import type { ApiAnswer } from '../../../api/route.ts';
import { FhirError } from '../../../fhir/outcome/error.ts';
import type { PageDeps } from '../deps.ts';
import { pageAnswer } from '../page.ts';
import { errorPage, type Trouble } from '../views/error.ts';
import type { Visit } from '../visit.ts';

export const troubleAnswer = (visit: Visit, trouble: Trouble, status: number, audit?: ApiAnswer['audit']): ApiAnswer =>
  pageAnswer(visit, errorPage(visit, trouble), { status, audit: { reason: trouble, ...audit } });

/** Faults are logged; the person gets the id under which they are. */
export async function guarded({ log }: Pick<PageDeps, 'log'>, visit: Visit, work: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FhirError && error.kind === 'unavailable') return unavailable(visit, error);
    log.error({ requestId: visit.requestId, err: error }, 'page failed');
    return pageAnswer(visit, errorPage(visit, 'internal', visit.requestId), { status: 500, audit: { reason: 'internal' } });
  }
}

const unavailable = (visit: Visit, { retryAfter = 5 }: FhirError): ApiAnswer =>
  pageAnswer(visit, errorPage(visit, 'unavailable'), {
    status: 503,
    headers: { 'Retry-After': String(retryAfter) },
    audit: { reason: 'unavailable' },
  });

/** Errors as answers: FHIR paths get an OperationOutcome. */
import { isResourceId } from '../model/ids.ts';
import { FhirError, type Issue } from '../outcome/error.ts';
import type { FhirResponse } from '../interactions/message.ts';
import { toOperationOutcome } from '../representation/outcome.ts';

/** Where faults of ours are written down: pino's logger is one. */
export interface ErrorLog {
  error(fields: { readonly requestId: string; readonly err: unknown }, message: string): void;
}

/** Says nothing of what happened inside: that is in the log, under the same correlation id. */
const INTERNAL: Issue = {
  kind: 'internal',
  severity: 'error',
  rule: 'the server failed to answer this request',
  hint: 'Try again; if it fails again, report the request id.',
};

export function errorAnswer(error: unknown, requestId: string, log: ErrorLog): FhirResponse {
  const known = error instanceof FhirError ? error : new FhirError([INTERNAL], { cause: error });
  if (known.kind === 'internal') log.error({ requestId, err: error }, 'request failed');
  const { retryAfter } = known;
  const headers = { ...known.headers, ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }) };
  return { status: known.status, headers, body: [outcomeText(known.issues, requestId)] };
}

/** The outcome's id is the correlation id, where that has the form of one. */
function outcomeText(issues: readonly Issue[], requestId: string): Uint8Array {
  const { resourceType, ...rest } = toOperationOutcome(issues);
  return Buffer.from(JSON.stringify({ resourceType, ...(isResourceId(requestId) ? { id: requestId } : {}), ...rest }));
}

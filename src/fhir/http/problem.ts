/** Errors outside the FHIR surfaces: https://www.rfc-editor.org/rfc/rfc9457 */
import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { CANONICAL_BASE } from '../model/canonical.ts';
import { ERROR_KINDS, type ErrorKind } from '../outcome/kinds.ts';

/** Ends the answer with a problem of that kind. */
export function sendProblem(response: ServerResponse, kind: ErrorKind, detail: string, requestId: string): void {
  const body = Buffer.from(problemText(kind, detail, requestId));
  response.writeHead(ERROR_KINDS[kind].status, { 'Content-Type': 'application/problem+json', 'Content-Length': body.length });
  response.end(body);
}

/** A problem of that kind as JSON. */
export function problemText(kind: ErrorKind, detail: string, requestId: string): string {
  const { status } = ERROR_KINDS[kind];
  const type = `${CANONICAL_BASE}/CodeSystem/error-kind#${kind}`;
  return JSON.stringify({ type, title: STATUS_CODES[status], status, detail, requestId });
}

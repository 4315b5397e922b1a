/** Errors of the plain JSON surfaces: https://www.rfc-editor.org/rfc/rfc9457 */
import { STATUS_CODES } from 'node:http';
import { CANONICAL_BASE } from '../fhir/model/canonical.ts';
import type { FhirError, Issue } from '../fhir/outcome/error.ts';
import { ERROR_KINDS, type ErrorKind } from '../fhir/outcome/kinds.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly { readonly pointer?: string; readonly rule: string; readonly hint: string }[];
}

/** What a caller is told of a kind of error. */
export function problemOfKind(kind: ErrorKind, detail: string, requestId: string): Problem {
  const { status } = ERROR_KINDS[kind];
  return { type: `${CANONICAL_BASE}/CodeSystem/error-kind#${kind}`, title: STATUS_CODES[status] ?? '', status, detail, requestId };
}

/** The first issue decides the kind; all are listed. */
export function problemOf(error: FhirError, requestId: string): Problem {
  const [first] = error.issues;
  const detail = first ? (first.where === undefined ? first.rule : `${first.where}: ${first.rule}`) : 'the request failed';
  return { ...problemOfKind(error.kind, detail, requestId), errors: error.issues.map(entryOf) };
}

const entryOf = ({ where, rule, hint }: Issue): { readonly pointer?: string; readonly rule: string; readonly hint: string } =>
  where === undefined ? { rule, hint } : { pointer: where, rule, hint };

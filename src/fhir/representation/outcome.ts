/** https://hl7.org/fhir/R4/operationoutcome.html */
import { CANONICAL_BASE } from '../model/canonical.ts';
import type { JsonObject } from '../model/json.ts';
import type { Issue } from '../outcome/error.ts';
import { ERROR_KINDS } from '../outcome/kinds.ts';

const ERROR_KIND_SYSTEM = `${CANONICAL_BASE}/CodeSystem/error-kind`;

/** Issues as an OperationOutcome; with none, one that says all is well. */
export function toOperationOutcome(issues: readonly Issue[]): JsonObject {
  return { resourceType: 'OperationOutcome', issue: issues.length === 0 ? [ALL_OK] : issues.map(toIssue) };
}

const ALL_OK: JsonObject = { severity: 'information', code: 'informational', diagnostics: 'all ok' };

function toIssue({ kind, severity, rule, hint, where }: Issue): JsonObject {
  return {
    severity,
    code: ERROR_KINDS[kind].issue,
    details: { coding: [{ system: ERROR_KIND_SYSTEM, code: kind }] },
    diagnostics: hint === '' ? rule : `${rule}; ${hint}`,
    ...(where === undefined ? {} : { expression: [where] }),
  };
}

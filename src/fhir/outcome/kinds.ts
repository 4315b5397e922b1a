/**
 * The closed list of error kinds: what callers may tell apart. `issue` is a code of
 * https://hl7.org/fhir/R4/valueset-issue-type.html; the kind itself is sent as `issue.details.coding.code`.
 */
export const ERROR_KINDS = {
  'invalid-json': { status: 400, issue: 'structure' },
  'invalid-xml': { status: 400, issue: 'structure' },
  'invalid-structure': { status: 400, issue: 'structure' },
  'invalid-value': { status: 400, issue: 'value' },
  'invalid-parameter': { status: 400, issue: 'invalid' },
  'unknown-parameter': { status: 400, issue: 'not-supported' },
  'invalid-cursor': { status: 400, issue: 'invalid' },
  unauthenticated: { status: 401, issue: 'login' },
  forbidden: { status: 403, issue: 'forbidden' },
  'not-found': { status: 404, issue: 'not-found' },
  'not-supported': { status: 405, issue: 'not-supported' },
  'not-acceptable': { status: 406, issue: 'not-supported' },
  conflict: { status: 409, issue: 'conflict' },
  gone: { status: 410, issue: 'deleted' },
  'precondition-failed': { status: 412, issue: 'conflict' },
  'multiple-matches': { status: 412, issue: 'multiple-matches' },
  'too-large': { status: 413, issue: 'too-long' },
  'unsupported-media-type': { status: 415, issue: 'not-supported' },
  'invalid-code': { status: 422, issue: 'code-invalid' },
  'invalid-reference': { status: 422, issue: 'not-found' },
  invariant: { status: 422, issue: 'invariant' },
  'business-rule': { status: 422, issue: 'business-rule' },
  'too-costly': { status: 422, issue: 'too-costly' },
  'rate-limited': { status: 429, issue: 'throttled' },
  internal: { status: 500, issue: 'exception' },
  unavailable: { status: 503, issue: 'transient' },
} as const;

export type ErrorKind = keyof typeof ERROR_KINDS;

/**
 * The closed list of error kinds: what callers may tell apart. `issue` is a code of
 * https://hl7.org/fhir/R4/valueset-issue-type.html; the kind itself is sent as `issue.details.coding.code`.
 */
export const ERROR_KINDS = {
  'invalid-json': {
    status: 400,
    issue: 'structure',
    means: 'The body is not JSON, or breaks a limit of form: a key twice, `__proto__`, not UTF-8.',
  },
  'invalid-xml': {
    status: 400,
    issue: 'structure',
    means: 'The body is not well-formed FHIR XML, or has a document type declaration.',
  },
  'malformed-request': {
    status: 400,
    issue: 'structure',
    means: 'What was sent is not an HTTP request.',
  },
  'invalid-structure': {
    status: 400,
    issue: 'structure',
    means: 'An unknown element, a wrong JSON type, a wrong cardinality, or a part that is missing.',
  },
  'invalid-value': {
    status: 400,
    issue: 'value',
    means: 'A primitive whose form the standard does not allow: a date, an id, a number.',
  },
  'invalid-parameter': {
    status: 400,
    issue: 'invalid',
    means: 'A parameter or header with a value, prefix or modifier that it does not take.',
  },
  'unknown-parameter': {
    status: 400,
    issue: 'not-supported',
    means: 'A parameter that the resource type does not have; `Prefer: handling=lenient` ignores it.',
  },
  'invalid-cursor': {
    status: 400,
    issue: 'invalid',
    means: 'A page link that this server did not make for this caller and query.',
  },
  unauthenticated: {
    status: 401,
    issue: 'login',
    means: 'No token, or one that is no good.',
  },
  forbidden: {
    status: 403,
    issue: 'forbidden',
    means: 'The token may not do this to a thing it may know of.',
  },
  'not-found': {
    status: 404,
    issue: 'not-found',
    means: 'Not there, or not for this caller to know of.',
  },
  'not-supported': {
    status: 405,
    issue: 'not-supported',
    means: 'An interaction that this server does not offer here.',
  },
  'not-acceptable': {
    status: 406,
    issue: 'not-supported',
    means: 'No format that the caller accepts can be made.',
  },
  'request-timeout': {
    status: 408,
    issue: 'timeout',
    means: 'The request did not arrive in time.',
  },
  conflict: {
    status: 409,
    issue: 'conflict',
    means: 'Another write came first, or the id is taken.',
  },
  gone: {
    status: 410,
    issue: 'deleted',
    means: 'The resource was deleted; its history is there.',
  },
  'precondition-failed': {
    status: 412,
    issue: 'conflict',
    means: '`If-Match` or another condition does not hold.',
  },
  'multiple-matches': {
    status: 412,
    issue: 'multiple-matches',
    means: 'The criteria of a conditional interaction match several resources.',
  },
  'too-large': {
    status: 413,
    issue: 'too-long',
    means: 'The body, or a part of it, is over a limit.',
  },
  'unsupported-media-type': {
    status: 415,
    issue: 'not-supported',
    means: 'The content type, charset or content encoding of the body is not read here.',
  },
  'invalid-code': {
    status: 422,
    issue: 'code-invalid',
    means: 'A code that is not in the value set bound as required.',
  },
  'invalid-reference': {
    status: 422,
    issue: 'not-found',
    means: 'A reference to nothing, or to a type that the element does not take.',
  },
  invariant: {
    status: 422,
    issue: 'invariant',
    means: 'A rule of the resource type does not hold; its key is in the message.',
  },
  'business-rule': {
    status: 422,
    issue: 'business-rule',
    means: 'A rule of the clinic or of this server does not hold, such as a patch that cannot be applied.',
  },
  'too-costly': {
    status: 422,
    issue: 'too-costly',
    means: 'The request would take more than the limits allow; nothing partial is answered.',
  },
  locked: {
    status: 423,
    issue: 'login',
    means: 'Too many wrong passwords or codes; `Retry-After` says when to come back.',
  },
  'rate-limited': {
    status: 429,
    issue: 'throttled',
    means: 'Too many requests; `Retry-After` says when to come back.',
  },
  'headers-too-large': {
    status: 431,
    issue: 'too-long',
    means: 'The request line and headers are over a limit.',
  },
  internal: {
    status: 500,
    issue: 'exception',
    means: 'A fault of this server; it is logged under the correlation id.',
  },
  unavailable: {
    status: 503,
    issue: 'transient',
    means:
      'A dependency is down, or there is no room for the request now; `Retry-After` says when to come back, and nothing was half done.',
  },
} as const;

export type ErrorKind = keyof typeof ERROR_KINDS;

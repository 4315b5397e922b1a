import { ERROR_KINDS, type ErrorKind } from './kinds.ts';

/** One problem. Its message says where, which rule, and what to do; never what another clinic holds, never PHI. */
export interface Issue {
  readonly kind: ErrorKind;
  /** `warning` and `information` occur only beside an error or in an outcome that was asked for. */
  readonly severity: 'error' | 'warning' | 'information';
  /** What is wrong, by which rule: "must be one of male, female, other, unknown (required binding)". */
  readonly rule: string;
  /** What to do about it. */
  readonly hint: string;
  /** FHIRPath of the place (`Patient.contact[0].gender`), or the name of a parameter or header. */
  readonly where?: string;
}

/** The only error that interactions throw on purpose. The status is that of the gravest kind, the first issue's. */
export class FhirError extends Error {
  readonly issues: readonly Issue[];
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** Further headers of the answer: `Allow`, `Accept`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    issues: readonly Issue[],
    options: { cause?: unknown; retryAfter?: number; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(issues.map((i) => `${i.where ?? ''} ${i.rule}`.trim()).join('; '), { cause: options.cause });
    this.name = 'FhirError';
    this.issues = issues;
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
  }

  get kind(): ErrorKind {
    return this.issues[0]?.kind ?? 'internal';
  }

  get status(): number {
    return ERROR_KINDS[this.kind].status;
  }
}

/** An error of one issue. */
export function fhirError(kind: ErrorKind, rule: string, hint: string, where?: string): FhirError {
  return new FhirError([issue(kind, rule, hint, where)], kind === 'unavailable' ? { retryAfter: 5 } : {});
}

export function issue(kind: ErrorKind, rule: string, hint: string, where?: string): Issue {
  return { kind, severity: 'error', rule, hint, ...(where === undefined ? {} : { where }) };
}

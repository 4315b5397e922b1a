/** https://hl7.org/fhir/R4/http.html#ops and https://hl7.org/fhir/R4/search.html#errors */
import type { FhirRequest } from './message.ts';

export interface Preference {
  /** What a write answers with. */
  readonly returns: 'minimal' | 'representation' | 'OperationOutcome';
  /** Whether unknown parameters are refused or passed over. */
  readonly handling: 'strict' | 'lenient';
}

const DEFAULT: Preference = { returns: 'representation', handling: 'strict' };
const RETURN = /(?:^|[,;\s])return\s*=\s*"?(minimal|representation|OperationOutcome)\b/i;
const LENIENT = /(?:^|[,;\s])handling\s*=\s*"?lenient\b/i;
const RETURNS = { minimal: 'minimal', representation: 'representation', operationoutcome: 'OperationOutcome' } as const;

/** What isn't understood is passed over: https://www.rfc-editor.org/rfc/rfc7240#section-2 */
export function preferenceOf(request: FhirRequest): Preference {
  const header = request.headers['prefer'];
  if (header === undefined) return DEFAULT;
  const returns = RETURN.exec(header)?.[1]?.toLowerCase() as keyof typeof RETURNS | undefined;
  return { returns: returns === undefined ? 'representation' : RETURNS[returns], handling: LENIENT.test(header) ? 'lenient' : 'strict' };
}

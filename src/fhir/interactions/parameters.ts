/** Query parameters of interactions other than search. */
import { fhirError } from '../outcome/error.ts';
import { pairsOf } from '../search/parse/query.ts';
import type { FhirRequest } from './message.ts';
import { preferenceOf } from './prefer.ts';

/** `_format` and `_pretty` are read where answers are rendered. https://hl7.org/fhir/R4/http.html#parameters */
const GENERAL: ReadonlySet<string> = new Set(['_format', '_pretty']);
const NONE: ReadonlyMap<string, string> = new Map();

/**
 * The parameters by name, each at most once. Throws `unknown-parameter` for what is neither general nor in `known`
 * (unless handling is lenient), `invalid-parameter` for one that is repeated.
 */
export function parametersOf(request: FhirRequest, known: ReadonlySet<string>): ReadonlyMap<string, string> {
  if (request.query === '') return NONE;
  const values = new Map<string, string>();
  for (const { name, value } of pairsOf(request.query)) {
    if (values.has(name)) throw fhirError('invalid-parameter', 'is given more than once', 'Give it once.', name);
    if (known.has(name) || GENERAL.has(name)) values.set(name, value);
    else if (preferenceOf(request).handling === 'strict') throw unknown(name, known);
  }
  return values;
}

const unknown = (name: string, known: ReadonlySet<string>): Error =>
  fhirError(
    'unknown-parameter',
    'is not a parameter of this interaction',
    `Leave it out; known here: ${[...known, ...GENERAL].join(', ')}. Prefer: handling=lenient passes unknown ones over.`,
    name,
  );

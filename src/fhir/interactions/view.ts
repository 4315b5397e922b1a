/** Parts of a resource: `_summary` and `_elements`. https://hl7.org/fhir/R4/search.html#summary */
import { fhirError } from '../outcome/error.ts';
import type { FhirDeps } from './deps.ts';
import { parametersOf } from './parameters.ts';
import type { Call } from './router.ts';

export type View = { readonly summary: 'true' | 'text' | 'data' } | { readonly elements: readonly string[] };

const PARAMETERS: ReadonlySet<string> = new Set(['_summary', '_elements']);
const SUMMARIES = ['true', 'text', 'data'] as const;

/** What a read asks to see; undefined: all. Throws for parameters that a read doesn't have. */
export function viewOf(call: Call): View | undefined {
  if (call.request.query === '') return undefined;
  const parameters = parametersOf(call.request, PARAMETERS);
  const elements = parameters.get('_elements');
  return viewFor(parameters.get('_summary'), elements === undefined ? undefined : elements.split(','));
}

/** `_elements` counts where both are given. Throws `invalid-parameter` for a summary that a single resource doesn't have. */
export function viewFor(summary: string | undefined, elements: readonly string[] | undefined): View | undefined {
  if (elements !== undefined) return { elements };
  const known = SUMMARIES.find((s) => s === summary);
  if (known !== undefined) return { summary: known };
  if (summary === undefined || summary === 'false') return undefined;
  throw fhirError('invalid-parameter', 'is not one of true, text, data, false', 'Use one of these values.', '_summary');
}

/** The resource's text with only what the view shows. */
export function shown(_deps: FhirDeps, view: View, _body: Uint8Array): Uint8Array {
  throw fhirError('not-supported', 'parts of resources are not served yet', 'Leave the parameter out.', 'summary' in view ? '_summary' : '_elements');
}

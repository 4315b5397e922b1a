/** Parts of a resource: `_summary` and `_elements`. https://hl7.org/fhir/R4/search.html#summary */
import { parseJson, type JsonLimits, type JsonObject } from '../model/json.ts';
import { fhirError } from '../outcome/error.ts';
import { selectElements, summarise, visibleElements } from '../representation/summary.ts';
import type { FhirDeps } from './deps.ts';
import { parametersOf } from './parameters.ts';
import type { Call } from './router.ts';

export type View = { readonly summary: 'true' | 'text' | 'data' } | { readonly elements: readonly string[] };

const PARAMETERS: ReadonlySet<string> = new Set(['_summary', '_elements']);
const SUMMARIES = ['true', 'text', 'data'] as const;
/** Our own texts were checked when they came in. */
const UNLIMITED: JsonLimits = { depth: Infinity, keys: Infinity };

/** What a read asks to see; undefined: all. Throws for parameters that a read doesn't have. */
export function viewOf(call: Call): View | undefined {
  return call.request.query === '' ? undefined : viewIn(call, parametersOf(call.request, PARAMETERS));
}

/** The same from parameters that are read already. */
export function viewIn(call: Call, parameters: ReadonlyMap<string, string>): View | undefined {
  const elements = parameters.get('_elements')?.split(',');
  const known = call.deps.definitions.elementsOf(call.type);
  const wrong = known && elements?.find((name) => !known.has(name) && ![...known.values()].some((e) => e.choice === name));
  if (wrong === undefined) return viewFor(parameters.get('_summary'), elements);
  throw fhirError(
    'invalid-parameter',
    `not all are elements of ${call.type}`,
    'List top-level elements, such as status,subject.',
    '_elements',
  );
}

/** `_elements` counts where both are given. Throws `invalid-parameter` for a summary that a single resource doesn't have. */
export function viewFor(summary: string | undefined, elements: readonly string[] | undefined): View | undefined {
  if (elements !== undefined) return { elements };
  const known = SUMMARIES.find((s) => s === summary);
  if (known !== undefined) return { summary: known };
  if (summary === undefined || summary === 'false') return undefined;
  throw fhirError('invalid-parameter', 'is not one of true, text, data, false', 'Use one of these values.', '_summary');
}

/** The text of a resource as the caller sees it: the elements visible to them, and of these what the view shows. */
export function bodyFor(call: Call, type: string, body: Uint8Array, view?: View): Uint8Array {
  const visible = call.request.context.access.visibleOf(type);
  if (visible === undefined) return view === undefined ? body : shown(call.deps, view, body);
  const part = visibleElements(parseJson(body, UNLIMITED).exact, visible.elements, call.deps.definitions);
  return Buffer.from(JSON.stringify(view === undefined ? part : cut(call.deps, view, part)));
}

/** The text of a resource of ours, cut down to what the view shows; number texts stay. */
export const shown = (deps: Pick<FhirDeps, 'definitions'>, view: View, body: Uint8Array): Uint8Array =>
  Buffer.from(JSON.stringify(cut(deps, view, parseJson(body, UNLIMITED).exact)));

const cut = ({ definitions }: Pick<FhirDeps, 'definitions'>, view: View, exact: JsonObject): JsonObject =>
  'summary' in view ? summarise(exact, view.summary, definitions) : selectElements(exact, view.elements, definitions);

/** Finds what a name stands for. */
import type { FhirError } from '../../outcome/error.ts';
import type { Visible } from '../../model/principal.ts';
import type { SearchParameter, SearchRegistry } from '../registry.ts';
import { hidden, unknown } from './problems.ts';
import { nearest } from './suggest.ts';
import type { Scope } from './types.ts';

/** Parameters of the standard that this server doesn't have. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['_text', '_content', '_list', '_query', '_filter']);

/** The parameter that all of the types have by that name, with one meaning; undefined if they don't. */
function lookUp(registry: SearchRegistry, types: readonly string[], code: string): SearchParameter | undefined {
  const first = registry.get(types[0] ?? '', code);
  if (!first || types.length === 1 || first.base.includes('Resource')) return first;
  const all = types.map((t) => registry.get(t, code));
  if (!all.every((p): p is SearchParameter => p?.type === first.type)) return undefined;
  if (first.type === 'composite' && all.some((p) => p.url !== first.url)) return undefined;
  if (first.type !== 'reference' || all.some((p) => !p.targets)) return first;
  return { ...first, targets: [...new Set(all.flatMap((p) => p.targets ?? []))] };
}

/** Of what every resource shows (`id`, `meta`): these tell nothing that isn't shown. */
const ALWAYS: ReadonlySet<string> = new Set(['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag']);

/** Whether a type of which only this is visible may be asked by the parameter. */
export const mayAskBy = (visible: Visible | undefined, code: string): boolean =>
  visible === undefined || ALWAYS.has(code) || visible.parameters.has(code);

/** As `lookUp`, but throws `unknown-parameter` with the names that come nearest; `forbidden` for one of what isn't visible. */
export function lookUpOrThrow(
  { registry, visibleOf }: Pick<Scope, 'registry' | 'visibleOf'>,
  types: readonly string[],
  code: string,
  where: string,
): SearchParameter {
  const found = lookUp(registry, types, code);
  if (found?.type === 'special' || UNSUPPORTED.has(code)) {
    throw unknown(where, `${code} is not supported`, 'Leave it out, or send Prefer: handling=lenient to have it ignored.');
  }
  if (!found) throw notKnown(registry, types, code, where);
  const type = types.find((t) => !mayAskBy(visibleOf(t), code));
  if (type !== undefined) throw hidden(where, type, code);
  return found;
}

function notKnown(registry: SearchRegistry, types: readonly string[], code: string, where: string): FhirError {
  const names = registry
    .all(types[0] ?? '')
    .map((p) => p.code)
    .filter((c) => lookUp(registry, types, c));
  const similar = nearest(code, names);
  const of = types.length === 1 ? types[0] : 'all the types searched';
  return unknown(
    where,
    `is not a search parameter of ${of}`,
    similar.length > 0 ? `Did you mean ${similar.join(' or ')}?` : 'See the CapabilityStatement for the parameters there are.',
  );
}

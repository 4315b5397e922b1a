/** Finds what a name stands for. */
import type { FhirError } from '../../outcome/error.ts';
import type { SearchParameter, SearchRegistry } from '../registry.ts';
import { unknown } from './problems.ts';
import { nearest } from './suggest.ts';

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

/** As `lookUp`, but throws `unknown-parameter` with the names that come nearest. */
export function lookUpOrThrow(registry: SearchRegistry, types: readonly string[], code: string, where: string): SearchParameter {
  const found = lookUp(registry, types, code);
  if (found?.type === 'special' || UNSUPPORTED.has(code)) {
    throw unknown(where, `${code} is not supported`, 'Leave it out, or send Prefer: handling=lenient to have it ignored.');
  }
  if (!found) throw notKnown(registry, types, code, where);
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

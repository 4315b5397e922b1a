/** A query string as a search tree and the manner of answering it. https://hl7.org/fhir/R4/search.html */
import { FhirError, type Issue } from '../../outcome/error.ts';
import type { ResourceType } from '../../model/ids.ts';
import { and } from '../ast.ts';
import { readControls, sortOut, typesOf } from './controls.ts';
import { parseCriterion } from './criterion.ts';
import { parseInclude } from './includes.ts';
import { pairsOf } from './query.ts';
import { parseSort } from './sort.ts';
import type { Pair, ParsedSearch, ParseInput, ParserDeps, Scope } from './types.ts';

export type { Include, Pair, ParsedSearch, ParseInput, ParserDeps, Summary } from './types.ts';

/** How many chains and `_has` one query may stand for. */
const MAX_LINKS = 100;

/**
 * Throws `unknown-parameter` (strict handling), `invalid-parameter` or `too-costly`, naming the parameter. Reads no
 * clock and no store: the same input gives the same tree.
 */
export function parseSearch(deps: ParserDeps, input: ParseInput): ParsedSearch {
  const pairs = pairsOf(input.query);
  const { single, includes, revincludes, criteria } = sortOut(pairs);
  const types = typesOf(deps.definitions, input.type, single.get('_type'));
  const scope = scopeOf(deps, input);
  const ignored = new Map<Pair, Issue>();
  const each = <T>(of: readonly Pair[], parse: PairParser<T>): T[] =>
    of.flatMap((pair) => parsedOrIgnored(scope, types, pair, parse, input.handling, ignored));
  const parsed = {
    types,
    where: and(...each(criteria, parseCriterion)),
    sort: each(single.has('_sort') ? [single.get('_sort') as Pair] : [], parseSort).flat(),
    include: each(includes, parseInclude),
    revinclude: each(revincludes, parseInclude),
    ...readControls(single, input.maxCount, (name) => isElement(deps, types, name)),
  };
  return { ...parsed, applied: pairs.filter((p) => p.name !== '_cursor' && !ignored.has(p)), ignored: [...ignored.values()] };
}

type PairParser<T> = (scope: Scope, types: readonly ResourceType[], pair: Pair) => T;

const scopeOf = (deps: ParserDeps, input: ParseInput): Scope => ({
  registry: deps.registry,
  definitions: deps.definitions,
  units: deps.units,
  timeZone: input.timeZone,
  now: input.now,
  baseUrl: input.baseUrl,
  visibleOf: input.visibleOf ?? (() => undefined),
  budget: { links: MAX_LINKS },
});

/** Under lenient handling what isn't known is left out and noted; what is known but wrong is an error all the same. */
function parsedOrIgnored<T>(
  scope: Scope,
  types: readonly ResourceType[],
  pair: Pair,
  parse: PairParser<T>,
  handling: ParseInput['handling'],
  ignored: Map<Pair, Issue>,
): T[] {
  try {
    return [parse(scope, types, pair)];
  } catch (error) {
    const issue = error instanceof FhirError && error.kind === 'unknown-parameter' ? error.issues[0] : undefined;
    if (handling === 'strict' || !issue) throw error;
    ignored.set(pair, { ...issue, severity: 'warning' });
    return [];
  }
}

/** A top-level element of one of the types, `value` standing for `valueQuantity` and its like. */
const isElement = (deps: ParserDeps, types: readonly string[], name: string): boolean =>
  types.some((type) => {
    const elements = deps.definitions.elementsOf(type);
    return elements !== undefined && (elements.has(name) || [...elements.values()].some((e) => e.choice === name));
  });

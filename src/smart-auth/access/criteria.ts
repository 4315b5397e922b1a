/** Search criteria of groups and scopes as trees. */
import type { Clock } from '../../platform/clock.ts';
import { asResourceType, type ClinicId } from '../../fhir/model/ids.ts';
import { FhirError } from '../../fhir/outcome/error.ts';
import type { Node } from '../../fhir/search/ast.ts';
import { parseSearch, type ParsedSearch, type ParserDeps } from '../../fhir/search/parse/index.ts';
import { hasLinks } from '../../fhir/search/resolve/links.ts';

export interface CriteriaDeps extends ParserDeps {
  readonly clock: Clock;
  readonly timeZoneOf: (clinic: ClinicId) => string;
  /** The FHIR base without a final slash. */
  readonly baseUrl: string;
}

/**
 * Undefined for what says nothing about the resource itself: an unknown parameter, one that only says how to answer, and
 * chains, by which a caller could ask about resources that they may not see.
 */
export function criteriaNode(deps: CriteriaDeps, clinic: ClinicId, type: string, criteria: string): Node | undefined {
  try {
    const parsed = parseSearch(deps, {
      query: criteria,
      type: asResourceType(type),
      timeZone: deps.timeZoneOf(clinic),
      now: deps.clock.now(),
      baseUrl: deps.baseUrl,
      handling: 'strict',
      maxCount: 1,
    });
    return isPlain(parsed) ? parsed.where : undefined;
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

const isPlain = ({ where, sort, include, revinclude, count, summary, elements, cursor, total }: ParsedSearch): boolean =>
  !hasLinks(where) &&
  where.op !== 'all' &&
  total === 'none' &&
  sort.length + include.length + revinclude.length === 0 &&
  [count, summary, elements, cursor].every((c) => c === undefined);

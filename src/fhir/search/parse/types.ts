/** What the parts of the parser share. */
import type { Definitions } from '../../model/definitions.ts';
import type { ResourceType } from '../../model/ids.ts';
import type { AccessFilter } from '../../model/principal.ts';
import type { Issue } from '../../outcome/error.ts';
import type { SortTerm } from '../../store/port.ts';
import type { Node } from '../ast.ts';
import type { SearchParameter, SearchRegistry } from '../registry.ts';
import type { Units } from '../values/normalise/units.ts';

export interface ParserDeps {
  readonly registry: SearchRegistry;
  readonly definitions: Definitions;
  readonly units: Units;
}

export interface ParseInput {
  /** The query string without `?`, as sent. */
  readonly query: string;
  /** The type searched; absent for a search over all types, which `_type` may narrow. */
  readonly type?: ResourceType;
  /** IANA name of the zone that dates without a zone are in. */
  readonly timeZone: string;
  /** Milliseconds since 1970: what `ap` measures from. */
  readonly now: number;
  /** The FHIR base without a final slash: references below it count as relative. */
  readonly baseUrl: string;
  /** `lenient`: parameters that aren't known are ignored and reported. https://hl7.org/fhir/R4/search.html#errors */
  readonly handling: 'strict' | 'lenient';
  /** A greater `_count` is lowered to this. */
  readonly maxCount: number;
  /** Which parameters the caller may use; absent: all. */
  readonly visibleOf?: VisibleOf;
}

type VisibleOf = AccessFilter<Node>['visibleOf'];

export interface ParsedSearch {
  readonly types: readonly ResourceType[];
  readonly where: Node;
  readonly sort: readonly SortTerm[];
  /** Absent where none was asked for. */
  readonly count?: number;
  readonly total: 'none' | 'accurate' | 'estimate';
  readonly include: readonly Include[];
  readonly revinclude: readonly Include[];
  readonly summary?: Summary;
  readonly elements?: readonly string[];
  readonly cursor?: string;
  /** The parameters as understood, in order, without the cursor: what the self link consists of. */
  readonly applied: readonly Pair[];
  /** One for each parameter that was left out (lenient handling only). */
  readonly ignored: readonly Issue[];
}

export type Summary = 'true' | 'text' | 'data' | 'count' | 'false';

/**
 * `_include=Observation:subject:Patient`: what `param` of resources of type `source` refers to. For `_revinclude`, what
 * refers by `param` to a match. `source` absent: of any type (`*`). `param` absent: by any parameter.
 */
export interface Include {
  readonly source?: string;
  readonly param?: string;
  /** Only resources of this type are included (or, for `_revinclude`, only those referred to count). */
  readonly target?: string;
  /** Applies to what was included as well, again and again. */
  readonly iterate: boolean;
}

/** One `name=value` of the query: decoded, and as sent. */
export interface Pair {
  readonly name: string;
  readonly value: string;
  readonly raw: string;
}

/** What parsing a parameter needs besides its text. */
export interface Scope extends ParserDeps {
  readonly timeZone: string;
  readonly now: number;
  readonly baseUrl: string;
  readonly visibleOf: VisibleOf;
  readonly budget: Budget;
}

/** What one query may still cost; counted down while it is parsed. */
export interface Budget {
  links: number;
}

/** A search parameter and how it was named. */
export interface ParameterUse {
  readonly parameter: SearchParameter;
  readonly modifier?: string;
  /** The parameter of the entries: `code`, or the position within a composite. */
  readonly param: string;
  /** The name as given, with modifiers: where problems are. */
  readonly where: string;
}

/** What the search tests share: definitions loaded once, and a query parsed at a fixed time. */
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { asResourceType } from '../../src/fhir/model/ids.ts';
import { ALL_ACCESS, type AccessFilter } from '../../src/fhir/model/principal.ts';
import type { Node } from '../../src/fhir/search/ast.ts';
import { parseSearch, type ParsedSearch, type ParseInput, type ParserDeps } from '../../src/fhir/search/parse/index.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';
import { createUnits } from '../../src/fhir/search/values/normalise/units.ts';

/** Everything may be seen. */
export const OPEN_ACCESS: AccessFilter<Node> = ALL_ACCESS;

export const NOW = Date.parse('2024-06-01T00:00:00Z');
export const BASE_URL = 'https://nadi.test/fhir/R4';
export const TIME_ZONE = 'Asia/Kolkata';

const definitions = loadDefinitions();
export const parserDeps: ParserDeps = { definitions, registry: createRegistry(definitions), units: createUnits() };

/** `Patient?name=x`, or `?_type=Patient` for a search over all types. */
export function parse(search: string, options: Partial<ParseInput> = {}): ParsedSearch {
  const at = search.indexOf('?');
  const type = at > 0 ? { type: asResourceType(search.slice(0, at)) } : {};
  const input = {
    query: search.slice(at + 1),
    timeZone: TIME_ZONE,
    now: NOW,
    baseUrl: BASE_URL,
    handling: 'strict',
    maxCount: 1000,
  } as const;
  return parseSearch(parserDeps, { ...input, ...type, ...options });
}

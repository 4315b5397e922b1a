/** The fixtures of the search cases in memory: what a store should hold, and what it should answer. */
import type { JsonObject } from '../../src/fhir/model/json.ts';
import type { Node } from '../../src/fhir/search/ast.ts';
import type { SortEntry } from '../../src/fhir/search/entries.ts';
import { matches, type LinkResolver, type Subject } from '../../src/fhir/search/match.ts';
import type { ParsedSearch } from '../../src/fhir/search/parse/index.ts';
import type { Extractor } from '../../src/fhir/search/values/index.ts';
import { COMMITS } from '../cases/search/fixtures/index.ts';

export interface Loaded extends Subject {
  readonly resource: JsonObject;
}

/** Current resources in the order of their creation. */
export function loadWorld(extractor: Extractor, timeZone: string): Loaded[] {
  const world = new Map<string, Loaded>();
  for (const { at, put = [], remove = [] } of COMMITS) {
    for (const resource of put) {
      const entries = extractor.extract(resource, timeZone);
      world.set(resource.id, { type: resource.resourceType, id: resource.id, lastUpdated: Date.parse(at), entries, resource });
    }
    for (const { id } of remove) world.delete(id);
  }
  return [...world.values()];
}

export function linksIn(world: readonly Subject[]): LinkResolver {
  const links: LinkResolver = {
    chain: (subject, { param, type, where: inner }) =>
      world.some((r) => r.type === type && refers(subject, param, r) && matches(inner, r, links)),
    has: (subject, { param, type, where: inner }) =>
      world.some((r) => r.type === type && refers(r, param, subject) && matches(inner, r, links)),
  };
  return links;
}

/** Ids of what the search finds, by `match.ts`. */
export function findIn(world: readonly Subject[], search: ParsedSearch, where: Node = search.where): string[] {
  const links = linksIn(world);
  const found = world.filter((r) => search.types.some((t) => t === r.type) && matches(where, r, links));
  return found.toSorted((a, b) => compare(search, a, b)).map((r) => r.id);
}

const refers = (from: Subject, param: string, to: Subject): boolean =>
  from.entries.reference.some((e) => e.param === param && e.type === to.type && e.id === to.id);

/** Ascending by `lo`, descending by `hi`, without a value last. Sorting is stable: ties keep the order of creation. */
function compare(search: ParsedSearch, a: Subject, b: Subject): number {
  for (const { param, descending } of search.sort) {
    const [x, y] = [sortValue(a, param), sortValue(b, param)];
    if (!x || !y) {
      if (x || y) return x ? -1 : 1;
      continue;
    }
    const order = descending ? -compareValues(x.hi, y.hi) : compareValues(x.lo, y.lo);
    if (order !== 0) return order;
  }
  return 0;
}

function sortValue(of: Subject, param: string): Pick<SortEntry, 'lo' | 'hi'> | undefined {
  if (param === '_id') return { lo: of.id, hi: of.id };
  if (param === '_lastUpdated') return { lo: of.lastUpdated, hi: of.lastUpdated };
  return of.entries.sort.find((s) => s.param === param);
}

function compareValues(a: string | number, b: string | number): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** Reads out of a resource what it can be found by: the same entries for both stores and for matching in memory. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Definitions } from '../../model/definitions.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Node } from '../ast.ts';
import type { IndexEntries, ReferenceEntry } from '../entries.ts';
import { paramsOf } from '../params-of.ts';
import type { SearchParameter, SearchRegistry } from '../registry.ts';
import { createCollector, type Collector } from './collector.ts';
import { compileType, type CompileDeps } from './compile.ts';
import { createDateRange } from './normalise/dates.ts';
import type { Units } from './normalise/units.ts';
import { namesOf, runPlan, type Plan } from './path/plan.ts';
import { distinct } from './distinct.ts';

export interface Extractor {
  /**
   * All entries of a resource of any type that R4 has; none for other types. `timeZone` (IANA) is that of dates without a zone; an
   * unknown one throws a RangeError. Values that are no values of their element's type are passed over.
   */
  extract(resource: JsonObject, timeZone: string): IndexEntries;
  /**
   * Those alone that the tree asks of the resource itself: enough for `matches`, at a fraction of the cost. `body` is the text of a
   * resource of ours, of type `type`; one without any element that the tree asks for isn't even read.
   */
  extractFor(tree: Node, type: string, body: Uint8Array, timeZone: string): IndexEntries;
  /** What the resource, of type `type`, refers to by one reference parameter, or by all (`*`). */
  references(resource: JsonObject, type: string, param: string): ReferenceEntry[];
  /** Changes with whatever changes the entries: resources that carry another one are to be reindexed. */
  readonly indexVersion: string;
}

/** To be raised by whoever changes what is extracted from the same definitions. */
const EXTRACTION = 2;

export interface ExtractorDeps {
  readonly definitions: Definitions;
  readonly registry: SearchRegistry;
  readonly units: Units;
}

/** Compiles a type's parameters when its first resource comes: less than a millisecond each. */
export function createExtractor({ definitions, registry, units }: ExtractorDeps): Extractor {
  const deps: CompileDeps = { definitions, units, dateRange: createDateRange(), codeSets: definitions.codeSets };
  const plans = new Map<string, Plan<Collector>>();
  const planOf = (key: string, type: string, parameters: () => readonly SearchParameter[]): Plan<Collector> => {
    const known = plans.get(key);
    if (known) return known;
    const made = compileType(deps, type, parameters());
    if (definitions.resourceTypes.has(type)) plans.set(key, made);
    return made;
  };
  const partialPlanOf = createPartialPlans((type, params) =>
    compileType(
      deps,
      type,
      registry.all(type).filter(({ code }) => params.has(code)),
    ),
  );
  const run = (plan: Plan<Collector>, resource: JsonObject, timeZone: string): IndexEntries => {
    const out = createCollector(resource, timeZone);
    runPlan(plan, resource, out);
    return distinct(out.entries);
  };
  return {
    extract(resource, timeZone) {
      const type = typeOf(resource);
      const plan = planOf(type, type, () => registry.all(type));
      return run(plan, resource, timeZone);
    },
    extractFor(tree, type, body, timeZone) {
      const partial = partialPlanOf(tree, type);
      const text = Buffer.from(body.buffer, body.byteOffset, body.length);
      return lacksAll(partial, text) ? NOTHING : run(partial.plan, JSON.parse(text.toString()) as JsonObject, timeZone);
    },
    references(resource, type, param) {
      const plan = planOf(`${type}.${param}`, type, () => referenceParameters(registry, type, param));
      return run(plan, resource, 'UTC').reference.filter((r) => r.id !== '');
    },
    indexVersion: versionOf(definitions),
  };
}

const typeOf = ({ resourceType }: JsonObject): string => (typeof resourceType === 'string' ? resourceType : '');

/** Trees differ by who asks; what they ask of a type seldom does. */
const PARTIAL_PLANS = 2_000;

const NOTHING = createCollector({}, 'UTC').entries;

interface PartialPlan {
  readonly plan: Plan<Collector>;
  /** As they stand in a text: without any of them, it has no value for the plan. Undefined where that can't be told. */
  readonly names: readonly Buffer[] | undefined;
}

const lacksAll = ({ names }: PartialPlan, text: Buffer): boolean => names !== undefined && !names.some((name) => text.includes(name));

/** To look for more costs as much as to read the text. */
const MOST_NAMES = 4;

function partialPlan(plan: Plan<Collector>): PartialPlan {
  const names = namesOf(plan);
  return { plan, names: names && names.size <= MOST_NAMES ? [...names].map((name) => Buffer.from(JSON.stringify(name))) : undefined };
}

/** Found by the tree where it is the same one, else by what it asks. */
function createPartialPlans(
  compile: (type: string, params: ReadonlySet<string>) => Plan<Collector>,
): (tree: Node, type: string) => PartialPlan {
  const byTree = new WeakMap<Node, Map<string, PartialPlan>>();
  const byParams = new LRUCache<string, PartialPlan>({ max: PARTIAL_PLANS });
  return (tree, type) => {
    const ofTree = byTree.get(tree) ?? new Map<string, PartialPlan>();
    const known = ofTree.get(type);
    if (known) return known;
    const params = paramsOf(tree);
    const key = [type, ...[...params].sort()].join(' ');
    const plan = byParams.get(key) ?? partialPlan(compile(type, params));
    byParams.set(key, plan);
    byTree.set(tree, ofTree.set(type, plan));
    return plan;
  };
}

const referenceParameters = (registry: SearchRegistry, type: string, param: string): SearchParameter[] =>
  registry.all(type).filter((p) => p.type === 'reference' && (param === '*' || param === p.code));

const versionOf = (definitions: Definitions): string =>
  createHash('sha256')
    .update(JSON.stringify([EXTRACTION, definitions.searchParameters]))
    .digest('hex')
    .slice(0, 12);

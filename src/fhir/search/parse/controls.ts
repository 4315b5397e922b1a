/** Parameters that say how to answer rather than what to find. https://hl7.org/fhir/R4/search.html#return */
import type { Definitions } from '../../model/definitions.ts';
import { asResourceType, type ResourceType } from '../../model/ids.ts';
import { invalid, quoted, tooCostly } from './problems.ts';
import { nearest } from './suggest.ts';
import type { Pair, ParsedSearch, Summary } from './types.ts';

/** Each may occur once. `_format` and `_pretty` are read by HTTP. */
const SINGLE: ReadonlySet<string> = new Set([
  '_sort',
  '_count',
  '_total',
  '_summary',
  '_elements',
  '_contained',
  '_containedType',
  '_format',
  '_pretty',
  '_cursor',
  '_type',
]);
const MAX_INCLUDES = 50;

export interface Sorted {
  readonly single: ReadonlyMap<string, Pair>;
  readonly includes: readonly Pair[];
  readonly revincludes: readonly Pair[];
  readonly criteria: readonly Pair[];
}

/** Tells them apart. Throws `invalid-parameter` for a single one that occurs twice. */
export function sortOut(pairs: readonly Pair[]): Sorted {
  const single = new Map<string, Pair>();
  const includes: Pair[] = [];
  const revincludes: Pair[] = [];
  const criteria: Pair[] = [];
  for (const pair of pairs) {
    const name = baseName(pair.name);
    if (name === '_include') includes.push(pair);
    else if (name === '_revinclude') revincludes.push(pair);
    else if (!SINGLE.has(name)) criteria.push(pair);
    else if (pair.name !== name) throw invalid(pair.name, `${name} takes no modifier`, `Write ${name}=….`);
    else if (single.has(name)) throw invalid(name, 'is given more than once', 'Give it once.');
    else single.set(name, pair);
  }
  if (includes.length + revincludes.length > MAX_INCLUDES)
    throw tooCostly('_include', `is given more than ${MAX_INCLUDES} times`, 'Use Type:* or fewer of them.');
  return { single, includes, revincludes, criteria };
}

/** Only names that start with `_` can be controls. */
function baseName(name: string): string {
  const colon = name.charCodeAt(0) === 95 ? name.indexOf(':') : -1;
  return colon < 0 ? name : name.slice(0, colon);
}

/** The type in the path, or those that `_type` lists, or all there are. */
export function typesOf(definitions: Definitions, type: ResourceType | undefined, pair: Pair | undefined): readonly ResourceType[] {
  if (type !== undefined && pair) throw invalid('_type', 'is only for searches over all types', `Leave it out: the path says ${type}.`);
  if (type !== undefined) return [type];
  if (!pair) return [...definitions.resourceTypes].map(asResourceType);
  const types = [...new Set(pair.value.split(','))];
  const wrong = types.find((t) => !definitions.resourceTypes.has(t));
  if (wrong === undefined) return types.map(asResourceType);
  const similar = nearest(wrong, [...definitions.resourceTypes]);
  throw invalid(
    '_type',
    `${quoted(wrong)} is not a resource type of R4`,
    similar.length > 0 ? `Did you mean ${similar.join(' or ')}?` : 'List resource types, separated by commas.',
  );
}

type Controls = Pick<ParsedSearch, 'count' | 'total' | 'summary' | 'elements' | 'cursor'>;

export function readControls(single: ReadonlyMap<string, Pair>, maxCount: number, isElement: (name: string) => boolean): Controls {
  const value = (name: string): string | undefined => single.get(name)?.value;
  onlyDefault('_contained', value('_contained'), 'false');
  onlyDefault('_containedType', value('_containedType'), 'container');
  const count = countOf(value('_count'), maxCount);
  const summary = count === 0 ? 'count' : oneOf('_summary', value('_summary'), SUMMARIES);
  const elements = elementsOf(value('_elements'), isElement);
  const cursor = value('_cursor');
  return {
    total: oneOf('_total', value('_total'), TOTALS) ?? 'none',
    ...(count === undefined ? {} : { count }),
    ...(summary === undefined ? {} : { summary }),
    ...(elements === undefined ? {} : { elements }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

const TOTALS = ['none', 'accurate', 'estimate'] as const;
const SUMMARIES: readonly Summary[] = ['true', 'text', 'data', 'count', 'false'];

function oneOf<T extends string>(name: string, value: string | undefined, allowed: readonly T[]): T | undefined {
  const known = allowed.find((a) => a === value);
  if (known !== undefined || value === undefined) return known;
  throw invalid(name, `is not one of ${allowed.join(', ')}`, 'Use one of these values.');
}

function onlyDefault(name: string, value: string | undefined, standard: string): void {
  if (value !== undefined && value !== standard)
    throw invalid(name, "contained resources can't be searched", `Leave it out, or write ${name}=${standard}.`);
}

const DIGITS = /^\d+$/;

/** A greater count than the maximum is lowered to it. */
function countOf(text: string | undefined, maxCount: number): number | undefined {
  if (text === undefined) return undefined;
  if (!DIGITS.test(text)) throw invalid('_count', 'is not a whole number of 0 or more', `Write a number from 0 to ${maxCount}.`);
  return Math.min(Number(text), maxCount);
}

function elementsOf(text: string | undefined, isElement: (name: string) => boolean): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',');
  const wrong = names.find((n) => !isElement(n));
  if (wrong === undefined) return names;
  throw invalid('_elements', `${quoted(wrong)} is not an element of what is searched`, 'List top-level elements, such as status,subject.');
}

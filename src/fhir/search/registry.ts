/** Which search parameters a type has: the official ones, those of `Resource` included in every type. */
import type { Definitions } from '../model/definitions.ts';
import type { SearchParameterModel, SearchParameterType } from '../model/types.ts';

export interface SearchParameter {
  readonly code: string;
  readonly type: SearchParameterType;
  readonly url: string;
  readonly base: readonly string[];
  /** Types that a reference parameter may point to, as its definition lists them. */
  readonly targets?: readonly string[];
  /** Of a composite, in order. Their `expressionFor` is relative to the composite's element, whatever the type. */
  readonly components?: readonly SearchParameter[];
  /** The part of the expression that speaks of this type; `''` when none does. */
  expressionFor(type: string): string;
}

export interface SearchRegistry {
  get(type: string, code: string): SearchParameter | undefined;
  /** In order of their codes; none for a type that R4 doesn't have. */
  all(type: string): readonly SearchParameter[];
}

/** Costs a millisecond; lookups by type are made when a type is first asked for. */
export function createRegistry(definitions: Definitions): SearchRegistry {
  const byUrl = new Map(definitions.searchParameters.map((p) => [p.url, p]));
  const parameters = definitions.searchParameters.map((p) => parameterOf(p, byUrl));
  const tables = new Map<string, ReadonlyMap<string, SearchParameter>>();
  const tableOf = (type: string): ReadonlyMap<string, SearchParameter> => {
    const known = tables.get(type);
    if (known) return known;
    if (!definitions.resourceTypes.has(type)) return NO_PARAMETERS;
    const made = new Map(
      parameters
        .filter((p) => applies(p, type))
        .sort(byCode)
        .map((p) => [p.code, p]),
    );
    tables.set(type, made);
    return made;
  };
  return {
    get: (type, code) => tableOf(type).get(code),
    all: (type) => [...tableOf(type).values()],
  };
}

const NO_PARAMETERS: ReadonlyMap<string, SearchParameter> = new Map();

const byCode = (a: SearchParameter, b: SearchParameter): number => (a.code < b.code ? -1 : 1);

const applies = (parameter: SearchParameter, type: string): boolean =>
  parameter.base.some((b) => b === type || b === 'Resource' || b === 'DomainResource');

function parameterOf(model: SearchParameterModel, byUrl: ReadonlyMap<string, SearchParameterModel>): SearchParameter {
  const components = componentsOf(model)?.flatMap((c) => {
    const definition = byUrl.get(c.definition);
    return definition ? [{ ...parameterOf(definition, byUrl), expressionFor: (): string => c.expression }] : [];
  });
  const parts = unionParts(model.expression);
  return {
    code: model.code,
    type: model.type,
    url: model.url,
    base: model.base,
    ...(model.targets ? { targets: model.targets } : {}),
    ...(components ? { components } : {}),
    expressionFor: (type) => parts.filter((p) => speaksOf(p, type)).join(' | '),
  };
}

type Components = NonNullable<SearchParameterModel['components']>;

/** R4 gives `code` the definition of `target` here, and the other way round. */
const SWAPPED = 'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship';

function componentsOf({ url, components }: SearchParameterModel): Components | undefined {
  const [first, second] = components ?? [];
  if (url !== SWAPPED || !first || !second) return components;
  return [
    { ...first, definition: second.definition },
    { ...second, definition: first.definition },
  ];
}

/** `(Medication.code as X)` speaks of Medication; a path that names no type (`name | alias`) speaks of any. */
function speaksOf(part: string, type: string): boolean {
  const root = /^[\s(]*([A-Za-z]+)/.exec(part)?.[1] ?? '';
  return root === type || root === 'Resource' || root === 'DomainResource' || !/^[A-Z]/.test(root);
}

/** Splits at `|` outside parentheses and quotes. */
function unionParts(expression: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (const [token] of expression.matchAll(/'[^']*'|[()|]|[^'()|]+/g)) {
    if (token === '(') depth++;
    if (token === ')') depth--;
    if (token !== '|' || depth > 0) part += token;
    else {
      parts.push(part.trim());
      part = '';
    }
  }
  return [...parts, part.trim()];
}

/** Turns expressions into routes: the JSON properties to follow, every choice spelled out, with tests on the way. */
import type { Definitions } from '../../../model/definitions.ts';
import type { ElementModel } from '../../../model/types.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../model/json.ts';
import type { Expression } from './expression.ts';
import { typeOfTarget } from './reference.ts';

/** From an element to values of one type. */
export interface Route {
  readonly from: 'context' | 'resource';
  readonly steps: readonly Step[];
  readonly element: ElementKind;
}

export interface Step {
  readonly property: string;
  /** Only this one of the values. */
  readonly index?: number;
  readonly test?: Test;
}

export interface Test {
  /** Equal for tests that are alike. */
  readonly key: string;
  holds(value: JsonValue, resource: JsonObject): boolean;
}

/** What of an element's model bears on its values. */
export type ElementKind = Pick<ElementModel, 'type' | 'required'>;

/** Three-valued: undefined is FHIRPath's empty collection. */
export type Truth = (context: JsonValue, resource: JsonObject) => boolean | undefined;

export interface PathCompiler {
  /** None where the path leads to an element that the type doesn't have. Throws a TypeError for what is no path. */
  routes(expression: Expression, context: ElementKind): readonly Route[];
  /** Throws a TypeError for what is no condition. */
  truth(expression: Expression, context: ElementKind): Truth;
}

/** `resourceType` is what `%resource` stands for. */
export function createPathCompiler(definitions: Definitions, resourceType: string): PathCompiler {
  const scope: Scope = { definitions, resourceType };
  return {
    routes: (expression, context) => routesOf(scope, expression, context),
    truth: (expression, context) => truthOf(scope, expression, context),
  };
}

type Scope = { readonly definitions: Definitions; readonly resourceType: string };

/** Names that an expression may use for any resource. */
const ANY_RESOURCE: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);

function routesOf(scope: Scope, expression: Expression, context: ElementKind): readonly Route[] {
  switch (expression.op) {
    case 'this':
      return startsAt(expression.type, context) ? [{ from: 'context', steps: [], element: context }] : [];
    case 'resource':
      return [{ from: 'resource', steps: [], element: { type: scope.resourceType } }];
    case 'child':
      return routesOf(scope, expression.of, context).flatMap((r) => children(scope, r, expression.name));
    case 'index':
      return routesOf(scope, expression.of, context).map((r) => indexed(r, expression.at));
    case 'of-type':
      return routesOf(scope, expression.of, context).filter((r) => isType(r.element.type, expression.type));
    case 'where':
      return routesOf(scope, expression.of, context).map((r) => tested(scope, r, expression.test));
    case 'union':
      return expression.of.flatMap((e) => routesOf(scope, e, context));
    default:
      throw new TypeError(`"${expression.op}" is no path`);
  }
}

const startsAt = (type: string | undefined, context: ElementKind): boolean =>
  type === undefined || type === context.type || ANY_RESOURCE.has(type);

/** `ofType(DateTime)` stands in one official parameter for `dateTime`. */
const isType = (type: string, asked: string): boolean => type === asked || type === (asked[0] as string).toLowerCase() + asked.slice(1);

function children(scope: Scope, route: Route, name: string): Route[] {
  const elements = [...(scope.definitions.elementsOf(route.element.type)?.values() ?? [])].filter(
    (e) => e.name === name || e.choice === name,
  );
  return elements.map((element) => ({ ...route, steps: [...route.steps, { property: element.name }], element }));
}

/** An index counts through all values of the path: only where the steps before have one value is that the place in one array. */
function indexed(route: Route, index: number): Route {
  const last = route.steps.at(-1);
  if (!last || route.steps.length > 1 || route.from === 'resource') throw new TypeError(`[${index}] can stand only after a first step`);
  return { ...route, steps: [{ ...last, index }] };
}

function tested(scope: Scope, route: Route, test: Expression): Route {
  const last = route.steps.at(-1);
  if (!last || last.test) throw new TypeError('where() can stand only once, after a step');
  const truth = truthOf(scope, test, route.element);
  const holds = (value: JsonValue, resource: JsonObject): boolean => truth(value, resource) === true;
  return { ...route, steps: [...route.steps.slice(0, -1), { ...last, test: { key: JSON.stringify(test), holds } }] };
}

function truthOf(scope: Scope, expression: Expression, context: ElementKind): Truth {
  switch (expression.op) {
    case 'and':
      return conjunction(expression.of.map((e) => truthOf(scope, e, context)));
    case 'equal':
      return equality(valuesOf(scope, expression.left, context), valuesOf(scope, expression.right, context), expression.negated);
    case 'exists': {
      const values = valuesOf(scope, expression.of, context);
      return (value, resource) => values(value, resource).length > 0;
    }
    case 'is':
      return isTarget(scope, expression.of, expression.type, context);
    default:
      throw new TypeError(`"${expression.op}" is no condition`);
  }
}

function conjunction(all: readonly Truth[]): Truth {
  return (value, resource) => {
    let result: boolean | undefined = true;
    for (const truth of all) {
      const one = truth(value, resource);
      if (one === false) return false;
      if (one === undefined) result = undefined;
    }
    return result;
  };
}

/** Of single values; values of different types are unequal. https://hl7.org/fhirpath/N1/#equality */
const equality =
  (left: Values, right: Values, negated: boolean): Truth =>
  (value, resource) => {
    const [a, b] = [left(value, resource), right(value, resource)];
    return a.length === 0 || b.length === 0 ? undefined : (a.length === b.length && a.every((v, i) => v === b[i])) !== negated;
  };

/** `resolve() is Patient`, on a Reference. */
function isTarget(scope: Scope, of: Expression, type: string, context: ElementKind): Truth {
  if (of.op !== 'resolve') throw new TypeError('"is" can test only what resolve() gives');
  const references = valuesOf(scope, of.of, context);
  return (value, resource) => references(value, resource).some((r) => isJsonObject(r) && typeOfTarget(r, resource) === type);
}

type Values = (context: JsonValue, resource: JsonObject) => readonly JsonValue[];

function valuesOf(scope: Scope, expression: Expression, context: ElementKind): Values {
  if (expression.op === 'literal') return () => [expression.value];
  const routes = routesOf(scope, expression, context);
  const property = propertyOf(routes);
  if (property !== undefined) return (value) => valuesAt(value, property);
  return (value, resource) => {
    const found: JsonValue[] = [];
    for (const { from, steps } of routes) follow(from === 'context' ? value : resource, steps, 0, resource, found);
    return found;
  };
}

/** The name of it where the values are those of one property, as nearly always in `where()`. */
function propertyOf(routes: readonly Route[]): string | undefined {
  const [route, ...others] = routes;
  const step = route?.from === 'context' && route.steps.length === 1 ? route.steps[0] : undefined;
  return others.length > 0 || step?.test || step?.index !== undefined ? undefined : step?.property;
}

function valuesAt(parent: JsonValue, property: string): readonly JsonValue[] {
  const value = isJsonObject(parent) ? parent[property] : undefined;
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function follow(value: JsonValue, steps: readonly Step[], at: number, resource: JsonObject, found: JsonValue[]): void {
  const step = steps[at];
  if (!step) found.push(value);
  else if (isJsonObject(value)) forEachValue(value, step, resource, (v) => follow(v, steps, at + 1, resource, found));
}

function forEachValue(parent: JsonObject, step: Step, resource: JsonObject, visit: (value: JsonValue) => void): void {
  const value = parent[step.property];
  if (value === undefined) return;
  const values = Array.isArray(value) ? value : [value];
  for (const [i, v] of values.entries()) {
    if (v !== null && (step.index === undefined || step.index === i) && step.test?.holds(v, resource) !== false) visit(v);
  }
}

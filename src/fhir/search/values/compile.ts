/** Compiles the search parameters of a type into one plan. */
import type { Definitions } from '../../model/definitions.ts';
import type { JsonValue } from '../../model/json.ts';
import type { SearchParameter } from '../registry.ts';
import { createCollector, type Collector, type Emit, type EmitterDeps, type EmitterFor, type Entries, type Target } from './collector.ts';
import { dateEmitter } from './kinds/date.ts';
import { numberEmitter } from './kinds/number.ts';
import { quantityEmitter } from './kinds/quantity.ts';
import { referenceEmitter } from './kinds/reference.ts';
import { stringEmitter } from './kinds/string.ts';
import { tokenEmitter } from './kinds/token.ts';
import { uriEmitter } from './kinds/uri.ts';
import { parseExpression, type Expression } from './path/expression.ts';
import { createPlan, runPlan, type Plan, type Planned } from './path/plan.ts';
import { createPathCompiler, type ElementKind, type PathCompiler } from './path/routes.ts';

export interface CompileDeps extends EmitterDeps {
  readonly definitions: Definitions;
}

type SimpleKind = Exclude<keyof Entries, 'composite' | 'sort'>;

const EMITTERS: Readonly<Record<SimpleKind, EmitterFor>> = {
  token: tokenEmitter,
  string: stringEmitter,
  reference: referenceEmitter,
  date: dateEmitter,
  number: numberEmitter,
  quantity: quantityEmitter,
  uri: uriEmitter,
};

/** Answered by columns of the stores, not by entries. */
const COLUMNS: ReadonlySet<string> = new Set(['_id', '_lastUpdated']);

/** Throws a SyntaxError or TypeError for a parameter whose expression can't be compiled: it names the parameter. */
export function compileType(deps: CompileDeps, type: string, parameters: readonly SearchParameter[]): Plan<Collector> {
  const scope: Scope = { deps, paths: createPathCompiler(deps.definitions, type) };
  return createPlan(parameters.filter((p) => !COLUMNS.has(p.code)).flatMap((p) => compileParameter(scope, type, p)));
}

type Scope = { readonly deps: CompileDeps; readonly paths: PathCompiler };

function compileParameter(scope: Scope, type: string, parameter: SearchParameter): Planned<Collector>[] {
  const text = parameter.expressionFor(type);
  if (text === '' || parameter.type === 'special') return [];
  try {
    const expression = parseExpression(text);
    const target: Target = { param: parameter.code, inComposite: false, ...(parameter.targets ? { types: parameter.targets } : {}) };
    const context = { type };
    if (parameter.type === 'composite') return compileComposite(scope, parameter, expression, target.param, context);
    return compileSimple(scope, parameter.type, expression, target, context);
  } catch (cause) {
    throw new TypeError(`${type}.${parameter.code}: ${cause instanceof Error ? cause.message : 'failed'}`, { cause });
  }
}

function compileSimple(scope: Scope, kind: SimpleKind, expression: Expression, target: Target, context: ElementKind): Planned<Collector>[] {
  if (isCondition(expression)) return compileCondition(scope, kind, expression, target, context);
  return scope.paths.routes(expression, context).flatMap((route) => {
    const emit = EMITTERS[kind](scope.deps, target, route.element);
    return emit ? [{ route, emit }] : [];
  });
}

const isCondition = (expression: Expression): boolean => expression.op === 'and' || expression.op === 'equal' || expression.op === 'exists';

/** Such as `Patient.deceased.exists() and Patient.deceased != false`: its value is a boolean. */
function compileCondition(
  scope: Scope,
  kind: SimpleKind,
  expression: Expression,
  target: Target,
  context: ElementKind,
): Planned<Collector>[] {
  const truth = scope.paths.truth(expression, context);
  const emitBoolean = EMITTERS[kind](scope.deps, target, { type: 'boolean' });
  if (!emitBoolean) throw new TypeError(`a ${kind} can't be true or false`);
  const emit: Emit = (value, out) => {
    const result = truth(value, out.resource);
    if (result !== undefined) emitBoolean(result, out);
  };
  return [{ route: { from: 'context', steps: [], element: context }, emit }];
}

interface Part {
  readonly kind: SimpleKind;
  readonly plan: Plan<Collector>;
}

/** https://hl7.org/fhir/R4/search.html#composite: each element that the expression gives makes one entry, of values found below it. */
function compileComposite(
  scope: Scope,
  parameter: SearchParameter,
  expression: Expression,
  param: string,
  context: ElementKind,
): Planned<Collector>[] {
  return scope.paths.routes(expression, context).map((route) => {
    const parts = (parameter.components ?? []).map((c, i) => compilePart(scope, c, String(i), route.element));
    return { route, emit: compositeEmitter(param, parts) };
  });
}

function compilePart(scope: Scope, component: SearchParameter, param: string, context: ElementKind): Part {
  const { type: kind } = component;
  if (kind === 'composite' || kind === 'special') throw new TypeError(`a component can't be ${kind}`);
  const expression = parseExpression(component.expressionFor(context.type));
  return { kind, plan: createPlan(compileSimple(scope, kind, expression, { param, inComposite: true }, context)) };
}

/** No entry unless every part has a value. The last part is looked for first, since it is what most often lacks. */
const compositeEmitter = (param: string, parts: readonly Part[]): Emit => {
  const inOrder = parts.toReversed();
  return (value: JsonValue, out: Collector) => {
    const inner = createCollector(out.resource, out.timeZone);
    for (const { kind, plan } of inOrder) {
      runPlan(plan, value, inner);
      if (inner.entries[kind].length === 0) return;
    }
    out.entries.composite.push({ param, parts: inner.entries });
  };
};

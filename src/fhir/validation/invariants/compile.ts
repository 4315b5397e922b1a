/**
 * Compiles the FHIRPath of invariants into closures over plain JSON. Static types (which element tables a step goes
 * through) make steps to choices plain property reads. It knows the part of FHIRPath that R4's own invariants use, and
 * refuses the rest when it compiles, not when it runs.
 */
import type { Definitions } from '../../model/definitions.ts';
import { EMPTY, bool, isObject, truth, type Evaluate, type Item, type Items, type Scope } from './items.ts';
import { FUNCTIONS, KEEPS_TYPE, LAMBDAS } from './functions.ts';
import { isChoice, stepTo, type Step, type Types } from './members.ts';
import { compileOperator } from './operators.ts';
import { parseExpression, type Expression } from './parse.ts';

/** True if the invariant holds for an element. Where FHIRPath gives neither true nor false, it holds. */
export type Predicate = (value: Item, scope: Scope) => boolean;

interface Compiled {
  readonly evaluate: Evaluate;
  readonly types: Types;
  /** The same whatever the focus is. */
  readonly fixed?: boolean;
}

interface Context {
  readonly definitions: Definitions;
  /** Types of the focus. */
  readonly focus: Types;
  /** Types of the element that the invariant is about. */
  readonly element: Types;
  /** The type of the resource or data type that it is in. */
  readonly root: Types;
  readonly inLambda: boolean;
}

const UCUM = 'http://unitsofmeasure.org';

/** Throws an Error if the expression uses what is not supported. `type` is the name of the type that it is about. */
export function compileInvariant(definitions: Definitions, expression: string, type: string): Predicate {
  const root = type.split('.')[0] ?? type;
  const { evaluate } = compile(parseExpression(expression), { definitions, focus: [type], element: [type], root: [root], inLambda: false });
  return (value, scope) => {
    scope.context = value;
    scope.memo.clear();
    return truth(evaluate(value, scope)) !== false;
  };
}

function compile(expression: Expression, context: Context): Compiled {
  const compiled = compileNode(expression, context);
  return context.inLambda && compiled.fixed && expression.kind !== 'literal'
    ? { ...compiled, evaluate: once(compiled.evaluate) }
    : compiled;
}

/** Evaluates once for all items of a list. */
function once(evaluate: Evaluate): Evaluate {
  const key = {};
  return (focus, scope) => {
    const known = scope.memo.get(key);
    if (known) return known;
    const items = evaluate(focus, scope);
    scope.memo.set(key, items);
    return items;
  };
}

function compileNode(expression: Expression, context: Context): Compiled {
  switch (expression.kind) {
    case 'literal': {
      const items: Items = Object.freeze([expression.value]);
      return { evaluate: () => items, types: [], fixed: true };
    }
    case 'variable':
      return compileVariable(expression.name, context);
    case 'member':
      return compileMember(expression, context);
    case 'call':
      return compileCall(expression, context);
    case 'binary':
      return compileBinary(expression.operator, compile(expression.left, context), compile(expression.right, context));
  }
}

function compileBinary(operator: string, left: Compiled, right: Compiled): Compiled {
  const types = operator === '|' && left.types && right.types ? [...left.types, ...right.types] : operator === '|' ? undefined : [];
  const evaluate = compileOperator(operator, left.evaluate, right.evaluate);
  if (!left.fixed || !right.fixed) return { evaluate, types };
  return { evaluate, types, fixed: true };
}

function compileVariable(name: string, context: Context): Compiled {
  switch (name) {
    case '$this':
      return { evaluate: (focus) => [focus], types: context.focus };
    case '%resource':
      return { evaluate: (_focus, scope) => [scope.resource], types: isDataType(context) ? undefined : context.root, fixed: true };
    case '%rootResource':
      return { evaluate: (_focus, scope) => [scope.rootResource], types: undefined, fixed: true };
    case '%context':
      return { evaluate: (_focus, scope) => [scope.context], types: context.element, fixed: true };
    case '%ucum':
      return { evaluate: () => [UCUM], types: [], fixed: true };
    default:
      throw new Error(`FHIRPath variable ${name} is not supported in invariants`);
  }
}

const isDataType = ({ definitions, root }: Context): boolean => definitions.types[root?.[0] ?? '']?.kind !== 'resource';

/** Where `of` is left out: the focus. */
const focusOf = (context: Context): Compiled => ({ evaluate: (focus) => [focus], types: context.focus });

function compileMember(expression: Expression & { kind: 'member' }, context: Context): Compiled {
  if (!expression.of && context.focus?.includes(expression.name)) return focusOf(context);
  return compileStep(expression, context, undefined);
}

/** With `type`, the step goes only to children of that type. */
function compileStep(expression: Expression & { kind: 'member' }, context: Context, type: string | undefined): Compiled {
  const of = expression.of && compile(expression.of, context);
  const step = stepTo(context.definitions, of ? of.types : context.focus, expression.name, type);
  if (!of) return { evaluate: (focus) => step.read(focus), types: step.types };
  const evaluate: Evaluate = (focus, scope) => readAll(of.evaluate(focus, scope), step);
  return of.fixed ? { evaluate, types: step.types, fixed: true } : { evaluate, types: step.types };
}

function readAll(items: Items, step: Step): Items {
  if (items.length === 0) return EMPTY;
  const [first] = items;
  return items.length === 1 && first !== undefined ? step.read(first) : items.flatMap((item) => step.read(item));
}

type Call = Expression & { kind: 'call' };

function compileCall(call: Call, context: Context): Compiled {
  if (call.name === 'is' || call.name === 'as') return compileTypeTest(call, context);
  if (call.name === 'matches' || call.name === 'replaceMatches') return compilePattern(call, context);
  if ((call.name === 'exists' || call.name === 'empty') && call.args.length === 0) return compilePresence(call, context);
  const apply = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (!apply) throw new Error(`FHIRPath function ${call.name} is not supported in invariants`);
  const of = call.of ? compile(call.of, context) : focusOf(context);
  const argumentContext = LAMBDAS.has(call.name) ? { ...context, focus: of.types, inLambda: true } : context;
  const args = call.args.map((a) => compile(a, argumentContext));
  const evaluators = args.map((a) => a.evaluate);
  const evaluate: Evaluate = (focus, scope) => apply(of.evaluate(focus, scope), evaluators, focus, scope);
  const types = KEEPS_TYPE.has(call.name) ? of.types : call.name === 'select' ? args[0]?.types : undefined;
  return of.fixed && args.length === 0 ? { evaluate, types, fixed: true } : { evaluate, types };
}

/** `x.exists()` and `x.empty()` of a child of the focus, by far the most frequent calls, without making a collection. */
function compilePresence(call: Call, context: Context): Compiled {
  const wanted = call.name === 'exists';
  const { of } = call;
  if (of?.kind === 'member' && !of.of && !context.focus?.includes(of.name)) {
    const step = stepTo(context.definitions, context.focus, of.name);
    return { evaluate: (focus) => bool(step.has(focus) === wanted), types: [] };
  }
  const items = of ? compile(of, context) : focusOf(context);
  const evaluate: Evaluate = (focus, scope) => bool(items.evaluate(focus, scope).length > 0 === wanted);
  return items.fixed ? { evaluate, types: [], fixed: true } : { evaluate, types: [] };
}

/** `is` and `as`, of a choice (by the property it is in) or of a resource (by its `resourceType`). */
function compileTypeTest(call: Call, context: Context): Compiled {
  const type = typeNameOf(call.args[0]);
  const { of } = call;
  const parents = of?.kind === 'member' && of.of ? compile(of.of, context).types : context.focus;
  if (of?.kind === 'member' && isChoice(context.definitions, parents, of.name)) {
    const typed = compileStep(of, context, type);
    return call.name === 'as' ? typed : testOf(compile(of, context).evaluate, (focus, scope) => typed.evaluate(focus, scope).length > 0);
  }
  const items = of ? compile(of, context) : focusOf(context);
  if (call.name === 'as' || !(items.types ?? ['Resource']).includes('Resource'))
    throw new Error(`${call.name}(${type}) is only supported of choices`);
  return testOf(items.evaluate, (focus, scope) => items.evaluate(focus, scope).every((i) => isObject(i) && i['resourceType'] === type));
}

const testOf = (items: Evaluate, test: (focus: Item, scope: Scope) => boolean): Compiled => ({
  evaluate: (focus, scope) => (items(focus, scope).length === 0 ? EMPTY : bool(test(focus, scope))),
  types: [],
});

/** `Boolean` of FHIRPath is `boolean` of FHIR. */
function typeNameOf(argument: Expression | undefined): string {
  if (argument?.kind !== 'member') throw new Error('a type name is needed');
  return ['Boolean', 'String', 'Integer', 'Decimal'].includes(argument.name) ? argument.name.toLowerCase() : argument.name;
}

/** Patterns come from the definitions, never from a client. */
function compilePattern(call: Call, context: Context): Compiled {
  const [pattern, substitute] = call.args.map((a) => (a.kind === 'literal' && typeof a.value === 'string' ? a.value : undefined));
  if (pattern === undefined) throw new Error(`${call.name} needs a literal pattern`);
  const form = new RegExp(pattern, call.name === 'matches' ? '' : 'g');
  const of = call.of ? compile(call.of, context) : focusOf(context);
  const apply = (text: string): Items => (substitute === undefined ? bool(form.test(text)) : [text.replace(form, substitute)]);
  return {
    evaluate(focus, scope) {
      const [text] = of.evaluate(focus, scope);
      return typeof text === 'string' ? apply(text) : EMPTY;
    },
    types: [],
  };
}

/** Functions of FHIRPath, https://hl7.org/fhirpath/#functions: those that invariants of R4 use. */
import { EMPTY, bool, distinct, includes, spend, truth, type Evaluate, type Item, type Items, type Scope } from './items.ts';
import { childrenOf } from './members.ts';

/** A function on a collection; its arguments are evaluated by it, with each item as the focus, or with that of the call. */
export type PathFunction = (items: Items, args: readonly Evaluate[], focus: Item, scope: Scope) => Items;

/** Functions whose arguments are about each item. */
export const LAMBDAS: ReadonlySet<string> = new Set(['where', 'select', 'all', 'exists']);
/** Functions that give items of the collection they are applied to. */
export const KEEPS_TYPE: ReadonlySet<string> = new Set(['where', 'first', 'tail', 'trace', 'intersect']);

export const FUNCTIONS: Readonly<Record<string, PathFunction>> = {
  empty: (items) => bool(items.length === 0),
  exists: (items, args, _focus, scope) => bool(args.length === 0 ? items.length > 0 : items.some(holds(args[0], scope))),
  where: (items, args, _focus, scope) => items.filter(holds(args[0], scope)),
  all: (items, args, _focus, scope) => bool(items.every(holds(args[0], scope))),
  select: (items, args, _focus, scope) => items.flatMap((item) => evaluated(args[0], item, scope)),
  not: (items) => negated(truth(items)),
  count: (items) => [items.length],
  hasValue: (items) => bool(items.length === 1 && typeof items[0] !== 'object'),
  first: (items) => items.slice(0, 1),
  tail: (items) => items.slice(1),
  trace: (items) => items,
  allFalse: (items) => bool(items.every((item) => item === false)),
  isDistinct: (items, _args, _focus, scope) => bool(distinct(items, scope).length === items.length),
  combine: (items, args, focus, scope) => [...items, ...evaluated(args[0], focus, scope)],
  intersect: (items, args, focus, scope) => intersection(items, evaluated(args[0], focus, scope), scope),
  children: (items, _args, _focus, scope) => childrenOfAll(items, scope),
  descendants: (items, _args, _focus, scope) => descendantsOfAll(items, scope),
  contains: onText((text, argument) => [text.includes(argument)]),
  startsWith: onText((text, argument) => [text.startsWith(argument)]),
  toInteger: (items) => toInteger(items[0]),
  toString: (items: Items) => (typeof items[0] === 'number' || typeof items[0] === 'string' ? [String(items[0])] : EMPTY),
  iif: (_items, args, focus, scope) => evaluated(truth(evaluated(args[0], focus, scope)) === true ? args[1] : args[2], focus, scope),
};

const evaluated = (argument: Evaluate | undefined, focus: Item, scope: Scope): Items => argument?.(focus, scope) ?? EMPTY;

const holds =
  (criterion: Evaluate | undefined, scope: Scope) =>
  (item: Item): boolean => {
    spend(scope, 1);
    return truth(evaluated(criterion, item, scope)) === true;
  };

const negated = (value: boolean | undefined): Items => (value === undefined ? EMPTY : bool(!value));

function onText(apply: (text: string, argument: string) => Items): PathFunction {
  return (items, args, focus, scope) => {
    const text = items[0];
    const argument = evaluated(args[0], focus, scope)[0];
    return typeof text === 'string' && typeof argument === 'string' ? apply(text, argument) : EMPTY;
  };
}

function intersection(left: Items, right: Items, scope: Scope): Items {
  return distinct(
    left.filter((item) => includes(right, item, scope)),
    scope,
  );
}

function childrenOfAll(items: Items, scope: Scope): Items {
  const children = items.flatMap(childrenOf);
  spend(scope, children.length);
  return children;
}

function descendantsOfAll(items: Items, scope: Scope): Items {
  const found: Item[] = [];
  let level: Items = items;
  while (level.length > 0) {
    level = childrenOfAll(level, scope);
    for (const item of level) found.push(item);
  }
  return found;
}

function toInteger(item: Item | undefined): Items {
  if (typeof item === 'number') return Number.isInteger(item) ? [item] : EMPTY;
  return typeof item === 'string' && /^[+-]?\d{1,10}$/.test(item) ? [Number(item)] : EMPTY;
}

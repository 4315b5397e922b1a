/** Operators of FHIRPath, https://hl7.org/fhirpath/#operations: those that invariants of R4 use. */
import {
  EMPTY,
  FALSE,
  TRUE,
  areSame,
  bool,
  distinct,
  includes,
  isObject,
  truth,
  type Evaluate,
  type Item,
  type Items,
  type Scope,
} from './items.ts';
import { compareMoments, isMoment } from './moments.ts';

type Operator = (left: Items, right: Items, scope: Scope) => Items;

const OPERATORS: Readonly<Record<string, Operator>> = {
  '=': (left, right, scope) => (left.length === 0 || right.length === 0 ? EMPTY : bool(areSame(left, right, scope))),
  '!=': (left, right, scope) => (left.length === 0 || right.length === 0 ? EMPTY : bool(!areSame(left, right, scope))),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
  '|': (left, right, scope) => distinct([...left, ...right], scope),
  '&': (left, right) => [textOf(left) + textOf(right)],
  '+': add,
  in: (left, right, scope) => (left.length === 0 ? EMPTY : bool(left.length === 1 && includes(right, left[0], scope))),
  contains: (left, right, scope) => (right.length === 0 ? EMPTY : bool(right.length === 1 && includes(left, right[0], scope))),
};

/** Logic that need not look at its right side: https://hl7.org/fhirpath/#boolean-logic. */
const LOGIC: Readonly<Record<string, (left: Evaluate, right: Evaluate) => Evaluate>> = {
  and: (left, right) => (focus, scope) => {
    const first = truth(left(focus, scope));
    if (first === false) return FALSE;
    const second = truth(right(focus, scope));
    if (second === false) return FALSE;
    return first && second ? TRUE : EMPTY;
  },
  or: (left, right) => (focus, scope) => {
    const first = truth(left(focus, scope));
    if (first === true) return TRUE;
    const second = truth(right(focus, scope));
    if (second === true) return TRUE;
    return first === false && second === false ? FALSE : EMPTY;
  },
  implies: (left, right) => (focus, scope) => {
    const first = truth(left(focus, scope));
    if (first === false) return TRUE;
    const second = truth(right(focus, scope));
    if (second === true) return TRUE;
    return first === true && second === false ? FALSE : EMPTY;
  },
  xor: (left, right) => (focus, scope) => {
    const first = truth(left(focus, scope));
    const second = truth(right(focus, scope));
    return first === undefined || second === undefined ? EMPTY : bool(first !== second);
  },
};

/** Throws an Error for an operator that is not known. */
export function compileOperator(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  const logic = LOGIC[operator];
  if (logic) return logic(left, right);
  const apply = OPERATORS[operator];
  if (!apply) throw new Error(`FHIRPath operator ${operator} is not supported in invariants`);
  return (focus, scope) => apply(left(focus, scope), right(focus, scope), scope);
}

function ordered(holds: (order: number) => boolean): Operator {
  return (left, right) => {
    if (left.length !== 1 || right.length !== 1) return EMPTY;
    const order = compare(left[0], right[0]);
    return order === undefined ? EMPTY : bool(holds(order));
  };
}

function compare(left: Item | undefined, right: Item | undefined): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') {
    if (isMoment(left) && isMoment(right)) return compareMoments(left, right);
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return isObject(left) && isObject(right) ? compareQuantities(left, right) : undefined;
}

/** Quantities of the same unit; others can't be told apart without a table of units. */
function compareQuantities(left: { readonly [key: string]: Item }, right: { readonly [key: string]: Item }): number | undefined {
  const isSameUnit = ['system', 'code', 'unit'].every((k) => left[k] === right[k]);
  return isSameUnit && left['comparator'] === undefined && right['comparator'] === undefined
    ? compareNumbers(left['value'], right['value'])
    : undefined;
}

const compareNumbers = (left: Item | undefined, right: Item | undefined): number | undefined =>
  typeof left === 'number' && typeof right === 'number' ? left - right : undefined;

const textOf = (items: Items): string => (typeof items[0] === 'string' ? items[0] : '');

function add(left: Items, right: Items): Items {
  const [a, b] = [left[0], right[0]];
  if (typeof a === 'number' && typeof b === 'number') return [a + b];
  return typeof a === 'string' && typeof b === 'string' ? [a + b] : EMPTY;
}

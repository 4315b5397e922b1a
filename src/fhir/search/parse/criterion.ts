/** One `name=value` that restricts what is found: a plain parameter, a chain, or `_has`. */
import { isResourceId } from '../../model/ids.ts';
import { ALL, NONE, not, or, type EntryKind, type Node } from '../ast.ts';
import type { SearchParameter } from '../registry.ts';
import { parseChain } from './chain.ts';
import { dateNode } from './date.ts';
import { splitAt } from './escapes.ts';
import { parseHas } from './has.ts';
import { lookUpOrThrow } from './lookup.ts';
import { checkModifier } from './modifiers.ts';
import { invalid, tooCostly } from './problems.ts';
import type { Pair, ParameterUse, Scope } from './types.ts';
import { parseValue } from './value.ts';

/** Stores make keys and patterns of a value. */
const MAX_LENGTH = 4000;

/** Commas are "or". Throws `unknown-parameter`, `invalid-parameter` or `too-costly`. */
export const parseCriterion = (scope: Scope, types: readonly string[], pair: Pair): Node => criterion(scope, types, pair.name, pair.value);

function criterion(scope: Scope, types: readonly string[], name: string, value: string): Node {
  if (name.startsWith('_has:')) return parseHas(scope, types, name, value, criterion);
  if (name.includes('.')) return parseChain(scope, types, name, value, criterion);
  return parsePlain(scope, useOf(scope, types, name), value);
}

function useOf(scope: Scope, types: readonly string[], name: string): ParameterUse {
  const colon = name.indexOf(':');
  const code = colon < 0 ? name : name.slice(0, colon);
  const parameter = lookUpOrThrow(scope, types, code, name);
  if (colon < 0) return { parameter, param: code, where: name };
  const modifier = name.slice(colon + 1);
  checkModifier(scope, parameter, modifier, name);
  return { parameter, param: code, where: name, modifier };
}

function parsePlain(scope: Scope, use: ParameterUse, value: string): Node {
  if (use.modifier === 'missing') return missing(use, value);
  const texts = splitAt(value, ',');
  if (texts.includes('')) throw invalid(use.where, 'has an empty value', 'Give it a value between all commas, or leave it out.');
  if (texts.some((text) => text.length > MAX_LENGTH))
    throw tooCostly(use.where, `has a value of more than ${MAX_LENGTH} characters`, 'Search by its beginning, or by another parameter.');
  const found = use.param === '_id' ? idIs(use, texts) : or(...texts.map((text) => oneOf(scope, use, text)));
  return use.modifier === 'not' ? not(found) : found;
}

const oneOf = (scope: Scope, use: ParameterUse, text: string): Node =>
  use.param === '_lastUpdated'
    ? dateNode(scope, use.where, text, (bounds) => ({ op: 'last-updated', bounds }))
    : parseValue(scope, use, text);

function idIs(use: ParameterUse, ids: readonly string[]): Node {
  const wrong = ids.find((id) => !isResourceId(id));
  if (wrong === undefined && (use.modifier === undefined || use.modifier === 'not')) return { op: 'id', ids };
  if (wrong === undefined) throw invalid(use.where, `:${use.modifier} is not a modifier of _id`, 'Use :not, or none.');
  throw invalid(use.where, 'is not an id', 'An id has 1 to 64 letters, digits, - and . only.');
}

/** `:missing=true` finds resources without a value. https://hl7.org/fhir/R4/search.html#modifiers */
function missing(use: ParameterUse, value: string): Node {
  if (value !== 'true' && value !== 'false')
    throw invalid(use.where, 'is neither true nor false', 'Write :missing=true or :missing=false.');
  const present = presenceOf(use.parameter, use.param);
  return value === 'true' ? not(present) : present;
}

/** Ids and times of commits are never missing. */
const presenceOf = (parameter: SearchParameter, param: string): Node =>
  param === '_id' || param === '_lastUpdated'
    ? ALL
    : parameter.type === 'special'
      ? NONE
      : { op: 'present', param, kind: parameter.type satisfies EntryKind };

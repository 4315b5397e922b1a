/** https://hl7.org/fhir/R4/search.html#reference */
import { isResourceId } from '../../model/ids.ts';
import type { Node } from '../ast.ts';
import { unescaped } from './escapes.ts';
import { invalid } from './problems.ts';
import { parseToken } from './token.ts';
import type { ParameterUse, Scope } from './types.ts';

/** `Type/id`, `id`, or a URL; a URL below our own base is relative. With `:Type`, `id` is of that type. */
export function parseReference(scope: Scope, use: ParameterUse, text: string): Node {
  if (use.modifier === 'identifier') return parseToken(scope, use, text);
  const given = unescaped(text);
  const value = given.startsWith(`${scope.baseUrl}/`) ? given.slice(scope.baseUrl.length + 1) : given;
  if (value.includes(':')) return foreign(use, value);
  const slash = value.indexOf('/');
  return slash < 0 ? byId(use, value) : byKey(scope, use, value.slice(0, slash), value.slice(slash + 1));
}

function foreign(use: ParameterUse, url: string): Node {
  if (use.modifier === undefined) return { op: 'reference', param: use.param, type: '', id: url };
  throw invalid(use.where, 'has a URL where an id is meant', 'Leave the type out of the name of the parameter, or give the id alone.');
}

function byId(use: ParameterUse, id: string): Node {
  checkId(use.where, id);
  const { targets } = use.parameter;
  const type = use.modifier ?? (targets?.length === 1 ? targets[0] : undefined);
  return { op: 'reference', param: use.param, id, ...(type === undefined ? {} : { type }) };
}

function byKey(scope: Scope, use: ParameterUse, type: string, id: string): Node {
  if (!scope.definitions.resourceTypes.has(type))
    throw invalid(use.where, 'names what is no resource type of R4 before the /', 'Write Type/id, id, or a URL.');
  if (use.modifier !== undefined && use.modifier !== type) {
    throw invalid(use.where, `refers to ${use.modifier}, its value to ${type}`, 'Make the two agree, or leave one of them out.');
  }
  checkId(use.where, id);
  return { op: 'reference', param: use.param, type, id };
}

function checkId(where: string, id: string): void {
  if (isResourceId(id)) return;
  const rule = id.includes('/_history/') ? 'names a version' : 'has what is no id where an id is meant';
  throw invalid(where, rule, 'Write Type/id or id, of 1 to 64 letters, digits, - and . each.');
}

/** `_has:Observation:patient:code=1234`. https://hl7.org/fhir/R4/search.html#has */
import type { Node } from '../ast.ts';
import { spend, type CriterionParser } from './chain.ts';
import { lookUpOrThrow } from './lookup.ts';
import { invalid, quoted } from './problems.ts';
import type { Scope } from './types.ts';

const FORM = /^_has:([^:]*):([^:]*):(.+)$/;

export function parseHas(scope: Scope, types: readonly string[], name: string, value: string, parseInner: CriterionParser): Node {
  const [, type = '', code = '', inner] = FORM.exec(name) ?? [];
  if (inner === undefined)
    throw invalid(name, 'is not of the form _has:Type:reference:parameter', 'Write, for example, _has:Observation:patient:code=1234.');
  if (!scope.definitions.resourceTypes.has(type))
    throw invalid(name, `${quoted(type)} is not a resource type of R4`, 'Name the type that refers here.');
  const parameter = lookUpOrThrow(scope, [type], code, name);
  if (parameter.type !== 'reference')
    throw invalid(name, `${code} of ${type} is a ${parameter.type}, not a reference`, 'Name the parameter by which it refers here.');
  if (parameter.targets && !types.some((t) => parameter.targets?.includes(t))) {
    throw invalid(name, `${code} of ${type} never refers to ${types.join(', ')}`, `It refers to ${parameter.targets.join(', ')}.`);
  }
  spend(scope, name);
  return { op: 'has', type, param: code, where: parseInner(scope, [type], inner, value) };
}

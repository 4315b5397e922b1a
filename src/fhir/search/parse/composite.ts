/** https://hl7.org/fhir/R4/search.html#composite */
import type { Node } from '../ast.ts';
import { splitAt } from './escapes.ts';
import { invalid } from './problems.ts';
import type { ParameterUse, Scope } from './types.ts';

type ValueParser = (scope: Scope, use: ParameterUse, text: string) => Node;

/** `code$value`: one value for each component, read as the component's parameter would. */
export function parseComposite(scope: Scope, use: ParameterUse, text: string, parseValue: ValueParser): Node {
  const components = use.parameter.components ?? [];
  const texts = splitAt(text, '$');
  if (texts.length !== components.length || texts.includes('')) {
    const shape = components.map((c) => c.code).join('$');
    throw invalid(use.where, `is not of the form ${shape}`, 'Give a value for each component; write a $ within one as \\$.');
  }
  const parts = components.map((parameter, i) => parseValue(scope, { parameter, param: String(i), where: use.where }, texts[i] as string));
  return { op: 'composite', param: use.param, parts };
}

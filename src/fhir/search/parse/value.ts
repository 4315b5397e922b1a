/** One value of one parameter, by the parameter's type. */
import type { SearchParameterType } from '../../model/types.ts';
import type { Node } from '../ast.ts';
import { parseComposite } from './composite.ts';
import { parseDate } from './date.ts';
import { parseNumber } from './number.ts';
import { unknown } from './problems.ts';
import { parseQuantity } from './quantity.ts';
import { parseReference } from './reference.ts';
import { parseString } from './string.ts';
import { parseToken } from './token.ts';
import type { ParameterUse, Scope } from './types.ts';
import { parseUri } from './uri.ts';

type ValueParser = (scope: Scope, use: ParameterUse, text: string) => Node;

const PARSERS: Readonly<Record<SearchParameterType, ValueParser>> = {
  token: parseToken,
  string: parseString,
  reference: parseReference,
  date: parseDate,
  number: parseNumber,
  quantity: parseQuantity,
  uri: parseUri,
  composite: (scope, use, text) => parseComposite(scope, use, text, parseValue),
  special: (_scope, use) => {
    throw unknown(use.where, 'is not supported', 'Leave it out.');
  },
};

/** `text` is one of the values between commas, with its backslashes. Throws `invalid-parameter`. */
export const parseValue: ValueParser = (scope, use, text) => PARSERS[use.parameter.type](scope, use, text);

/** Parses the FHIRPath of invariants into a tree: operators by precedence, http://hl7.org/fhirpath/#operator-precedence. */
import { tokensOf, type Token } from './tokens.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number | boolean }
  | { readonly kind: 'variable'; readonly name: string }
  /** A child of `of`, or of the focus where there is no `of`. */
  | { readonly kind: 'member'; readonly of?: Expression; readonly name: string }
  | { readonly kind: 'call'; readonly of?: Expression; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression };

const PRECEDENCE: Readonly<Record<string, number>> = {
  implies: 1,
  or: 2,
  xor: 2,
  and: 3,
  in: 4,
  contains: 4,
  '=': 5,
  '!=': 5,
  '<': 6,
  '<=': 6,
  '>': 6,
  '>=': 6,
  '|': 7,
  is: 8,
  as: 8,
  '+': 9,
  '&': 9,
};

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
}

/** Throws an Error for what is not FHIRPath, or not of the part that invariants use. */
export function parseExpression(text: string): Expression {
  const reader: Reader = { tokens: tokensOf(text), at: 0 };
  const expression = readBinary(reader, 0);
  if (peek(reader).kind !== 'end') throw new Error(`unexpected ${peek(reader).text} in ${text}`);
  return expression;
}

const END: Token = { kind: 'end', text: '' };
const peek = (reader: Reader): Token => reader.tokens[reader.at] ?? END;

function next(reader: Reader): Token {
  const token = peek(reader);
  reader.at++;
  return token;
}

const isSymbol = (token: Token, text: string): boolean => token.kind === 'symbol' && token.text === text;

function expectSymbol(reader: Reader, text: string): void {
  const token = next(reader);
  if (!isSymbol(token, text)) throw new Error(`expected ${text}, found ${token.text}`);
}

function operatorAt(reader: Reader): string | undefined {
  const { kind, text } = peek(reader);
  return (kind === 'symbol' || kind === 'name') && Object.hasOwn(PRECEDENCE, text) ? text : undefined;
}

function readBinary(reader: Reader, above: number): Expression {
  let left = readPostfix(reader);
  for (let operator = operatorAt(reader); operator !== undefined; operator = operatorAt(reader)) {
    const precedence = PRECEDENCE[operator] ?? 0;
    if (precedence <= above) return left;
    next(reader);
    left = joined(operator, left, readBinary(reader, precedence));
  }
  return left;
}

/** `x is T` and `x as T` are the functions of that name. */
const joined = (operator: string, left: Expression, right: Expression): Expression =>
  operator === 'is' || operator === 'as'
    ? { kind: 'call', of: left, name: operator, args: [right] }
    : { kind: 'binary', operator, left, right };

function readPostfix(reader: Reader): Expression {
  let expression = readTerm(reader);
  while (isSymbol(peek(reader), '.')) {
    next(reader);
    expression = readInvocation(reader, next(reader), expression);
  }
  return expression;
}

function readTerm(reader: Reader): Expression {
  const token = next(reader);
  if (token.kind === 'string') return { kind: 'literal', value: token.text };
  if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
  if (token.kind === 'variable') return { kind: 'variable', name: token.text };
  if (isSymbol(token, '(')) return readParenthesized(reader);
  if (token.kind === 'name' && (token.text === 'true' || token.text === 'false')) return { kind: 'literal', value: token.text === 'true' };
  return readInvocation(reader, token, undefined);
}

function readParenthesized(reader: Reader): Expression {
  const inner = readBinary(reader, 0);
  expectSymbol(reader, ')');
  return inner;
}

function readInvocation(reader: Reader, token: Token, of: Expression | undefined): Expression {
  if (token.kind !== 'name') throw new Error(`unexpected ${token.text}`);
  const target = of === undefined ? {} : { of };
  if (!isSymbol(peek(reader), '(')) return { kind: 'member', ...target, name: token.text };
  next(reader);
  return { kind: 'call', ...target, name: token.text, args: readArguments(reader) };
}

function readArguments(reader: Reader): Expression[] {
  const args: Expression[] = [];
  while (!isSymbol(peek(reader), ')')) {
    if (args.length > 0) expectSymbol(reader, ',');
    args.push(readBinary(reader, 0));
  }
  next(reader);
  return args;
}

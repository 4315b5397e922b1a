/** The part of FHIRPath that search parameters are written in. https://hl7.org/fhirpath/N1/#grammar */
export type Expression =
  /** The element the expression starts from; `type` where it is named, as in `Patient.name`. */
  | { readonly op: 'this'; readonly type?: string }
  | { readonly op: 'resource' }
  | { readonly op: 'child'; readonly of: Expression; readonly name: string }
  | { readonly op: 'index'; readonly of: Expression; readonly at: number }
  /** `ofType(X)`, `as(X)`, `as X`. */
  | { readonly op: 'of-type'; readonly of: Expression; readonly type: string }
  | { readonly op: 'where'; readonly of: Expression; readonly test: Expression }
  | { readonly op: 'union'; readonly of: readonly Expression[] }
  | { readonly op: 'and'; readonly of: readonly Expression[] }
  | { readonly op: 'equal'; readonly left: Expression; readonly right: Expression; readonly negated: boolean }
  | { readonly op: 'is'; readonly of: Expression; readonly type: string }
  | { readonly op: 'resolve'; readonly of: Expression }
  | { readonly op: 'exists'; readonly of: Expression }
  | { readonly op: 'literal'; readonly value: string | number | boolean };

const TOKEN = /\s*('(?:[^'\\]|\\.)*'|!=|%?[A-Za-z_]\w*|\d+(?:\.\d+)?|[.()[\]|=])/y;

/** Throws a SyntaxError for what is not understood. */
export function parseExpression(text: string): Expression {
  const tokens = createTokens(text);
  const expression = conjunction(tokens);
  if (tokens.peek() !== undefined) throw tokens.unexpected();
  return expression;
}

interface Tokens {
  peek(): string | undefined;
  next(): string;
  /** Whether the next token is this one; then it is taken. */
  accept(token: string): boolean;
  expect(token: string): void;
  unexpected(): SyntaxError;
}

function createTokens(text: string): Tokens {
  const all = tokenize(text.trim());
  let at = 0;
  const unexpected = (): SyntaxError => new SyntaxError(`"${all[at] ?? 'the end'}" is not expected in "${text}"`);
  return {
    peek: () => all[at],
    next() {
      const token = all[at++];
      if (token === undefined) throw unexpected();
      return token;
    },
    accept: (token) => all[at] === token && at++ >= 0,
    expect(token) {
      if (all[at] !== token) throw unexpected();
      at++;
    },
    unexpected,
  };
}

function tokenize(text: string): readonly string[] {
  const token = new RegExp(TOKEN);
  const tokens: string[] = [];
  while (token.lastIndex < text.length) {
    const from = token.lastIndex;
    const match = token.exec(text);
    if (!match) throw new SyntaxError(`"${text.slice(from)}" is not understood in "${text}"`);
    tokens.push(match[1] as string);
  }
  return tokens;
}

function conjunction(tokens: Tokens): Expression {
  const of = [equality(tokens)];
  while (tokens.accept('and')) of.push(equality(tokens));
  return of.length === 1 ? (of[0] as Expression) : { op: 'and', of };
}

function equality(tokens: Tokens): Expression {
  const left = union(tokens);
  const operator = tokens.peek();
  if (operator !== '=' && operator !== '!=') return left;
  tokens.next();
  return { op: 'equal', left, right: union(tokens), negated: operator === '!=' };
}

function union(tokens: Tokens): Expression {
  const of = [typed(tokens)];
  while (tokens.accept('|')) of.push(typed(tokens));
  return of.length === 1 ? (of[0] as Expression) : { op: 'union', of };
}

function typed(tokens: Tokens): Expression {
  const of = invocation(tokens);
  if (tokens.accept('as')) return { op: 'of-type', of, type: tokens.next() };
  if (tokens.accept('is')) return { op: 'is', of, type: tokens.next() };
  return of;
}

function invocation(tokens: Tokens): Expression {
  let expression = term(tokens);
  for (;;) {
    if (tokens.accept('.')) expression = member(tokens, expression);
    else if (tokens.accept('[')) {
      expression = { op: 'index', of: expression, at: Number(tokens.next()) };
      tokens.expect(']');
    } else return expression;
  }
}

function term(tokens: Tokens): Expression {
  if (tokens.accept('(')) {
    const inner = conjunction(tokens);
    tokens.expect(')');
    return inner;
  }
  const token = tokens.peek() ?? '';
  if (token.startsWith("'")) return { op: 'literal', value: tokens.next().slice(1, -1).replace(/\\(.)/g, '$1') };
  if (/^\d/.test(token)) return { op: 'literal', value: Number(tokens.next()) };
  if (token === 'true' || token === 'false') return { op: 'literal', value: tokens.next() === 'true' };
  if (tokens.accept('%resource')) return { op: 'resource' };
  if (/^[A-Z]/.test(token)) return { op: 'this', type: tokens.next() };
  return member(tokens, { op: 'this' });
}

function member(tokens: Tokens, of: Expression): Expression {
  const name = tokens.next();
  if (!/^[A-Za-z_]/.test(name)) throw tokens.unexpected();
  return tokens.accept('(') ? invoke(tokens, name, of) : { op: 'child', of, name };
}

function invoke(tokens: Tokens, name: string, of: Expression): Expression {
  const made = called(tokens, name, of);
  tokens.expect(')');
  return made;
}

function called(tokens: Tokens, name: string, of: Expression): Expression {
  switch (name) {
    case 'where':
      return { op: 'where', of, test: conjunction(tokens) };
    case 'ofType':
    case 'as':
      return { op: 'of-type', of, type: tokens.next() };
    case 'is':
      return { op: 'is', of, type: tokens.next() };
    case 'exists':
      return { op: 'exists', of };
    case 'resolve':
      return { op: 'resolve', of };
    case 'extension':
      return { op: 'where', of: { op: 'child', of, name: 'extension' }, test: equalTo('url', tokens) };
    default:
      throw new SyntaxError(`${name}() can't be used in a search parameter`);
  }
}

const equalTo = (name: string, tokens: Tokens): Expression => ({
  op: 'equal',
  left: { op: 'child', of: { op: 'this' }, name },
  right: term(tokens),
  negated: false,
});

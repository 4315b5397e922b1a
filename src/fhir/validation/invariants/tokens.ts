/** Splits a FHIRPath expression of an invariant into tokens: http://hl7.org/fhirpath/#lexical-elements. */

export interface Token {
  readonly kind: 'name' | 'string' | 'number' | 'variable' | 'symbol' | 'end';
  readonly text: string;
}

const TOKEN =
  /\s*(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|`(?<quoted>[^`]*)`|'(?<string>(?:[^'\\]|\\.)*)'|(?<number>[0-9]+(?:\.[0-9]+)?)|(?<variable>[%$][A-Za-z][A-Za-z0-9]*)|(?<symbol><=|>=|!=|[.,()[\]|&+=<>*/~-]))\s*/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' };

/** Throws an Error if the expression has a character that no token begins with. */
export function tokensOf(expression: string): Token[] {
  const form = new RegExp(TOKEN.source, 'y');
  const tokens: Token[] = [];
  while (form.lastIndex < expression.length) {
    const from = form.lastIndex;
    const groups = form.exec(expression)?.groups;
    if (!groups) throw new Error(`no FHIRPath token at ${from} of ${expression}`);
    tokens.push(tokenOf(groups));
  }
  return [...tokens, { kind: 'end', text: '' }];
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>): Token {
  if (groups['name'] !== undefined) return { kind: 'name', text: groups['name'] };
  if (groups['quoted'] !== undefined) return { kind: 'name', text: groups['quoted'] };
  if (groups['string'] !== undefined) return { kind: 'string', text: unescaped(groups['string']) };
  if (groups['number'] !== undefined) return { kind: 'number', text: groups['number'] };
  if (groups['variable'] !== undefined) return { kind: 'variable', text: groups['variable'] };
  return { kind: 'symbol', text: groups['symbol'] ?? '' };
}

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_all, c: string) => ESCAPES[c] ?? c);

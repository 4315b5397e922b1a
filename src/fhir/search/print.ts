/** A search tree as one readable line, `(and (token code 1234) (date birthdate lo>=1980-01-01T00:00:00.000Z))`: for tests and explanations. */
import type { Bound, Bounds, Node } from './ast.ts';
import { OPEN } from './entries.ts';

/** Prints what the tree says, values included: never for logs, where they could be PHI. */
export function print(node: Node): string {
  switch (node.op) {
    case 'all':
    case 'none':
      return node.op;
    case 'and':
    case 'or':
      return line(node.op, ...node.of.map(print));
    case 'not':
      return line('not', print(node.of));
    case 'chain':
      return line('chain', node.param, node.type, print(node.where));
    case 'has':
      return line('has', node.type, node.param, print(node.where));
    case 'composite':
      return line('composite', node.param, ...node.parts.map(print));
    default:
      return line(node.op, ...words(node));
  }
}

type Plain = Exclude<Node, { op: 'all' | 'none' | 'and' | 'or' | 'not' | 'chain' | 'has' | 'composite' }>;

function words(node: Plain): string[] {
  switch (node.op) {
    case 'type':
      return [...node.types];
    case 'id':
      return [...node.ids];
    case 'last-updated':
      return bounds(node.bounds, time);
    case 'token':
      return [node.param, token(node)];
    case 'string':
      return [node.param, node.match, JSON.stringify(node.value)];
    case 'reference':
      return [node.param, reference(node.type, node.id)];
    case 'reference-in':
      return [node.param, ...node.targets.map((t) => reference(t.type, t.id))];
    case 'date':
      return [node.param, ...bounds(node.bounds, time)];
    case 'number':
      return [node.param, ...bounds(node.bounds, String)];
    case 'quantity':
      return [node.param, ...bounds(node.bounds, String), ...(node.system === undefined && node.code === undefined ? [] : [token(node)])];
    case 'uri':
      return [node.param, node.match, word(node.value)];
    case 'present':
      return [node.param, node.kind];
  }
}

const line = (...parts: readonly string[]): string => `(${parts.join(' ')})`;

/** As in a search: `system|code`, `|code` for "no system", `code` for "any system", `system|` for "any code". */
const token = (of: { readonly system?: string; readonly code?: string }): string =>
  word(of.system === undefined ? (of.code ?? '') : `${of.system}|${of.code ?? ''}`);

function reference(type: string | undefined, id: string): string {
  return type === '' ? `<${id}>` : `${type ?? '*'}/${id}`;
}

const word = (text: string): string => (/[\s()"]/.test(text) ? JSON.stringify(text) : text);

const time = (ms: number): string => (Math.abs(ms) >= OPEN ? (ms < 0 ? '-open' : 'open') : isoOr(ms));
const isoOr = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms));

const SIGNS: readonly (readonly [keyof Bound, string])[] = [
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
];

const bounds = (of: Bounds, show: (value: number) => string): string[] => [...bound('lo', of.lo, show), ...bound('hi', of.hi, show)];

const bound = (end: string, of: Bound | undefined, show: (value: number) => string): string[] =>
  SIGNS.flatMap(([key, sign]) => (of?.[key] === undefined ? [] : [`${end}${sign}${show(of[key])}`]));

/** Statements as text with `?` and what the `?` stand for. A value never gets into the text. */
import { LIMIT, type SqlValue } from '../../../../platform/sqlite/connection.ts';

export interface Sql {
  readonly text: string;
  readonly params: readonly SqlValue[];
}

const isSql = (part: Sql | SqlValue): part is Sql => typeof part === 'object' && part !== null && 'text' in part && 'params' in part;

/** A fragment from a template: fragments in it are put in their place, anything else becomes a parameter. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | SqlValue)[]): Sql {
  const params: SqlValue[] = [];
  let text = strings[0] ?? '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Sql | SqlValue;
    if (isSql(part)) {
      text += part.text;
      for (const param of part.params) params.push(param);
    } else {
      text += '?';
      params.push(part);
    }
    text += strings[i + 1] ?? '';
  }
  return { text, params };
}

/** A fragment of the program's own text: names of columns, tables, indexes. */
export const raw = (text: string): Sql => ({ text, params: [] });

/** By loops, as above: a statement is made for each search, and `flatMap` costs ten times as much. */
export function joined(parts: readonly Sql[], separator: string): Sql {
  const params: SqlValue[] = [];
  let text = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Sql;
    text += i === 0 ? part.text : separator + part.text;
    for (const param of part.params) params.push(param);
  }
  return { text, params };
}

/** The parts in parentheses, nested by halves: SQLite limits how deep expressions are, and a chain is as deep as it is long. */
export function balanced(parts: readonly Sql[], separator: string): Sql {
  const [first] = parts;
  if (first && parts.length === 1) return first;
  if (parts.length <= 16) return sql`(${joined(parts, separator)})`;
  const middle = parts.length >> 1;
  return sql`(${balanced(parts.slice(0, middle), separator)}${raw(separator)}${balanced(parts.slice(middle), separator)})`;
}

/** All of the conditions; `1` where there are none. */
export const allOf = (parts: readonly Sql[]): Sql =>
  parts.length === 0 ? raw('1') : parts.length === 1 ? (parts[0] as Sql) : joined(parts, ' AND ');

export const NOTHING: Sql = raw('');

/** At most so many rows. */
export const limited = (rows: number): Sql => ({ text: LIMIT, params: [rows] });

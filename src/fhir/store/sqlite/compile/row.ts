/** What a leaf asks of one index entry: the same of a row of a table and of a part of a composite. */
import type {
  Composite,
  DateRange,
  Node,
  NumberRange,
  Present,
  Quantity,
  Reference,
  ReferenceIn,
  Text,
  Token,
  Uri,
} from '../../../search/ast.ts';
import type { SqlValue } from '../../../../platform/sqlite/connection.ts';
import type { Kind } from '../schema.ts';
import { prefixConditions, rangeConditions } from './bounds.ts';
import type { Scope } from './scope.ts';
import { allOf, joined, raw, sql, type Sql } from './sql.ts';

/** A leaf that is answered from index entries. */
export type EntryLeaf = Token | Text | Reference | ReferenceIn | DateRange | NumberRange | Quantity | Uri | Composite | Present;

/** How the values of an entry are written. */
export interface EntryColumns {
  readonly column: (name: string) => Sql;
  /** What the column `system` holds for a code system. */
  readonly system: (name: string) => SqlValue;
}

/** The columns of a table of entries `e`. */
export const tableColumns = (scope: Scope): EntryColumns => ({ column: (name) => raw(`e.${name}`), system: (name) => scope.system(name) });

/** A leaf about values from `lo` to `hi`. */
export type RangeLeaf = Extract<EntryLeaf, { bounds: unknown }>;
export const isRange = (node: Node): node is RangeLeaf => node.op === 'date' || node.op === 'number' || node.op === 'quantity';

const ENTRY_OPS = new Set(['token', 'string', 'reference', 'reference-in', 'date', 'number', 'quantity', 'uri', 'composite', 'present']);

export const isEntryLeaf = (node: Node): node is EntryLeaf => ENTRY_OPS.has(node.op);

export const kindOf = (leaf: EntryLeaf): Kind => (leaf.op === 'present' ? leaf.kind : leaf.op === 'reference-in' ? 'reference' : leaf.op);

/** The conditions on an entry's columns, `pid` apart. */
export function rowConditions(leaf: EntryLeaf, columns: EntryColumns): readonly Sql[] {
  const { column } = columns;
  switch (leaf.op) {
    case 'token':
      return codeConditions(leaf, columns);
    case 'string':
      return textConditions(leaf, column('value'), column('exact'));
    case 'reference':
      return [sql`${column('id')} = ${leaf.id}`, ...(leaf.type === undefined ? [] : [sql`${column('type')} = ${leaf.type}`])];
    case 'reference-in':
      return [sql`(${joined(targetConditions(leaf, columns), ' OR ')})`];
    case 'date':
    case 'number':
      return rangeConditions(column('lo'), column('hi'), leaf.bounds);
    case 'quantity':
      return [...rangeConditions(column('lo'), column('hi'), leaf.bounds), ...codeConditions(leaf, columns)];
    case 'uri':
      return uriConditions(leaf, column('value'));
    case 'composite':
      return leaf.parts.map((part) => partCondition(part, column('parts')));
    case 'present':
      return [];
  }
}

const codeConditions = ({ system, code }: Pick<Token, 'system' | 'code'>, columns: EntryColumns): Sql[] => [
  ...(code === undefined ? [] : [sql`${columns.column('code')} = ${code}`]),
  ...(system === undefined ? [] : [sql`${columns.column('system')} = ${columns.system(system)}`]),
];

function textConditions({ match, value }: Text, folded: Sql, exact: Sql): Sql[] {
  if (match === 'exact') return [sql`${exact} = ${value}`];
  return match === 'starts' ? prefixConditions(folded, value) : [sql`instr(${folded}, ${value}) > 0`];
}

/** The ids of each type, as one parameter. */
export function targetsByType({ targets }: ReferenceIn): ReadonlyMap<string, string> {
  const byType = new Map<string, string[]>();
  for (const { type, id } of targets) {
    const ids = byType.get(type);
    if (ids) ids.push(id);
    else byType.set(type, [id]);
  }
  return new Map([...byType].map(([type, ids]) => [type, JSON.stringify(ids)]));
}

/** With a plus the ids are a set to look in; without, an index that has the id would be asked for each of them, resource by resource. */
const targetConditions = (leaf: ReferenceIn, { column }: EntryColumns): Sql[] =>
  [...targetsByType(leaf)].map(
    ([type, ids]) => sql`${column('type')} = ${type} AND +${column('id')} IN (SELECT value FROM json_each(${ids}))`,
  );

/** `below` is one range, `above` a handful of values. */
function uriConditions({ match, value }: Uri, column: Sql): Sql[] {
  if (match === 'exact') return [sql`${column} = ${value}`];
  if (match === 'above') return [sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(uriAbove(value))}))`];
  return [...prefixConditions(column, value), sql`(${column} = ${value} OR ${allOf(prefixConditions(column, `${value}/`))})`];
}

/** `a/b/c`, `a/b` and `a` for `a/b/c`. */
function uriAbove(value: string): string[] {
  const above = [value];
  for (let end = value.lastIndexOf('/'); end > 0; end = value.lastIndexOf('/', end - 1)) above.push(value.slice(0, end));
  return above;
}

/** Places of the columns in a part of a composite, behind the parameter. */
const PLACES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  token: { system: 1, code: 2 },
  string: { value: 1, exact: 2 },
  reference: { type: 1, id: 2 },
  date: { lo: 1, hi: 2 },
  number: { lo: 1, hi: 2 },
  quantity: { lo: 1, hi: 2, system: 3, code: 4 },
  uri: { value: 1 },
};

/** A tree about the parts of one component, which are in a JSON text. */
function partCondition(node: Node, parts: Sql): Sql {
  switch (node.op) {
    case 'all':
      return raw('1');
    case 'none':
    case 'type':
    case 'id':
    case 'last-updated':
    case 'chain':
    case 'has':
      return raw('0');
    case 'and':
      return sql`(${joined(
        node.of.map((n) => partCondition(n, parts)),
        ' AND ',
      )})`;
    case 'or':
      return sql`(${joined(
        node.of.map((n) => partCondition(n, parts)),
        ' OR ',
      )})`;
    case 'not':
      return sql`NOT ${partCondition(node.of, parts)}`;
    default:
      return entryOfPart(node, parts);
  }
}

function entryOfPart(leaf: EntryLeaf, parts: Sql): Sql {
  const kind = kindOf(leaf);
  const columns: EntryColumns = { column: (name) => raw(`(e.value ->> ${PLACES[kind]?.[name] ?? 0})`), system: (name) => name };
  const conditions = allOf([sql`(e.value ->> 0) = ${leaf.param}`, ...rowConditions(leaf, columns)]);
  return sql`EXISTS (SELECT 1 FROM json_each(${parts}, ${`$.${kind}`}) e WHERE ${conditions})`;
}

/** A code that the first part of every match has: what composites are looked up by. */
export function leadingCode({ parts }: Composite): string | undefined {
  const first = parts[0];
  const candidates = first?.op === 'and' ? first.of : first ? [first] : [];
  return candidates.flatMap((n) => (n.op === 'token' && n.param === '0' && n.code !== undefined ? [n.code] : []))[0];
}

/** Composites have the code that they are looked up by in a column. */
export function keyConditions(leaf: EntryLeaf): Sql[] {
  const code = leaf.op === 'composite' ? leadingCode(leaf) : undefined;
  return code === undefined ? [] : [sql`e.code = ${code}`];
}

/** Keeps the tables of entries in step with a resource: what is not in the new version goes, what is new comes. */
import { rowOf, rowsOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { Numbering } from './numbering.ts';
import { CELLS, type Cell, type Packed } from '../../search/packed.ts';
import { KINDS, type Kind } from './schema.ts';

export interface EntryRows {
  insert(rid: number, home: Home, entries: Packed): void;
  /** Changes only rows that differ. Answers the number of the index version that made the old ones. */
  replace(rid: number, home: Home, entries: Packed): number | undefined;
  /** Answers the same. */
  remove(rid: number): number | undefined;
}

export interface Home {
  readonly cid: number;
  readonly tid: number;
  /** The number of the index version that made the entries. */
  readonly xid: number;
}

type Row = readonly Cell[];
/** For each kind in the order of `KINDS`, its rows: `pid` and the columns. */
type Rows = readonly (readonly Row[])[];

/**
 * Columns of the tables behind `rid` and `pid`. Where rows can be found by `rid`, only their `pid`s are kept with the
 * resource, to know what to remove; of others, the first columns (`kept`).
 */
const TABLES: Readonly<Record<Kind, { readonly columns: readonly string[]; readonly kept: number }>> = {
  token: { columns: ['system', 'code'], kept: 2 },
  string: { columns: ['value', 'exact'], kept: 0 },
  reference: { columns: ['type', 'id'], kept: 0 },
  date: { columns: ['lo', 'hi'], kept: 0 },
  number: { columns: ['lo', 'hi'], kept: 0 },
  quantity: { columns: ['lo', 'hi', 'system', 'code'], kept: 0 },
  uri: { columns: ['value'], kept: 1 },
  composite: { columns: ['code', 'n', 'parts'], kept: 2 },
  sort: { columns: ['lo', 'hi'], kept: 2 },
};

const INSERTS = KINDS.map((kind) => {
  const { columns } = TABLES[kind];
  return `INSERT OR IGNORE INTO ${kind} (rid, pid, ${columns.join(', ')}) VALUES (?, ?${', ?'.repeat(columns.length)})`;
});
const REMOVALS = KINDS.map((kind) => {
  const { columns, kept } = TABLES[kind];
  const keys = columns.slice(0, kept || columns.length).map((column) => ` AND ${column} = ?`);
  return `DELETE FROM ${kind} WHERE rid = ? AND pid = ?${keys.join('')}`;
});
const LISTS = KINDS.map((kind) => `SELECT pid, ${TABLES[kind].columns.join(', ')} FROM ${kind} WHERE rid = ? AND pid = ?`);
const KEEP = 'INSERT OR REPLACE INTO entry_set (rid, cid, xid, sorts, rows) VALUES (?, ?, ?, jsonb(?), ?)';

interface Old {
  readonly xid: number;
  readonly rows: Rows;
}

export function createEntryRows(connection: SqliteConnection, numbering: Numbering): EntryRows {
  const run = (statements: readonly string[], rid: number, rows: Rows): void => {
    for (let kind = 0; kind < rows.length; kind += 1) {
      const list = rows[kind] ?? [];
      if (list.length === 0) continue;
      const statement = connection.prepare(statements[kind] ?? '');
      for (const row of list) statement.run(rid, ...row);
    }
  };
  const keep = (rid: number, { cid, xid }: Home, made: Made): void => {
    connection.prepare(KEEP).run(rid, cid, xid, made.sorts, JSON.stringify(keptOf(made.rows)));
  };

  return {
    insert(rid, home, entries) {
      const made = makeRows(entries, home, numbering);
      run(INSERTS, rid, made.rows);
      keep(rid, home, made);
    },
    replace(rid, home, entries) {
      const made = makeRows(entries, home, numbering);
      const before = oldRows(connection, rid);
      run(REMOVALS, rid, without(before?.rows ?? [], made.rows));
      run(INSERTS, rid, without(made.rows, before?.rows ?? []));
      keep(rid, home, made);
      return before?.xid;
    },
    remove(rid) {
      const before = oldRows(connection, rid);
      if (!before) return undefined;
      run(REMOVALS, rid, before.rows);
      connection.prepare('DELETE FROM entry_set WHERE rid = ?').run(rid);
      return before.xid;
    },
  };
}

/** What the tables have for a resource. */
function oldRows(connection: SqliteConnection, rid: number): Old | undefined {
  const row = rowOf(connection.prepare('SELECT xid, rows FROM entry_set WHERE rid = ?'), [rid]);
  if (!row) return undefined;
  const found = (kind: number, pids: readonly Cell[]): Row[] =>
    pids.flatMap((pid) => rowsOf(connection.prepare(LISTS[kind] ?? ''), [rid, pid]) as unknown as Row[]);
  const kept = JSON.parse(row[1] as string) as Kept;
  return { xid: row[0] as number, rows: kept.map((list, kind) => (isKept(kind) ? chunks(list, kind) : found(kind, list))) };
}

/** For each kind: the kept cells of one row after another, or the `pid`s. */
type Kept = readonly (readonly Cell[])[];

const tableOf = (kind: number): (typeof TABLES)[Kind] => TABLES[KINDS[kind] ?? 'token'];
const isKept = (kind: number): boolean => tableOf(kind).kept > 0;

const keptOf = (rows: Rows): Kept =>
  rows.map((list, kind) => {
    if (!isKept(kind)) return [...new Set(list.map((row) => row[0] ?? 0))];
    const width = tableOf(kind).kept + 1;
    return list.flatMap((row) => (row.length === width ? row : row.slice(0, width)));
  });

function chunks(cells: readonly Cell[], kind: number): Row[] {
  const width = tableOf(kind).kept + 1;
  return Array.from({ length: cells.length / width }, (_, i) => cells.slice(i * width, (i + 1) * width));
}

interface Made {
  readonly rows: Rows;
  /** JSON: by `pid`, the least and the greatest value; one value if they are the same. */
  readonly sorts: string;
}

function makeRows(entries: Packed, home: Home, numbering: Numbering): Made {
  const sorts: string[] = [];
  const rows = KINDS.map((kind, k) => {
    const made: Row[] = [];
    const cells = entries[k] ?? [];
    const width = CELLS[k] ?? 1;
    for (let i = 0; i < cells.length; i += width) {
      const param = numbering.param(home.tid, cells[i] as string, kind);
      if (kind === 'sort') sorts.push(`"${param.pid}":[${sortText(cells[i + 1], cells[i + 2])}]`);
      if (kind === 'composite') made.push(...componentRows(param.pid, i / width, cells[i + 1] as string, cells[i + 2] as string));
      else if (kind !== 'sort' || param.ordered) made.push(rowOfEntry(kind, param.pid, cells, i, home.cid, numbering));
    }
    return made;
  });
  return { rows, sorts: `{${sorts.join(',')}}` };
}

function rowOfEntry(kind: Kind, pid: number, cells: readonly Cell[], i: number, cid: number, numbering: Numbering): Row {
  const cell = (place: number): Cell => cells[i + place] ?? '';
  if (kind === 'token') return [pid, numbering.system(cid, cell(1) as string), cell(2)];
  if (kind === 'quantity') return [pid, cell(1), cell(2), numbering.system(cid, cell(3) as string), cell(4)];
  return kind === 'uri' ? [pid, cell(1)] : [pid, cell(1), cell(2)];
}

/** A component of a composite has a row for each code that it can be looked up by. */
const componentRows = (pid: number, n: number, codes: string, parts: string): Row[] =>
  (JSON.parse(codes) as string[]).map((code) => [pid, code, n, parts]);

const sortText = (lo: Cell | undefined, hi: Cell | undefined): string => (lo === hi ? valueText(lo) : `${valueText(lo)},${valueText(hi)}`);

/** Integers beyond 2^53 must not come back from SQLite as integers: JavaScript has none. */
function valueText(value: Cell | undefined): string {
  const isHuge = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isHuge ? value.toExponential() : JSON.stringify(value);
}

const COMPOSITE = KINDS.indexOf('composite');

/** The rows that `others` doesn't have; of composites, whose rows aren't kept whole, all. */
function without(rows: Rows, others: Rows): Rows {
  return rows.map((list, kind) => {
    const theirs = others[kind] ?? [];
    if (list.length === 0 || theirs.length === 0 || kind === COMPOSITE) return list;
    const keys = new Set(theirs.map((row) => JSON.stringify(row)));
    return list.filter((row) => !keys.has(JSON.stringify(row)));
  });
}

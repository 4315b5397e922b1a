/** Keeps the tables of entries in step with a resource: what is not in the new version goes, what is new comes. */
import type { SqliteConnection, SqlValue } from '../../../platform/sqlite/connection.ts';
import type { Numbering } from './numbering.ts';
import { codesOf, KIND_COUNT, unpack, type Cell, type Packed } from './pack.ts';
import { COLUMNS, KINDS, type Kind } from './schema.ts';

/** For each kind in the order of `KINDS`: `[pid, …columns]` of each row. Kept with the resource, to know what to remove. */
type Rows = readonly (readonly (readonly Cell[])[])[];

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

interface Statements {
  readonly insert: string;
  readonly remove: string;
}

const STATEMENTS: readonly Statements[] = KINDS.map((kind) => ({
  insert: `INSERT OR IGNORE INTO ${kind} (rid, pid, ${COLUMNS[kind].join(', ')}) VALUES (?, ?${', ?'.repeat(COLUMNS[kind].length)})`,
  remove: `DELETE FROM ${kind} WHERE rid = ? AND pid = ?${COLUMNS[kind].map((column) => ` AND ${column} = ?`).join('')}`,
}));

export function createEntryRows(connection: SqliteConnection, numbering: Numbering): EntryRows {
  const run = (which: keyof Statements, rid: number, rows: Rows): void => {
    for (let kind = 0; kind < KIND_COUNT; kind += 1) {
      const list = rows[kind] ?? [];
      if (list.length === 0) continue;
      const statement = connection.prepare(STATEMENTS[kind]?.[which] ?? '');
      for (const row of list) statement.run(rid, ...row);
    }
  };
  const kept = (rid: number): { xid: number; rows: Rows } | undefined => {
    const row = connection.prepare('SELECT xid, rows FROM entry_set WHERE rid = ?').get(rid) as unknown as readonly SqlValue[] | undefined;
    return row && { xid: row[0] as number, rows: JSON.parse(row[1] as string) as Rows };
  };
  const keep = (rid: number, { cid, xid }: Home, rows: Rows): void => {
    const text = JSON.stringify(rows);
    connection.prepare('INSERT OR REPLACE INTO entry_set (rid, cid, xid, rows) VALUES (?, ?, ?, ?)').run(rid, cid, xid, text);
  };

  return {
    insert(rid, home, entries) {
      const rows = toRows(entries, home.tid, numbering);
      run('insert', rid, rows);
      keep(rid, home, rows);
    },
    replace(rid, home, entries) {
      const rows = toRows(entries, home.tid, numbering);
      const old = kept(rid);
      run('remove', rid, without(old?.rows ?? [], rows));
      run('insert', rid, without(rows, old?.rows ?? []));
      keep(rid, home, rows);
      return old?.xid;
    },
    remove(rid) {
      const old = kept(rid);
      if (!old) return undefined;
      run('remove', rid, old.rows);
      connection.prepare('DELETE FROM entry_set WHERE rid = ?').run(rid);
      return old.xid;
    },
  };
}

function toRows(entries: Packed, tid: number, numbering: Numbering): Rows {
  return KINDS.map((kind, k) => {
    const rows: Cell[][] = [];
    let n = 0;
    for (const [name, ...cells] of unpack(entries, k)) {
      const param = numbering.param(tid, name as string, kind);
      rows.push(...rowsOfEntry(kind, param, cells, n));
      n += 1;
    }
    return rows;
  });
}

/** A component of a composite has a row for each code that it can be looked up by; a sort says whether it has an index. */
function rowsOfEntry(kind: Kind, { pid, ordered }: { pid: number; ordered: boolean }, cells: readonly Cell[], n: number): Cell[][] {
  if (kind === 'composite') return codesOf(cells[0] as string).map((code) => [pid, code, n, cells[0] as string]);
  return [kind === 'sort' ? [pid, ...cells, ordered ? 1 : 0] : [pid, ...cells]];
}

/** The rows that `others` doesn't have. */
function without(rows: Rows, others: Rows): Rows {
  return rows.map((list, kind) => {
    const theirs = others[kind] ?? [];
    if (list.length === 0 || theirs.length === 0) return list;
    const keys = new Set(theirs.map((row) => JSON.stringify(row)));
    return list.filter((row) => !keys.has(JSON.stringify(row)));
  });
}

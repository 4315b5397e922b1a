/** Gives numbers to clinics, types, code systems and parameters that have none yet. Within a transaction of the writer only. */
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { Catalog } from './catalog.ts';
import type { Param } from './compile/scope.ts';
import { ORDERED, type Kind } from './schema.ts';

export interface Numbering {
  clinic(name: string): number;
  type(cid: number, name: string): number;
  /** The kind that the parameter is first met with decides whether sorts by it have an index. */
  param(tid: number, name: string, kind: Kind): Param;
  system(cid: number, name: string): number;
  indexVersion(cid: number, name: string): number;
}

export function createNumbering(connection: SqliteConnection, catalog: Catalog): Numbering {
  const insert = (text: string, ...values: readonly (string | number)[]): number =>
    Number(connection.prepare(text).run(...values).lastInsertRowid);
  return {
    clinic: (name) => catalog.clinic(name) ?? insert('INSERT INTO clinic (name, seq, at) VALUES (?, 0, 0)', name),
    type: (cid, name) => catalog.type(cid, name) ?? insert('INSERT INTO type (cid, name, live, versions) VALUES (?, ?, 0, 0)', cid, name),
    param(tid, name, kind) {
      const known = catalog.param(tid, name);
      if (known) return known;
      const ordered = ORDERED.has(kind);
      const pid = insert('INSERT INTO param (tid, name, ordered) VALUES (?, ?, ?)', tid, name, ordered ? 1 : 0);
      return { pid, ordered };
    },
    system: (cid, name) => catalog.system(cid, name) ?? insert('INSERT INTO system (cid, name) VALUES (?, ?)', cid, name),
    indexVersion(cid, name) {
      const row = connection.prepare('SELECT xid FROM index_version WHERE cid = ? AND name = ?').get(cid, name) as unknown as
        [number] | undefined;
      return row?.[0] ?? insert('INSERT INTO index_version (cid, name, live) VALUES (?, ?, 0)', cid, name);
    },
  };
}

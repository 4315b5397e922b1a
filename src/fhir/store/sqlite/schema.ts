/**
 * The tables. Clinics, types and code systems of a clinic and parameters of a type are numbered once (`cid`, `tid`, `sid`,
 * `pid`), and every key starts with one of these numbers: none is shared by two clinics. `rid` is a resource's place in the
 * order of creation.
 */
import type { IndexEntries } from '../../search/entries.ts';
import type { Migrations } from '../../../platform/sqlite/migrate.ts';

const NUMBERS = `
CREATE TABLE clinic (cid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE type (
  tid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, name TEXT NOT NULL, live INTEGER NOT NULL, versions INTEGER NOT NULL, UNIQUE (cid, name)
);
CREATE TABLE system (sid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (cid, name));
CREATE TABLE param (pid INTEGER PRIMARY KEY, tid INTEGER NOT NULL, name TEXT NOT NULL, ordered INTEGER NOT NULL, UNIQUE (tid, name));
CREATE TABLE index_version (xid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, name TEXT NOT NULL, live INTEGER NOT NULL, UNIQUE (cid, name));
`;

/** Bodies stand last in their rows: what is asked of a row without its body reads no further. */
const TEXTS = `
CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, tid INTEGER NOT NULL, cid INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL,
  at INTEGER NOT NULL, deleted INTEGER NOT NULL, trace TEXT NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX resource_key ON resource (tid, id);
CREATE INDEX resource_time ON resource (tid, at, seq);
CREATE UNIQUE INDEX resource_seq ON resource (cid, seq);
CREATE INDEX resource_live ON resource (tid) WHERE deleted = 0;
CREATE TABLE version (
  vid INTEGER PRIMARY KEY, tid INTEGER NOT NULL, cid INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL,
  at INTEGER NOT NULL, until INTEGER NOT NULL, deleted INTEGER NOT NULL, trace TEXT NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX version_key ON version (tid, id, version);
CREATE INDEX version_time ON version (tid, at, seq);
CREATE UNIQUE INDEX version_seq ON version (cid, seq);
CREATE TABLE entry_set (
  rid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, xid INTEGER NOT NULL, sorts TEXT NOT NULL, rows TEXT NOT NULL
);
`;

/** Ranges up to this width are found by their beginning, wider ones have an index for their end: a day, a unit. */
export const WIDTH: Readonly<Record<RangeKind, number>> = { date: 86_400_000, number: 1, quantity: 1 };
export type RangeKind = 'date' | 'number' | 'quantity';
/** Holds for what is in the index of ends. */
export const isWide = (kind: RangeKind, alias: string): string => `${alias}hi - ${alias}lo > ${WIDTH[kind]}.0`;

const rangeTable = (kind: RangeKind, more: string, keys: string): string => `
CREATE TABLE ${kind} (pid INTEGER, rid INTEGER, lo REAL, hi REAL${more}, PRIMARY KEY (pid, rid, lo, hi${keys})) WITHOUT ROWID;
CREATE INDEX ${kind}_lo ON ${kind} (pid, lo);
CREATE INDEX ${kind}_hi ON ${kind} (pid, hi) WHERE ${isWide(kind, '')};
`;

/**
 * Values that are asked for as such come before `rid`: one value's resources lie in natural order. A commit's cost is the
 * number of pages that it touches, so there is an index only where a search has no other way. Sorts have their values in
 * `entry_set`, and rows here only where the values are many.
 */
const ENTRIES = `
CREATE TABLE token (pid INTEGER, code TEXT, rid INTEGER, system INTEGER, PRIMARY KEY (pid, code, rid, system)) WITHOUT ROWID;
CREATE TABLE string (pid INTEGER, value TEXT, rid INTEGER, exact TEXT, PRIMARY KEY (pid, value, rid, exact)) WITHOUT ROWID;
CREATE INDEX string_rid ON string (pid, rid);
CREATE TABLE reference (pid INTEGER, id TEXT, rid INTEGER, type TEXT, PRIMARY KEY (pid, id, rid, type)) WITHOUT ROWID;
CREATE INDEX reference_rid ON reference (pid, rid);
${rangeTable('date', '', '')}
${rangeTable('number', '', '')}
${rangeTable('quantity', ', system INTEGER, code TEXT', ', system, code')}
CREATE TABLE uri (pid INTEGER, value TEXT, rid INTEGER, PRIMARY KEY (pid, value, rid)) WITHOUT ROWID;
CREATE TABLE composite (pid INTEGER, code TEXT, rid INTEGER, n INTEGER, parts TEXT, PRIMARY KEY (pid, code, rid, n)) WITHOUT ROWID;
CREATE TABLE sort (pid INTEGER, lo, rid INTEGER, hi, PRIMARY KEY (pid, lo, rid, hi)) WITHOUT ROWID;
CREATE INDEX sort_hi ON sort (pid, hi DESC, rid);
`;

/** Values of sorts as SQLite's own form of JSON: to parse the text for each row took as long as all else of a sorted page. */
const BINARY_SORTS = `
ALTER TABLE entry_set RENAME TO text_sorts;
CREATE TABLE entry_set (
  rid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, xid INTEGER NOT NULL, sorts BLOB NOT NULL, rows TEXT NOT NULL
);
INSERT INTO entry_set (rid, cid, xid, sorts, rows) SELECT rid, cid, xid, jsonb(sorts), rows FROM text_sorts;
DROP TABLE text_sorts;
`;

export const MIGRATIONS: Migrations = { part: 'store', steps: [NUMBERS + TEXTS + ENTRIES, BINARY_SORTS] };

export type Kind = keyof IndexEntries;
/** In the order in which packed entries have them. */
export const KINDS: readonly Kind[] = ['token', 'string', 'reference', 'date', 'number', 'quantity', 'uri', 'composite', 'sort'];

/** Kinds whose parameters have so many values that a sort is worth an index; a parameter with nothing but sorts is taken for one. */
export const ORDERED: ReadonlySet<Kind> = new Set<Kind>(['string', 'date', 'sort']);

/**
 * The tables. Clinics, types of a clinic and parameters of a type are numbered once (`cid`, `tid`, `pid`), and every key
 * starts with one of these numbers: none is shared by two clinics. `rid` is a resource's place in the order of creation.
 */
import type { IndexEntries } from '../../search/entries.ts';
import type { Migrations } from '../../../platform/sqlite/migrate.ts';

const NUMBERS = `
CREATE TABLE clinic (cid INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE TABLE type (
  tid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, name TEXT NOT NULL, live INTEGER NOT NULL, versions INTEGER NOT NULL, UNIQUE (cid, name)
);
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
CREATE TABLE entry_set (rid INTEGER PRIMARY KEY, cid INTEGER NOT NULL, xid INTEGER NOT NULL, rows TEXT NOT NULL);
`;

/**
 * Values that are asked for as such come before `rid`: one value's resources lie in natural order. Ranges come behind it,
 * and have an index for either end; so do sorts, but only of parameters whose values are many (`ordered`).
 */
const ENTRIES = `
CREATE TABLE token (pid INTEGER, code TEXT, rid INTEGER, system TEXT, PRIMARY KEY (pid, code, rid, system)) WITHOUT ROWID;
CREATE TABLE string (pid INTEGER, value TEXT, rid INTEGER, exact TEXT, PRIMARY KEY (pid, value, rid, exact)) WITHOUT ROWID;
CREATE INDEX string_rid ON string (pid, rid);
CREATE TABLE reference (pid INTEGER, id TEXT, rid INTEGER, type TEXT, PRIMARY KEY (pid, id, rid, type)) WITHOUT ROWID;
CREATE INDEX reference_rid ON reference (pid, rid);
CREATE TABLE date (pid INTEGER, rid INTEGER, lo REAL, hi REAL, PRIMARY KEY (pid, rid, lo, hi)) WITHOUT ROWID;
CREATE INDEX date_lo ON date (pid, lo);
CREATE INDEX date_hi ON date (pid, hi);
CREATE TABLE number (pid INTEGER, rid INTEGER, lo REAL, hi REAL, PRIMARY KEY (pid, rid, lo, hi)) WITHOUT ROWID;
CREATE INDEX number_lo ON number (pid, lo);
CREATE INDEX number_hi ON number (pid, hi);
CREATE TABLE quantity (
  pid INTEGER, rid INTEGER, lo REAL, hi REAL, system TEXT, code TEXT, PRIMARY KEY (pid, rid, lo, hi, system, code)
) WITHOUT ROWID;
CREATE INDEX quantity_lo ON quantity (pid, lo);
CREATE INDEX quantity_hi ON quantity (pid, hi);
CREATE TABLE uri (pid INTEGER, value TEXT, rid INTEGER, PRIMARY KEY (pid, value, rid)) WITHOUT ROWID;
CREATE TABLE composite (pid INTEGER, code TEXT, rid INTEGER, n INTEGER, parts TEXT, PRIMARY KEY (pid, code, rid, n)) WITHOUT ROWID;
CREATE TABLE sort (pid INTEGER, rid INTEGER, lo, hi, ordered INTEGER, PRIMARY KEY (pid, rid)) WITHOUT ROWID;
CREATE INDEX sort_lo ON sort (pid, lo, rid) WHERE ordered = 1;
CREATE INDEX sort_hi ON sort (pid, hi DESC, rid) WHERE ordered = 1;
`;

export const MIGRATIONS: Migrations = { part: 'store', steps: [NUMBERS + TEXTS + ENTRIES] };

export type Kind = keyof IndexEntries;
/** In the order in which packed entries and kept rows have them. */
export const KINDS: readonly Kind[] = ['token', 'string', 'reference', 'date', 'number', 'quantity', 'uri', 'composite', 'sort'];

/** Columns of the tables of entries behind `pid` and `rid`, in the order of packed entries. */
export const COLUMNS: Readonly<Record<Kind, readonly string[]>> = {
  token: ['system', 'code'],
  string: ['value', 'exact'],
  reference: ['type', 'id'],
  date: ['lo', 'hi'],
  number: ['lo', 'hi'],
  quantity: ['lo', 'hi', 'system', 'code'],
  uri: ['value'],
  composite: ['code', 'n', 'parts'],
  sort: ['lo', 'hi', 'ordered'],
};

/** Kinds whose parameters have so many values that a sort is worth an index. */
export const ORDERED: ReadonlySet<Kind> = new Set<Kind>(['string', 'date', 'number', 'quantity', 'sort']);

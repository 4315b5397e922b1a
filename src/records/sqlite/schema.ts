/** The tables of the records; they may lie in the same file as the resources. Every key starts with the clinic. */
import type { Migrations } from '../../platform/sqlite/migrate.ts';

const TABLES = `
CREATE TABLE record (
  rid INTEGER PRIMARY KEY, clinic TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, revision INTEGER NOT NULL, expires INTEGER,
  keys TEXT NOT NULL, value TEXT NOT NULL
);
CREATE UNIQUE INDEX record_key ON record (clinic, kind, id);
CREATE INDEX record_expiry ON record (clinic, kind, expires) WHERE expires IS NOT NULL;
CREATE TABLE record_unique (
  clinic TEXT, kind TEXT, name TEXT, value TEXT, id TEXT NOT NULL, PRIMARY KEY (clinic, kind, name, value)
) WITHOUT ROWID;
CREATE TABLE record_index (clinic TEXT, kind TEXT, name TEXT, value TEXT, id TEXT, PRIMARY KEY (clinic, kind, name, value, id)) WITHOUT ROWID;
`;

export const MIGRATIONS: Migrations = { part: 'records', steps: [TABLES] };

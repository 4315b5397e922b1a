/** The tables of the audit trail, in the file of the resources. Every key starts with the clinic. */
import type { Migrations } from '../../platform/sqlite/migrate.ts';

const TABLES = `
CREATE TABLE audit_registry (clinic TEXT PRIMARY KEY, chains INTEGER NOT NULL, seal TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE audit_chain (
  clinic TEXT, number INTEGER, name TEXT NOT NULL, seal TEXT NOT NULL, head INTEGER NOT NULL, head_seal TEXT NOT NULL, PRIMARY KEY (clinic, number)
) WITHOUT ROWID;
CREATE TABLE audit_block (
  bid INTEGER PRIMARY KEY, clinic TEXT NOT NULL, chain INTEGER NOT NULL, n INTEGER NOT NULL, mac TEXT NOT NULL, text TEXT NOT NULL,
  personal TEXT NOT NULL
);
CREATE UNIQUE INDEX audit_block_key ON audit_block (clinic, chain, n);
`;

export const MIGRATIONS: Migrations = { part: 'audit', steps: [TABLES] };

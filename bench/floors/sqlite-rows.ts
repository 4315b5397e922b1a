/** Bare inserts into the server's own tables. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { IndexEntries, SortEntry } from '../../src/fhir/search/entries.ts';
import { MIGRATIONS } from '../../src/fhir/store/sqlite/schema.ts';
import type { Sample } from './samples.ts';

/** A new database with the same tables, indexes and durability. */
export function openScratch(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536');
  for (const step of MIGRATIONS.steps) if (typeof step === 'string') database.exec(step);
  return database;
}

/** Only parameters of many values have rows to sort by: the others' values stand in `entry_set`. */
const isOrdered = ({ param }: SortEntry, { string, date }: IndexEntries): boolean => [...string, ...date].some((e) => e.param === param);

type Row = readonly [table: string, ...values: SQLInputValue[]];

/** Rows of a resource's entries; the parameter's name stands for its number. */
function rowsOf(entries: IndexEntries, pid: (name: string) => number): Row[] {
  return [
    ...entries.token.map((e): Row => ['token', pid(e.param), e.code, pid(e.system)]),
    ...entries.string.map((e): Row => ['string', pid(e.param), e.value, e.exact]),
    ...entries.reference.map((e): Row => ['reference', pid(e.param), e.id, e.type]),
    ...entries.date.map((e): Row => ['date', pid(e.param), e.lo, e.hi]),
    ...entries.number.map((e): Row => ['number', pid(e.param), e.lo, e.hi]),
    ...entries.quantity.map((e): Row => ['quantity', pid(e.param), e.lo, e.hi, pid(e.system), e.code]),
    ...entries.uri.map((e): Row => ['uri', pid(e.param), e.value]),
    ...entries.composite.map((e, n): Row => ['composite', pid(e.param), e.parts.token[0]?.code ?? '', n, JSON.stringify(e.parts)]),
    ...entries.sort.filter((e) => isOrdered(e, entries)).map((e): Row => ['sort', pid(e.param), e.lo, e.hi]),
  ];
}

const COLUMNS: Readonly<Record<string, string>> = {
  token: 'code, system',
  string: 'value, exact',
  reference: 'id, type',
  date: 'lo, hi',
  number: 'lo, hi',
  quantity: 'lo, hi, system, code',
  uri: 'value',
  composite: 'code, n, parts',
  sort: 'lo, hi',
};

/** Inserts a sample with all its rows; the caller's transaction. */
export function createInserter(database: DatabaseSync): (sample: Sample) => void {
  const pids = new Map<string, number>();
  const pid = (name: string): number => pids.get(name) ?? (pids.set(name, pids.size + 1), pids.size);
  const resource = database.prepare(
    'INSERT INTO resource (tid, cid, id, version, seq, at, deleted, trace, body) VALUES (?, 1, ?, 1, ?, ?, 0, ?, ?)',
  );
  const kept = database.prepare('INSERT INTO entry_set (rid, cid, xid, sorts, rows) VALUES (?, 1, 1, ?, ?)');
  const statements = Object.fromEntries(
    Object.entries(COLUMNS).map(([table, columns]) => [
      table,
      database.prepare(`INSERT OR IGNORE INTO ${table} (rid, pid, ${columns}) VALUES (?, ?${', ?'.repeat(columns.split(',').length)})`),
    ]),
  );
  let seq = 0;
  return ({ type, id, body, entries }) => {
    const rid = resource.run(pid(`type ${type}`), id, ++seq, Date.now(), '{}', body).lastInsertRowid;
    const rows = rowsOf(entries, (name) => pid(`${type} ${name}`));
    for (const [table, ...values] of rows) statements[table]?.run(rid, ...values);
    kept.run(rid, JSON.stringify(entries.sort), JSON.stringify(rows));
  };
}

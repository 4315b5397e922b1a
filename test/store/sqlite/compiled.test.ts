import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants } from 'node:sqlite';
import { asClinicId, asSeq } from '../../../src/fhir/model/ids.ts';
import type { Node } from '../../../src/fhir/search/ast.ts';
import type { StoreQuery } from '../../../src/fhir/store/port.ts';
import { createCatalog } from '../../../src/fhir/store/sqlite/catalog.ts';
import { createCutoff } from '../../../src/fhir/store/sqlite/cutoff.ts';
import { createHistories } from '../../../src/fhir/store/sqlite/history.ts';
import { openSqliteStore } from '../../../src/fhir/store/sqlite/index.ts';
import { admitAll, createQueries } from '../../../src/fhir/store/sqlite/queries.ts';
import { createStale } from '../../../src/fhir/store/sqlite/stale.ts';
import { openConnection, type SqliteConnection } from '../../../src/platform/sqlite/connection.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { key, match, put, query, write } from '../../contract/store/context.ts';

const clinic = asClinicId('clinic');
const token = (code: string): Node => ({ op: 'token', param: 'code', code, system: 's' });
const born = (year: number): Node => ({ op: 'date', param: 'birthdate', bounds: { lo: { gte: Date.UTC(year, 0) } } });
const named = (value: string): Node => ({ op: 'string', param: 'name', match: 'starts', value });
const of = (id: string): Node => ({ op: 'reference', param: 'patient', type: 'Patient', id });
const both = (...parts: Node[]): Node => ({ op: 'and', of: parts });

let folder: string;
let connection: SqliteConnection;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nadi-compiled-'));
  const file = join(folder, 'nadi.db');
  const store = await openSqliteStore({ file, clock });
  const day = Date.UTC(1980, 0);
  const entries = {
    token: ['a', 'b'].map((code) => ({ param: 'code', system: 's', code })),
    string: ['ann', 'bob'].map((value) => ({ param: 'name', value, exact: value })),
    reference: ['1', '2'].map((id) => ({ param: 'patient', type: 'Patient', id })),
    date: [{ param: 'birthdate', lo: day, hi: day + 86_399_999 }],
    sort: [{ param: 'birthdate', lo: day, hi: day }],
  };
  await write(store, clinic, ...['1', '2', '3', '4'].map((id) => put('Basic', id, { entries })));
  await store.close();
  connection = openConnection(file, { readOnly: true, cacheKiB: 1024 });
  connection.database.setAuthorizer(() => {
    asked += 1;
    return constants.SQLITE_OK;
  });
});
afterAll(async () => {
  connection.close();
  await rm(folder, { recursive: true });
});

/** How often SQLite asked, compiling, whether something is allowed. */
let asked = 0;
function compilations(work: () => void): number {
  const before = asked;
  work();
  return asked - before;
}

const order: StoreQuery['order'] = [{ param: 'birthdate', descending: true }];
const seq = { upTo: asSeq(9) };

it.each<{ name: string; first: () => StoreQuery; second: () => StoreQuery }>([
  { name: 'one value', first: () => query('Basic', token('a')), second: () => query('Basic', token('b'), { limit: 1 }) },
  {
    name: 'two values in an order',
    first: () => query('Basic', both(of('1'), token('a')), { order }),
    second: () => query('Basic', both(of('2'), token('b')), { order, limit: 2 }),
  },
  {
    name: 'a beginning and a date',
    first: () => query('Basic', both(named('a'), born(1950))),
    second: () => query('Basic', both(named('b'), born(1960)), { limit: 3 }),
  },
  { name: 'a later page', first: () => query('Basic', of('1'), { seq }), second: () => query('Basic', of('2'), { seq, limit: 3 }) },
  { name: 'a sort', first: () => query('Basic', born(1950), { order }), second: () => query('Basic', born(1960), { order, limit: 3 }) },
  {
    name: 'changes',
    first: () => query('Basic', token('a'), { order: 'seq' }),
    second: () => query('Basic', token('b'), { order: 'seq', limit: 2 }),
  },
])('compiles no statement twice for $name', ({ first, second }) => {
  const queries = createQueries(connection, createCatalog(connection), admitAll(createCutoff(connection)));
  expect(queries.search(clinic, first()).items).toHaveLength(4);
  expect(compilations(() => expect(queries.search(clinic, second()).items.length).toBeGreaterThan(0))).toBe(0);
});

it('compiles no statement twice for what else has a limit', () => {
  const catalog = createCatalog(connection);
  const queries = createQueries(connection, catalog, admitAll(createCutoff(connection)));
  const histories = createHistories(connection, catalog);
  const stale = createStale(connection, catalog);
  const scope = { type: key('Basic', '1').type };
  const ask = (limit: number): void => {
    expect(queries.searchTargets(clinic, match('Basic', token('a')), 'patient', limit).targets).toHaveLength(Math.min(limit, 2));
    expect(histories.history(clinic, { scope, limit }).items).toHaveLength(limit);
    expect(histories.changes(clinic, asSeq(0), limit)).toHaveLength(limit);
    expect(stale(clinic, { indexVersion: 'another', after: undefined, limit }).items).toHaveLength(limit);
  };
  ask(4);
  expect(compilations(() => ask(2))).toBe(0);
});

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { createSqliteWriter, openSqliteStore } from '../../../src/fhir/store/sqlite/index.ts';
import { MIGRATIONS } from '../../../src/fhir/store/sqlite/schema.ts';
import { systemClock as clock } from '../../../src/platform/clock.ts';
import { openSqliteRecords } from '../../../src/records/sqlite/index.ts';
import { find, ids, match, put, query, write } from '../../contract/store/context.ts';

const clinic = asClinicId('clinic');

describe('opening a store', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nadi-open-'));
    file = join(folder, 'nadi.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('makes the schema once, whoever comes first of several', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => openSqliteStore({ file, clock })));
    await Promise.all(stores.map((store, i) => write(store, clinic, put('Patient', `p${i}`))));
    for (const store of stores) expect((await find(store, clinic, 'Patient')).sort()).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
    await Promise.all(stores.map((store) => store.close()));
    const database = new DatabaseSync(file);
    const steps = MIGRATIONS.steps.map((_step, i): unknown => expect.objectContaining({ part: 'store', number: i + 1 }));
    expect(database.prepare('SELECT part, number FROM migration').all()).toEqual(steps);
    database.close();
  });

  it('takes over what was stored before values of sorts were binary', async () => {
    const store = await openSqliteStore({ file, clock });
    const ranked = (id: string, rank: number) => put('Patient', id, { entries: { sort: [{ param: 'rank', lo: rank, hi: rank }] } });
    await write(store, clinic, ranked('p1', 2), ranked('p2', 1), ranked('p3', 4));
    await store.close();
    const database = new DatabaseSync(file);
    database.exec(`
      UPDATE entry_set SET sorts = json(sorts);
      ALTER TABLE entry_set RENAME COLUMN sorts TO binary;
      ALTER TABLE entry_set ADD COLUMN sorts TEXT;
      UPDATE entry_set SET sorts = binary;
      ALTER TABLE entry_set DROP COLUMN binary;
      DELETE FROM migration WHERE part = 'store' AND number = 2;
    `);
    database.close();
    const again = await openSqliteStore({ file, clock });
    await write(again, clinic, ranked('p4', 3));
    const byRank = query('Patient', match('Patient').where, { order: [{ param: 'rank', descending: false }] });
    expect(ids((await again.search(clinic, byRank)).items)).toEqual(['p2', 'p1', 'p4', 'p3']);
    await again.close();
    const after = new DatabaseSync(file);
    expect(after.prepare('SELECT DISTINCT typeof(sorts) AS kind FROM entry_set').all()).toEqual([{ kind: 'blob' }]);
    after.close();
  });

  it('shares its file and its writer with the records', async () => {
    const writer = createSqliteWriter(file);
    const store = await openSqliteStore({ file, clock, writer });
    const records = await openSqliteRecords({ file, clock, writer });
    await Promise.all([write(store, clinic, put('Patient', 'p1')), records.insert({ name: 'note' }, clinic, 'a', 1)]);
    await store.close();
    expect(await records.replace({ name: 'note' }, clinic, 'a', 1, 2)).toMatchObject({ ok: true });
    await records.close();
    await writer.close();
    const again = await openSqliteRecords({ file, clock });
    expect(await again.get({ name: 'note' }, clinic, 'a')).toEqual({ id: 'a', value: 2, revision: 2 });
    await again.close();
  });

  it.each([
    { name: 'a folder that is not there', at: 'missing/nadi.db', content: undefined },
    { name: 'a file that is no database', at: 'nadi.db', content: 'x'.repeat(10_000) },
  ])('of $name is unavailable', async ({ at, content }) => {
    const place = join(folder, at);
    if (content !== undefined) await writeFile(place, content);
    await expect(openSqliteStore({ file: place, clock })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(openSqliteRecords({ file: place, clock })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('of a newer program is refused', async () => {
    const store = await openSqliteStore({ file, clock });
    await store.close();
    const database = new DatabaseSync(file);
    database.exec("INSERT INTO migration VALUES ('store', 999, 0)");
    database.close();
    await expect(openSqliteStore({ file, clock })).rejects.toThrow(/newer/);
  });

  it('waits for another writer, while reads go on', async () => {
    const store = await openSqliteStore({ file, clock });
    await write(store, clinic, put('Patient', 'p1'));
    const holder = new DatabaseSync(file);
    holder.exec('BEGIN IMMEDIATE');
    const waiting = store.write(clinic, { changes: [put('Patient', 'p2')], guards: [], indexVersion: 'x' });
    expect(await find(store, clinic, 'Patient')).toEqual(['p1']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    holder.exec('COMMIT');
    holder.close();
    expect(await waiting).toMatchObject({ ok: true });
    await store.close();
  });

  it('gives up a long search at its deadline, while short ones go on', async () => {
    const store = await openSqliteStore({ file, clock });
    const names = Array.from({ length: 200 }, (_, i) => ({ param: 'name', value: `${'ab'.repeat(20)}${i}`, exact: '' }));
    for (let i = 0; i < 10; i += 1) {
      await write(store, clinic, ...Array.from({ length: 50 }, (_, k) => put('Patient', `p${i}-${k}`, { entries: { string: names } })));
    }
    const part = (i: number) => ({ op: 'string', param: 'name', match: 'contains', value: `zz${i}` }) as const;
    const where = { op: 'and', of: Array.from({ length: 50 }, (_, i) => ({ op: 'or', of: [part(i), part(i + 50)] }) as const) } as const;
    const long = store.count(clinic, match('Patient', { op: 'not', of: where }, { deadline: Date.now() + 60 }));
    await expect(long).rejects.toMatchObject({ kind: 'too-costly' });
    expect((await store.search(clinic, query('Patient', where, { limit: 5 }))).items).toEqual([]);
    await store.close();
  }, 60_000);
});

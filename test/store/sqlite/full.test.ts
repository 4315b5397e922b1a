import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asClinicId } from '../../../src/fhir/model/ids.ts';
import { createChangeEncoder, type WireOutcome, type WireSet } from '../../../src/fhir/store/sqlite/wire.ts';
import { open, type CommitRequest } from '../../../src/fhir/store/sqlite/writer.ts';
import { openConnection, type SqliteConnection } from '../../../src/platform/sqlite/connection.ts';
import { isSqliteAway } from '../../../src/platform/sqlite/errors.ts';
import { put, text } from '../../contract/store/context.ts';

const LARGE = 'x'.repeat(20_000);
const entries = { token: [{ param: 'code', system: 's', code: 'c' }] };

/** The writer of a file that may have only so many pages. */
function openWriter(connection: SqliteConnection) {
  const methods = open(connection) as Readonly<Record<string, (args: unknown) => unknown>>;
  const encode = createChangeEncoder();
  const setOf = (...ids: readonly string[]): WireSet => ({
    clinic: asClinicId('clinic'),
    guards: [],
    indexVersion: '1',
    changes: encode(ids.map((id) => put('Basic', id, { entries, text: text('Basic', id, LARGE) }))),
  });
  methods['migrate']?.({ now: 0 });
  return { commit: (...sets: readonly WireSet[]) => methods['commit']?.({ now: 1, sets } satisfies CommitRequest) as WireOutcome[], setOf };
}

describe('a full disk', () => {
  let folder: string;
  let connection: SqliteConnection;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nadi-full-'));
    connection = openConnection(join(folder, 'nadi.db'), { readOnly: false, cacheKiB: 1000 });
  });
  afterEach(async () => {
    connection.close();
    await rm(folder, { recursive: true });
  });

  it('fails the sets that do not fit, whole, and no others', () => {
    const { commit, setOf } = openWriter(connection);
    const [first] = commit(setOf('a'));
    expect(first).toMatchObject({ ok: true });
    const pages = connection.prepare('PRAGMA page_count').get() as unknown as [number];
    connection.database.exec(`PRAGMA max_page_count = ${pages[0] + 12}`);
    const outcomes = commit(setOf('b'), setOf('c', 'd', 'e'), setOf('f'));
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, 'error', true]);
    const error = outcomes[1] as Extract<WireOutcome, { ok: 'error' }>;
    expect(isSqliteAway(error.detail)).toBe(true);
    const ids = connection.prepare('SELECT group_concat(id) FROM (SELECT id FROM resource ORDER BY seq)').get();
    expect(ids).toEqual(['a,b,f']);
    expect(connection.prepare('SELECT count(*) FROM token').get()).toEqual([3]);
    connection.database.exec('PRAGMA max_page_count = 100000');
    expect(commit(setOf('c', 'd', 'e'))).toMatchObject([{ ok: true, results: [0, 1, 4, 1, 0, 1, 5, 1, 0, 1, 6, 1] }]);
  });
});

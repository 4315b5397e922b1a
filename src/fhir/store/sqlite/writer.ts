/** What runs in the writer thread: the store's commits, several sets in each. */
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { ThreadMethods } from '../../../platform/sqlite/host.ts';
import { migrate } from '../../../platform/sqlite/migrate.ts';
import { createApply, type DecodedSet } from './apply.ts';
import { createCatalog } from './catalog.ts';
import { createCutoff } from './cutoff.ts';
import { createEntryRows } from './entry-rows.ts';
import { eraseAll, scrub, type EraseRequest } from './erase.ts';
import { createNumbering } from './numbering.ts';
import { admitAll, createQueries } from './queries.ts';
import { MIGRATIONS } from './schema.ts';
import { replaceEntries, type ReplaceRequest } from './replace.ts';
import { createTally, type Tally } from './tally.ts';
import { decodeChanges, type DecodedChange, type WireChanges, type WireOutcome, type WireSet } from './wire.ts';

export interface CommitRequest {
  readonly now: number;
  readonly sets: readonly WireSet[];
}
export interface StageRequest {
  readonly key: number;
  readonly changes: WireChanges;
}
export function open(connection: SqliteConnection): ThreadMethods {
  const catalog = createCatalog(connection);
  const numbering = createNumbering(connection, catalog);
  const queries = createQueries(connection, catalog, admitAll(createCutoff(connection)));
  const entries = createEntryRows(connection, numbering);
  const staged = new Map<number, DecodedChange[]>();

  const transaction = <T>(work: (tally: Tally) => T): T => {
    try {
      return connection.transaction(() => {
        const tally = createTally(connection);
        const result = work(tally);
        tally.finish();
        return result;
      });
    } catch (error) {
      catalog.forget();
      throw error;
    }
  };
  const commit = (sets: readonly DecodedSet[], now: number): WireOutcome[] =>
    transaction((tally) => sets.map(createApply({ connection, numbering, queries, entries, tally, now })));

  return {
    migrate: ({ now }: { readonly now: number }) => migrate(connection, MIGRATIONS, now),
    stage: ({ key, changes }: StageRequest) => {
      staged.set(key, [...(staged.get(key) ?? []), ...decodeChanges(changes)]);
    },
    unstage: ({ key }: { readonly key: number }) => staged.delete(key),
    commit({ sets, now }: CommitRequest) {
      const decoded = sets.map((set) => decodeSet(set, staged));
      return commitGroup(decoded, (some) => commit(some, now));
    },
    replace: (request: ReplaceRequest) =>
      transaction((tally) => replaceEntries({ connection, catalog, numbering, entries, tally }, request)),
    erase: (request: EraseRequest) => transaction((tally) => eraseAll({ connection, catalog, entries, tally }, request)),
    scrub: () => scrub(connection),
  };
}

function decodeSet({ clinic, guards, indexVersion, changes }: WireSet, staged: Map<number, DecodedChange[]>): DecodedSet {
  if (!('staged' in changes)) return { clinic, guards, indexVersion, changes: decodeChanges(changes) };
  const ahead = staged.get(changes.staged);
  staged.delete(changes.staged);
  if (!ahead) throw Object.assign(new Error('The changes sent ahead are gone.'), { code: 'ERR_INVALID_STATE' });
  return { clinic, guards, indexVersion, changes: ahead };
}

/** Where a group fails as a whole, each set is tried alone: what is wrong with one is no other's fault. */
function commitGroup(sets: readonly DecodedSet[], commit: (sets: readonly DecodedSet[]) => WireOutcome[]): WireOutcome[] {
  try {
    return commit(sets);
  } catch (error) {
    return sets.length === 1 ? [failure(error)] : sets.flatMap((set) => commitGroup([set], commit));
  }
}

const failure = (error: unknown): WireOutcome => ({
  ok: 'error',
  message: (error as Error).message,
  detail: { ...(error as object), cause: undefined },
});

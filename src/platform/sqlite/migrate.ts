/** Schema upgrades: numbered steps, each done once, whoever of several processes comes first. */
import type { SqliteConnection } from './connection.ts';

/** The steps of one part of a file, in order; step 1 makes the first schema. Released steps are never edited. */
export interface Migrations {
  readonly part: string;
  readonly steps: readonly string[];
}

/**
 * Brings the part of the schema up to date. The number reached is read again once the lock is held.
 * @throws an error if the file was written by a newer program
 */
export function migrate(connection: SqliteConnection, { part, steps }: Migrations, now: number): void {
  connection.database.exec('CREATE TABLE IF NOT EXISTS migration (part TEXT, number INTEGER, at INTEGER, PRIMARY KEY (part, number))');
  if (reached(connection, part) === steps.length) return;
  connection.transaction(() => {
    const from = reached(connection, part);
    if (from > steps.length) throw new Error(`The file's ${part} schema is at ${from}, newer than this program's ${steps.length}.`);
    for (const [i, step] of steps.entries()) {
      if (i < from) continue;
      connection.database.exec(step);
      connection.prepare('INSERT INTO migration (part, number, at) VALUES (?, ?, ?)').run(part, i + 1, now);
    }
  });
}

function reached(connection: SqliteConnection, part: string): number {
  const row = connection.prepare('SELECT max(number) FROM migration WHERE part = ?').get(part) as unknown as [number | null];
  return row[0] ?? 0;
}

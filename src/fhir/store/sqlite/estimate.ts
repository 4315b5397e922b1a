/** Kept counts: how many rows an index has for a part of a search, up to a limit. */
import { LRUCache } from 'lru-cache';
import { LIMIT, rowOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { Estimate } from './compile/plan.ts';

const MAX_KEPT = 5000;
const KEPT_MS = 10_000;

/** Long keys are those of lists of ids, which hardly come again. */
const MAX_KEY = 1000;

/** Small counts cost next to nothing and can grow by much: only large ones are kept. */
const WORTH_KEEPING = 100;

export function createEstimate(connection: SqliteConnection): Estimate {
  const kept = new LRUCache<string, number>({ max: MAX_KEPT, ttl: KEPT_MS });
  return ({ text, params }, most) => {
    const key = `${most} ${text}\n${JSON.stringify(params)}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const statement = connection.prepare(`SELECT count(*) FROM (SELECT 1 FROM (${text}) ${LIMIT})`);
    const count = rowOf(statement, [...params, most + 1])?.[0] as number;
    if (count >= WORTH_KEEPING && key.length <= MAX_KEY) kept.set(key, count);
    return count;
  };
}

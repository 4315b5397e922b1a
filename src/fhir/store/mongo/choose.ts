/** Which way a search goes in: the one that finds least, by counts that are bounded and kept for a while. */
import { LRUCache } from 'lru-cache';
import type { Document } from 'mongodb';
import type { Node } from '../../search/ast.ts';
import { accesses, driverOf, typeDriver, type Driver } from './access.ts';
import type { Scope } from './compile.ts';
import { CURRENT, type Collections } from './schema.ts';

/** What is found in fewer is small: it is read whole and sorted where an order asks for it. */
export const SMALL = 1000;
const KEPT_COUNTS = 10_000;
const KEPT_MS = 20_000;
/** Longer ones, of thousands of ids, hardly come again. */
const KEPT_LENGTH = 1000;

export interface Choice {
  readonly driver: Driver;
  /** Fewer than `SMALL` documents are found by the driver, as far as is known. */
  readonly small: boolean;
  /** How many the driver finds, where that was counted and is fewer than `SMALL`. */
  readonly count?: number;
  /** The driver finds just what the tree does: nothing is left to compare. */
  readonly exact: boolean;
}

export interface Chooser {
  /** For natural order a driver that gives it is taken unseen if it is the only one. */
  choose(where: Node, scope: Scope, natural: boolean, maxTimeMS: number): Promise<Choice>;
  /** How many the driver finds, at most `limit`. */
  count(driver: Driver, limit: number | undefined, maxTimeMS: number, more?: Document): Promise<number>;
}

export function createChooser({ db }: Pick<Collections, 'db'>): Chooser {
  const kept = new LRUCache<string, number>({ max: KEPT_COUNTS, ttl: KEPT_MS });

  const count: Chooser['count'] = async (driver, limit, maxTimeMS, more) => {
    const query = more === undefined ? driver.filter : { $and: [driver.filter, more] };
    const bounded = limit === undefined ? {} : { limit };
    const { n } = await db.command({ count: CURRENT, query, hint: driver.index, ...bounded, maxTimeMS });
    return n as number;
  };

  const countKept = async (driver: Driver, maxTimeMS: number): Promise<number> => {
    const key = JSON.stringify(driver.filter);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const counted = await count(driver, SMALL, maxTimeMS);
    if (key.length <= KEPT_LENGTH) kept.set(key, counted);
    return counted;
  };

  return {
    count,
    async choose(where, scope, natural, maxTimeMS) {
      const drivers = accesses(where, scope).map(driverOf);
      const [only] = drivers;
      const compared = { driver: typeDriver(scope), small: false, exact: where.op === 'all' };
      if (!only) return compared;
      const exact = where.op !== 'and' && only.exact;
      if (natural && drivers.length === 1 && only.ordered) return { driver: only, small: false, exact };
      const pair = drivers.find((driver) => driver.pair);
      if (pair) return { driver: pair, small: true, exact: false };
      const counts = await Promise.all(drivers.map((driver) => countKept(driver, maxTimeMS)));
      const least = Math.min(...counts);
      if (least < SMALL) return { driver: drivers[counts.indexOf(least)] as Driver, small: true, exact, count: least };
      const ordered = drivers.find((driver) => driver.ordered);
      return ordered ? { driver: ordered, small: false, exact } : compared;
    },
  };
}

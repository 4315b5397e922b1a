/** The numbers that clinics, types, code systems and parameters have. Once given they never change, so they are remembered. */
import { rowOf, type SqliteConnection, type SqlValue } from '../../../platform/sqlite/connection.ts';
import type { Param, Scope } from './compile/scope.ts';

export interface Catalog {
  clinic(name: string): number | undefined;
  type(cid: number, name: string): number | undefined;
  param(tid: number, name: string): Param | undefined;
  system(cid: number, name: string): number | undefined;
  /** The number of a clinic's type. */
  tid(clinic: string, type: string): number | undefined;
  /** Undefined where nothing of the type was ever stored in the clinic. */
  scope(clinic: string, type: string): Scope | undefined;
  /** Forgets all: after a rollback, some numbers are free again. */
  forget(): void;
}

/** Beyond this many, all are looked up anew. */
const MAX_REMEMBERED = 50_000;

export function createCatalog(connection: SqliteConnection): Catalog {
  const numbers = new Map<string, number>();
  const params = new Map<string, Param>();
  const find = (text: string, ...values: readonly SqlValue[]) => rowOf(connection.prepare(text), values);

  const remembered = <T>(cache: Map<string, T>, key: string, look: () => T | undefined): T | undefined => {
    const known = cache.get(key);
    if (known !== undefined) return known;
    const found = look();
    if (cache.size >= MAX_REMEMBERED) cache.clear();
    if (found !== undefined) cache.set(key, found);
    return found;
  };

  const number = (key: string, text: string, ...values: readonly SqlValue[]): number | undefined =>
    remembered(numbers, key, () => find(text, ...values)?.[0] as number | undefined);

  const catalog: Catalog = {
    clinic: (name) => number(name, 'SELECT cid FROM clinic WHERE name = ?', name),
    type: (cid, name) => number(`${cid}/${name}`, 'SELECT tid FROM type WHERE cid = ? AND name = ?', cid, name),
    system: (cid, name) => number(`${cid}|${name}`, 'SELECT sid FROM system WHERE cid = ? AND name = ?', cid, name),
    param: (tid, name) =>
      remembered(params, `${tid}/${name}`, () => {
        const row = find('SELECT pid, ordered FROM param WHERE tid = ? AND name = ?', tid, name);
        return row && { pid: row[0] as number, ordered: row[1] === 1 };
      }),
    tid(clinic, type) {
      const cid = catalog.clinic(clinic);
      return cid === undefined ? undefined : catalog.type(cid, type);
    },
    scope(clinic, type) {
      const cid = catalog.clinic(clinic);
      const tid = cid === undefined ? undefined : catalog.type(cid, type);
      if (cid === undefined || tid === undefined) return undefined;
      return scopeOf(catalog, cid, tid, type);
    },
    forget() {
      numbers.clear();
      params.clear();
    },
  };
  return catalog;
}

/**
 * For a connection that only reads. What there isn't yet may come to be with any commit of others, so that is known until one
 * comes. Within a transaction none does: asking for the version of the data begins it.
 */
export function createReadCatalog(connection: SqliteConnection): Catalog {
  const catalog = createCatalog(connection);
  const scopes = new Map<string, Scope | undefined>();
  let version: SqlValue | undefined;
  return {
    ...catalog,
    scope(clinic, type) {
      const now = rowOf(connection.prepare('PRAGMA data_version'), [])?.[0];
      if (now !== version || scopes.size >= MAX_SCOPES) scopes.clear();
      version = now;
      const key = `${clinic}/${type}`;
      const known = scopes.get(key);
      if (known || scopes.has(key)) return known;
      const found = catalog.scope(clinic, type);
      scopes.set(key, found);
      return found;
    },
  };
}

const MAX_SCOPES = 2000;

const scopeOf = (catalog: Catalog, cid: number, tid: number, type: string): Scope => ({
  ...{ cid, tid, type, folded: new WeakMap() },
  counted: createCounts(),
  param: askedOnce((name) => catalog.param(tid, name)),
  system: askedOnce((name) => catalog.system(cid, name) ?? -1),
});

const MAX_COUNTS = 1000;

function createCounts(): Scope['counted'] {
  const counts = new Map<string, number>();
  return (key, count) => {
    const known = counts.get(key);
    if (known !== undefined) return known;
    const made = count();
    if (counts.size >= MAX_COUNTS) counts.clear();
    counts.set(key, made);
    return made;
  };
}

/** Of a scope, which is good for one search or as long as nothing is committed. */
function askedOnce<T>(find: (name: string) => T): (name: string) => T {
  const asked = new Map<string, T>();
  return (name) => {
    const known = asked.get(name);
    if (known !== undefined || asked.has(name)) return known as T;
    const found = find(name);
    asked.set(name, found);
    return found;
  };
}

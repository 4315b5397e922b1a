/** Work on one thing, one after another. */

export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Runs work of the same key in the order it comes, that of others side by side. Keeps nothing of keys without work. */
export function createTurnsByKey(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = mine.catch(() => undefined);
    last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
}

/** https://sqlite.org/rescode.html: BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB. */
const AWAY = new Set([5, 6, 7, 8, 10, 11, 13, 14, 15, 26]);

/**
 * Whether the file can't serve now: full, locked, broken, closed. Looks at codes, since an error may come from another
 * thread or realm.
 */
export function isSqliteAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  if (typeof errcode === 'number') return AWAY.has(errcode & 0xff);
  return code === 'ERR_INVALID_STATE';
}

/** Counters that a transaction moves, written once at its end. */
import type { SqliteConnection } from '../../../platform/sqlite/connection.ts';

/** A clinic's counter of changes and its time, within one transaction. */
export interface ClinicState {
  /** The time of the commit. */
  readonly at: number;
  /** Draws the next number. */
  readonly next: () => number;
}

/** What a written version means for the counts. */
export interface Counted {
  /** The change in the number of live resources. */
  readonly live: number;
  /** The index version of the entries that came, and of those that went. */
  readonly made?: number | undefined;
  readonly unmade?: number | undefined;
}

export interface Tally {
  begin(cid: number, now: number): ClinicState;
  version(tid: number, counted: Counted): void;
  /** Versions that are gone for good. */
  erased(tid: number, counted: Omit<Counted, 'made'> & { readonly versions: number }): void;
  /** Entries of one index version took the place of another's. */
  entries(made: number, unmade: number | undefined): void;
  finish(): void;
}

const MOVE_CLINIC = 'UPDATE clinic SET seq = ?, at = max(at, ?) WHERE cid = ?';
const MOVE_TYPE = 'UPDATE type SET live = live + ?, versions = versions + ? WHERE tid = ?';

export function createTally(connection: SqliteConnection): Tally {
  const clinics = new Map<number, { seq: number; readonly at: number; readonly state: ClinicState }>();
  const types = new Map<number, { live: number; versions: number }>();
  const indexes = new Map<number, number>();
  const indexed = (xid: number | undefined, change: number): void => {
    if (xid !== undefined) indexes.set(xid, (indexes.get(xid) ?? 0) + change);
  };
  const moved = (tid: number, live: number, versions: number): void => {
    const type = types.get(tid) ?? { live: 0, versions: 0 };
    types.set(tid, { live: type.live + live, versions: type.versions + versions });
  };
  return {
    begin: (cid, now) => clinics.get(cid)?.state ?? load(cid, now).state,
    version(tid, { live, made, unmade }) {
      moved(tid, live, 1);
      indexed(made, 1);
      indexed(unmade, -1);
    },
    erased(tid, { live, versions, unmade }) {
      moved(tid, live, -versions);
      indexed(unmade, -1);
    },
    entries(made, unmade) {
      indexed(made, 1);
      indexed(unmade, -1);
    },
    finish() {
      for (const [cid, { seq, at }] of clinics) connection.prepare(MOVE_CLINIC).run(seq, at, cid);
      for (const [tid, { live, versions }] of types) connection.prepare(MOVE_TYPE).run(live, versions, tid);
      for (const [xid, live] of indexes) {
        if (live !== 0) connection.prepare('UPDATE index_version SET live = live + ? WHERE xid = ?').run(live, xid);
      }
    },
  };

  function load(cid: number, now: number): { readonly state: ClinicState } {
    const [seq, last] = connection.prepare('SELECT seq, at FROM clinic WHERE cid = ?').get(cid) as unknown as [number, number];
    const at = Math.max(now, last);
    const clinic = { seq, at, state: { at, next: () => (clinic.seq += 1) } };
    clinics.set(cid, clinic);
    return clinic;
  }
}

/** Reads by key. */
import { rowOf, type SqliteConnection } from '../../../platform/sqlite/connection.ts';
import type { ClinicId, ResourceKey } from '../../model/ids.ts';
import { createSlice } from '../../model/slices.ts';
import type { FhirStore, StoredVersion } from '../port.ts';
import type { Catalog } from './catalog.ts';
import { RESOURCE_COLUMNS, toVersion, VERSION_COLUMNS } from './rows.ts';

const READ = `SELECT ${RESOURCE_COLUMNS} FROM resource r WHERE r.tid = ? AND r.id = ?`;
const READ_VERSION = `SELECT ${VERSION_COLUMNS} FROM version v WHERE v.tid = ? AND v.id = ? AND v.version = ?`;

/** Keys that are read at one moment. */
const AT_ONCE = 500;

export function createPoints(connection: SqliteConnection, catalog: Catalog): Pick<FhirStore, 'read' | 'readVersion' | 'readMany'> {
  const current = (clinic: ClinicId, { type, id }: ResourceKey): StoredVersion | undefined => {
    const tid = catalog.tid(clinic, type);
    const row = tid === undefined ? undefined : rowOf(connection.prepare(READ), [tid, id]);
    return row && toVersion(type, row);
  };
  const superseded = (clinic: ClinicId, { type, id }: ResourceKey, versionId: number): StoredVersion | undefined => {
    const tid = catalog.tid(clinic, type);
    const row = tid === undefined ? undefined : rowOf(connection.prepare(READ_VERSION), [tid, id, versionId]);
    return row && toVersion(type, row);
  };
  return {
    read: async (clinic, key) => current(clinic, key),
    readVersion: async (clinic, key, versionId) =>
      connection.snapshot(() => {
        const newest = current(clinic, key);
        return newest?.versionId === versionId ? newest : superseded(clinic, key, versionId);
      }),
    async readMany(clinic, keys) {
      const slice = createSlice();
      const found: StoredVersion[] = [];
      for (let i = 0; i < keys.length; i += AT_ONCE) {
        if (i > 0) await slice.breathe();
        const some = connection.snapshot(() => keys.slice(i, i + AT_ONCE).map((key) => current(clinic, key)));
        for (const version of some) if (version && !version.deleted) found.push(version);
      }
      return found;
    },
  };
}

/** Reads by key. */
import type { FhirStore, StoredVersion } from '../port.ts';
import { ask } from './ask.ts';
import { toStored, VERSION_FIELDS, type VersionFields } from './documents.ts';
import { idOf, versionIdOf } from './keys.ts';
import { CURRENT, VERSIONS, type Collections } from './schema.ts';

export type ReadPart = Pick<FhirStore, 'read' | 'readVersion' | 'readMany'>;

const MANY = 500;

export function createReads({ db }: Collections): ReadPart {
  const one = async (collection: string, id: string): Promise<VersionFields | undefined> => {
    const [found] = await ask<VersionFields>(db, { collection, filter: { _id: id }, projection: VERSION_FIELDS, limit: 1 });
    return found;
  };
  return {
    async read(clinic, key) {
      const found = await one(CURRENT, idOf(clinic, key));
      return found && toStored(found);
    },
    // The newest first: a version that is superseded meanwhile is found among the others then.
    async readVersion(clinic, key, versionId) {
      const id = idOf(clinic, key);
      const found = await one(CURRENT, id);
      if (!found || versionId > found.v) return undefined;
      if (found.v === versionId) return toStored(found);
      const older = await one(VERSIONS, versionIdOf(id, versionId));
      return older && toStored(older);
    },
    async readMany(clinic, keys) {
      const found: StoredVersion[] = [];
      for (let i = 0; i < keys.length; i += MANY) {
        const ids = keys.slice(i, i + MANY).map((key) => idOf(clinic, key));
        const question = { collection: CURRENT, filter: { _id: { $in: ids } }, projection: VERSION_FIELDS, limit: MANY };
        for (const document of await ask<VersionFields>(db, question)) if (document.d !== true) found.push(toStored(document));
      }
      return found;
    },
  };
}

/** Reads by key. */
import type { FhirStore, StoredVersion } from '../port.ts';
import { toStored, VERSION_FIELDS, type VersionFields } from './documents.ts';
import { idOf, versionIdOf } from './keys.ts';
import type { Collections } from './schema.ts';

export type ReadPart = Pick<FhirStore, 'read' | 'readVersion' | 'readMany'>;

const READING = { projection: VERSION_FIELDS, promoteBuffers: true } as const;
const MANY = 1000;

export function createReads({ current, versions }: Collections): ReadPart {
  const newest = (id: string): Promise<VersionFields | null> => current.findOne<VersionFields>({ _id: id }, READING);
  return {
    async read(clinic, key) {
      const found = await newest(idOf(clinic, key));
      return found ? toStored(found) : undefined;
    },
    // The newest first: a version that is superseded meanwhile is found among the others then.
    async readVersion(clinic, key, versionId) {
      const id = idOf(clinic, key);
      const found = await newest(id);
      if (!found || versionId > found.v) return undefined;
      if (found.v === versionId) return toStored(found);
      const older = await versions.findOne<VersionFields>({ _id: versionIdOf(id, versionId) }, READING);
      return older ? toStored(older) : undefined;
    },
    async readMany(clinic, keys) {
      const found: StoredVersion[] = [];
      for (let i = 0; i < keys.length; i += MANY) {
        const _id = { $in: keys.slice(i, i + MANY).map((key) => idOf(clinic, key)) };
        const part = await current.find<VersionFields>({ _id }, { ...READING, batchSize: MANY }).toArray();
        found.push(...part.filter(({ d }) => d !== true).map(toStored));
      }
      return found;
    },
  };
}

/** Index entries of another version than the program's, and their replacement. */
import type { ClinicId } from '../../model/ids.ts';
import { createSlice } from '../../model/slices.ts';
import { fhirError } from '../../outcome/error.ts';
import type { EntryReplacement, FhirStore } from '../port.ts';
import { toStored, VERSION_FIELDS, type CurrentDocument, type IndexFields } from './documents.ts';
import { completeFields, prepareFields } from './entries.ts';
import { idOf, indexVersionKey, typeKey } from './keys.ts';
import { INDEXES, type Collections } from './schema.ts';

export type ReindexPart = Pick<FhirStore, 'staleEntries' | 'replaceEntries'>;

const BATCH = 200;

export function createReindex(collections: Collections): ReindexPart {
  return {
    async staleEntries(clinic, indexVersion, after, limit) {
      const items: CurrentDocument[] = [];
      let place = parsePlace(after);
      while (items.length <= limit) {
        const found = place ? await ofVersion(collections, clinic, place, limit + 1 - items.length) : [];
        items.push(...found);
        if (items.length > limit) break;
        const next = await nextVersion(collections, clinic, indexVersion, place?.indexVersion);
        if (next === undefined) break;
        place = { indexVersion: next, created: 0 };
      }
      const last = items[limit - 1];
      const more = items.length > limit && last !== undefined;
      return { items: items.slice(0, limit).map(toStored), ...(more ? { next: JSON.stringify([last.iv, last.o]) } : {}) };
    },
    async replaceEntries(clinic, items) {
      const slice = createSlice();
      for (let i = 0; i < items.length; i += BATCH) {
        await replaceBatch(collections, clinic, items.slice(i, i + BATCH));
        const pause = slice.breathe();
        if (pause) await pause;
      }
    },
  };
}

/** Behind the resource of this index version and number of creation. */
interface Place {
  readonly indexVersion: string;
  readonly created: number;
}

function parsePlace(text: string | undefined): Place | undefined {
  if (text === undefined) return undefined;
  const [indexVersion, created] = JSON.parse(text) as unknown[];
  if (typeof indexVersion === 'string' && typeof created === 'number') return { indexVersion, created };
  throw fhirError('invalid-cursor', 'is not a place in this walk', 'Start again.');
}

function ofVersion(
  { current }: Collections,
  clinic: ClinicId,
  { indexVersion, created }: Place,
  limit: number,
): Promise<CurrentDocument[]> {
  return current
    .find<CurrentDocument>(
      { k: indexVersionKey(clinic, indexVersion), o: { $gt: created } },
      { projection: { ...VERSION_FIELDS, o: 1, iv: 1 }, hint: INDEXES.keys, promoteBuffers: true },
    )
    .sort({ o: 1 })
    .limit(limit)
    .toArray();
}

/** Some other index version that resources have, behind `after` if one is given. */
async function nextVersion(
  { current }: Collections,
  clinic: ClinicId,
  but: string,
  after: string | undefined,
): Promise<string | undefined> {
  const own = indexVersionKey(clinic, but);
  const start = after === undefined ? indexVersionKey(clinic, '') : `${indexVersionKey(clinic, after)}\u0000`;
  // `$` follows `#`, which stands between clinic and version.
  const intervals = [
    { $gte: start, $lt: own },
    { $gte: start > `${own}\u0000` ? start : `${own}\u0000`, $lt: `${clinic}$` },
  ];
  for (const interval of intervals) {
    const found = await current.findOne({ k: { $elemMatch: interval } }, { projection: { iv: 1 }, hint: INDEXES.keys });
    if (found) return found.iv;
  }
  return undefined;
}

async function replaceBatch({ current }: Collections, clinic: ClinicId, items: readonly EntryReplacement[]): Promise<void> {
  const ids = items.map((item) => idOf(clinic, item));
  const created = new Map<string, number>();
  for await (const { _id, o } of current.find({ _id: { $in: ids } }, { projection: { o: 1 } })) created.set(_id, o);
  const updates = items.flatMap((item, i) => {
    const number = created.get(ids[i] as string);
    return number === undefined ? [] : [{ updateOne: replacement(clinic, item, number) }];
  });
  if (updates.length > 0) await current.bulkWrite(updates, { ordered: false });
}

/** Only where the version is still current, and live. */
function replacement(clinic: ClinicId, item: EntryReplacement, created: number) {
  const { versionId, entries, indexVersion } = item;
  const typed = typeKey(clinic, item.type);
  const fields = completeFields(typed, prepareFields(typed, indexVersionKey(clinic, indexVersion), entries), created);
  const absent = OPTIONAL.filter((name) => fields[name] === undefined).map((name) => [name, '']);
  const unset = absent.length === 0 ? {} : { $unset: Object.fromEntries(absent) as Record<string, ''> };
  return { filter: { _id: idOf(clinic, item), v: versionId, t: typed }, update: { $set: { ...fields, iv: indexVersion }, ...unset } };
}

const OPTIONAL = ['n', 'r', 'x', 's', 'u'] as const satisfies readonly (keyof IndexFields)[];

/**
 * History and feed: what is current and what was superseded, in the order of changes. A change moves a version from one
 * collection to the other. The current ones are read first and the superseded ones after them, both up to a number that
 * was drawn before: so what moves meanwhile is seen at least once, and twice does no harm.
 */
import type { Document } from 'mongodb';
import { asSeq, type ClinicId, type Seq } from '../../model/ids.ts';
import { NOT_IN_FEED, type FhirStore, type HistoryPage, type HistoryQuery, type StoredVersion } from '../port.ts';
import { createRecent } from '../recent.ts';
import { ask } from './ask.ts';
import { toStored, VERSION_FIELDS, type VersionFields } from './documents.ts';
import { deletedKey, typeKey } from './keys.ts';
import { CURRENT, INDEXES, VERSIONS, type Collections, type IndexName } from './schema.ts';

export type HistoryPart = Pick<FhirStore, 'history' | 'changes' | 'lastSeq' | 'clinics'>;

const MAX_MS = 15_000;
/** More types than this are looked for among all. */
const FEW_TYPES = 50;

export function createHistory(collections: Collections): HistoryPart {
  const lastSeq = createRecent(async (clinic) => {
    const counter = await collections.counters.findOne({ _id: clinic }, { readConcern: { level: 'majority' } });
    return asSeq(counter?.seq ?? 0);
  });
  return {
    lastSeq,
    async changes(clinic, after, limit) {
      const last = await lastSeq(clinic);
      return last <= after ? [] : await changesUpTo(collections, clinic, after, last, limit);
    },
    async history(clinic, query) {
      if (query.scope.types?.length === 0) return { items: [], total: 0 };
      return await historyPage(collections, clinic, query, await lastSeq(clinic));
    },
    async clinics() {
      const found = await collections.counters.find({ seq: { $gt: 0 } }, { projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id as ClinicId);
    },
  };
}

async function changesUpTo({ db }: Collections, clinic: ClinicId, after: Seq, last: Seq, limit: number): Promise<StoredVersion[]> {
  const typed = typeKey(clinic, NOT_IN_FEED);
  const leftOut = [typed, deletedKey(typed)];
  const read = (collection: string, upTo: number): Promise<VersionFields[]> =>
    ask(db, {
      ...READING,
      collection,
      filter: { c: clinic, seq: { $gt: after, $lte: upTo }, t: { $nin: leftOut } },
      sort: { seq: 1 },
      index: INDEXES.feed,
      limit,
    });
  const current = await read(CURRENT, last);
  const end = current.length === limit ? (current.at(-1) as VersionFields).seq : last;
  const dense = current.length === end - after;
  const superseded = dense ? [] : await read(VERSIONS, end);
  return merged(current, superseded, (a, b) => a.seq - b.seq)
    .slice(0, limit)
    .map(toStored);
}

const READING = { projection: VERSION_FIELDS, majority: true, maxTimeMS: MAX_MS } as const;

function merged(
  current: readonly VersionFields[],
  superseded: readonly VersionFields[],
  order: (a: VersionFields, b: VersionFields) => number,
): VersionFields[] {
  const seen = new Set(current.map(({ seq }) => seq));
  return [...current, ...superseded.filter(({ seq }) => !seen.has(seq))].sort(order);
}

/** Where in a collection the versions of a scope are, and in which order they are read. */
interface Range {
  readonly filter: Document;
  readonly index: IndexName;
  readonly sort: Readonly<Record<string, -1>>;
}

async function historyPage({ db }: Collections, clinic: ClinicId, query: HistoryQuery, last: Seq): Promise<HistoryPage> {
  const [newest, older] = [rangeOf(clinic, query, false), rangeOf(clinic, query, true)];
  const below = { seq: { $lt: Math.min(query.below ?? Infinity, last + 1) } };
  const read = (collection: string, { filter, index, sort }: Range): Promise<VersionFields[]> =>
    ask(db, { ...READING, collection, filter: { $and: [filter, below] }, index, sort, limit: query.limit + 1 });
  const count = async (collection: string, { filter, index }: Range): Promise<number> =>
    (await db.command({ count: collection, query: filter, hint: index, maxTimeMS: MAX_MS }))['n'] as number;
  const first = await read(CURRENT, newest);
  const second = await read(VERSIONS, older);
  const [a, b] = await Promise.all([count(CURRENT, newest), count(VERSIONS, older)]);
  const all = merged(first, second, (x, y) => y.seq - x.seq);
  const items = all.slice(0, query.limit).map(toStored);
  return { items, total: a + b, ...(all.length > query.limit ? { next: (items.at(-1) as StoredVersion).seq } : {}) };
}

function rangeOf(clinic: ClinicId, query: HistoryQuery, superseded: boolean): Range {
  const { scope } = query;
  const times = { $and: timesOf(query, superseded) };
  if (scope.type !== undefined && scope.id !== undefined) {
    const id = `${typeKey(clinic, scope.type)}/${scope.id}`;
    return { filter: { _id: superseded ? { $gt: `${id}/`, $lt: `${id}0` } : id, ...times }, index: INDEXES.ids, sort: { _id: -1 } };
  }
  const types = scope.type === undefined ? scope.types : [scope.type];
  if (types === undefined) return { filter: { c: clinic, ...times }, index: INDEXES.feed, sort: { seq: -1 } };
  const typed = types.map((type) => typeKey(clinic, type)).flatMap((type) => (superseded ? [type] : [type, deletedKey(type)]));
  if (types.length > FEW_TYPES) return { filter: { c: clinic, t: { $in: typed }, ...times }, index: INDEXES.feed, sort: { seq: -1 } };
  return { filter: { t: { $in: typed }, ...times }, index: INDEXES.times, sort: { at: -1, seq: -1 } };
}

/** A superseded version was current until its successor came. */
function timesOf({ since, currentWithin }: HistoryQuery, superseded: boolean): Document[] {
  return [
    {},
    ...(since === undefined ? [] : [{ at: { $gte: since } }]),
    ...(currentWithin === undefined ? [] : [{ at: { $lte: currentWithin.to } }]),
    ...(currentWithin === undefined || !superseded ? [] : [{ until: { $gt: currentWithin.from } }]),
  ];
}

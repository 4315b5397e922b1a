/** What a sort goes by, in one type: a key with an index, a plain value, the id, or the time of the last change. */
import type { Document } from 'mongodb';
import type { SortTerm } from '../port.ts';
import type { SortValue } from './cursors.ts';
import type { CurrentDocument } from './documents.ts';
import { backwardKey, forwardKey, valueOfKey } from './keys.ts';
import { INDEXES, type IndexName } from './schema.ts';

/** A place in the order: behind the resource of this value and number of creation. */
export interface Place {
  readonly value: SortValue;
  readonly created: number;
}

export interface Column {
  readonly descending: boolean;
  /** What to read for `value`. */
  readonly field: string;
  value(document: CurrentDocument): SortValue;
  /** Order of those that have a value, ties in natural order. */
  readonly sort: Readonly<Record<string, 1 | -1>>;
  /** The index that gives it. */
  readonly index?: IndexName;
  /** Those that have a value, behind a place. */
  present(after: Place | undefined): Document;
  /** Those that have none; absent where all have one. */
  readonly missing?: Document;
  /** Read backwards, the server gives those without a value last by itself: all behind a place, and their order. */
  readonly whole?: { readonly behind: (after: Place | undefined) => Document; readonly sort: Readonly<Record<string, 1 | -1>> };
}

/** @param typed `clinic/type` @param keyed whether the parameter has keys under the index */
export function columnOf({ param, descending }: SortTerm, typed: string, keyed: boolean): Column {
  if (param === '_id') return idColumn(typed, descending);
  if (param === '_lastUpdated') return timeColumn(typed, descending);
  return keyed ? keyColumn(typed, param, descending) : plainColumn(param, descending);
}

function idColumn(typed: string, descending: boolean): Column {
  const [start, end] = [`${typed}/`, `${typed}0`];
  return {
    descending,
    field: '_id',
    value: ({ _id }) => _id.slice(start.length),
    sort: { _id: descending ? -1 : 1 },
    index: INDEXES.ids,
    present: (after) => {
      const place = after ? `${start}${String(after.value)}` : undefined;
      return { _id: descending ? { $gt: start, $lt: place ?? end } : { $gt: place ?? start, $lt: end } };
    },
  };
}

function timeColumn(typed: string, descending: boolean): Column {
  return {
    descending,
    field: 'at',
    value: ({ at }) => at,
    sort: { at: descending ? -1 : 1, o: 1 },
    present: (after) => ({ t: typed, ...(after ? behind('at', descending, after) : {}) }),
  };
}

function keyColumn(typed: string, param: string, descending: boolean): Column {
  const end = descending ? 'hi' : 'lo';
  const field = `s.${param}.${end}`;
  const key = (document: CurrentDocument): string | undefined => document.s?.[param]?.[end];
  const present = (after: Place | undefined): Document => ({ [field]: keysBehind(typed, descending, after) });
  return {
    descending,
    field,
    value: (document) => {
      const found = key(document);
      return found === undefined ? null : valueOfKey(typed, found);
    },
    sort: { [field]: descending ? -1 : 1 },
    index: INDEXES.sorts,
    present,
    ...withMissing(field, descending, present),
  };
}

/** For columns that some resources have no value for. */
function withMissing(field: string, descending: boolean, present: Column['present']): Pick<Column, 'missing' | 'whole'> {
  const missing = { [field]: { $exists: false } };
  if (!descending) return { missing };
  const behind = (after: Place | undefined): Document => {
    if (!after) return {};
    return after.value === null ? { ...missing, o: { $gt: after.created } } : { $or: [present(after), missing] };
  };
  return { missing, whole: { behind, sort: { [field]: -1, o: 1 } } };
}

function keysBehind(typed: string, descending: boolean, after: Place | undefined): Document {
  const [start, end] = [`${typed}/`, `${typed}0`];
  if (!after) return { $gte: start, $lt: end };
  const value = String(after.value);
  return descending
    ? { $gte: start, $lt: backwardKey(typed, value, after.created) }
    : { $gt: forwardKey(typed, value, after.created), $lt: end };
}

/** Sorted by the server, which takes the least of several values forwards, and the greatest backwards. */
function plainColumn(param: string, descending: boolean): Column {
  const field = `u.${param}`;
  const present = (after: Place | undefined): Document => ({
    [field]: { $exists: true },
    ...(after ? { $expr: plainBehind(`$${field}`, descending, after) } : {}),
  });
  return {
    descending,
    field,
    value: ({ u }) => {
      const found = u?.[param] ?? null;
      return typeof found === 'object' && found !== null ? found[descending ? 1 : 0] : found;
    },
    sort: { [field]: descending ? -1 : 1, o: 1 },
    present,
    ...withMissing(field, descending, present),
  };
}

function plainBehind(path: string, descending: boolean, { value, created }: Place): Document {
  const own = { [descending ? '$max' : '$min']: path };
  const literal = { $literal: value };
  return {
    $or: [{ [descending ? '$lt' : '$gt']: [own, literal] }, { $and: [{ $eq: [own, literal] }, { $gt: ['$o', created] }] }],
  };
}

const behind = (field: string, descending: boolean, { value, created }: Place): Document => ({
  $or: [{ [field]: { [descending ? '$lt' : '$gt']: value } }, { [field]: value, o: { $gt: created } }],
});

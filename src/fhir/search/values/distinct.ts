/** Leaves out entries that are there already: a claim names its encounter in every item. */
import type { IndexEntries, ReferenceEntry, StringEntry, TokenEntry } from '../entries.ts';

/** Up to this many are compared one by one, more by their text. */
const FEW = 12;

/** Only kinds that repeat in practice are looked at. */
export function distinct(entries: IndexEntries): IndexEntries {
  const token = distinctBy(entries.token, sameToken, (e) => `${e.param}\n${e.system}\n${e.code}`);
  const string = distinctBy(entries.string, sameString, (e) => `${e.param}\n${e.exact}`);
  const reference = distinctBy(entries.reference, sameReference, (e) => `${e.param}\n${e.type}\n${e.id}`);
  return token === entries.token && string === entries.string && reference === entries.reference
    ? entries
    : { ...entries, token, string, reference };
}

const sameToken = (a: TokenEntry, b: TokenEntry): boolean => a.code === b.code && a.param === b.param && a.system === b.system;
const sameString = (a: StringEntry, b: StringEntry): boolean => a.exact === b.exact && a.param === b.param;
const sameReference = (a: ReferenceEntry, b: ReferenceEntry): boolean => a.id === b.id && a.param === b.param && a.type === b.type;

/** The same array when all are distinct. */
function distinctBy<Entry>(
  entries: readonly Entry[],
  same: (a: Entry, b: Entry) => boolean,
  keyOf: (entry: Entry) => string,
): readonly Entry[] {
  if (entries.length > FEW) {
    const byKey = new Map(entries.map((e) => [keyOf(e), e]));
    return byKey.size === entries.length ? entries : [...byKey.values()];
  }
  for (let i = 1; i < entries.length; i++) {
    for (let j = 0; j < i; j++) {
      if (same(entries[i] as Entry, entries[j] as Entry)) return entries.filter((e, at) => entries.findIndex((f) => same(e, f)) === at);
    }
  }
  return entries;
}

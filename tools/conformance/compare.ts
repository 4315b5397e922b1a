/** Equality of JSON texts that tells `1.50` from `1.5`. */
import { isDeepStrictEqual } from 'node:util';

export type Tree = string | boolean | null | Tree[] | { [key: string]: Tree };

/** Numbers become their text behind a mark that no string of the input starts with. */
const NUMBER_MARK = '\u0000number:';

/** A JSON text with its numbers as they are written. */
export function readTree(text: string): Tree {
  const reviver = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? NUMBER_MARK + (context?.source ?? String(value)) : value;
  return JSON.parse(text, reviver) as Tree;
}

export const isRecord = (tree: Tree | undefined): tree is { [key: string]: Tree } =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);

/** A resource without what a server sets: id, meta.versionId, meta.lastUpdated. */
export function withoutServerParts(resource: Tree): Tree {
  if (!isRecord(resource)) return resource;
  const { id: _id, meta, ...rest } = resource;
  if (!isRecord(meta)) return rest;
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta;
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept };
}

/** The first place where two trees differ, or undefined when they are equal (the order of keys doesn't count). */
export function difference(sent: Tree, received: Tree, place = '$'): string | undefined {
  if (isDeepStrictEqual(sent, received)) return undefined;
  if (Array.isArray(sent) && Array.isArray(received)) return differenceInArrays(sent, received, place);
  if (!isRecord(sent) || !isRecord(received)) return place;
  for (const key of new Set([...Object.keys(sent), ...Object.keys(received)])) {
    const [a, b] = [sent[key], received[key]];
    if (a === undefined || b === undefined) return `${place}.${key} (${a === undefined ? 'added' : 'missing'})`;
    const found = difference(a, b, `${place}.${key}`);
    if (found) return found;
  }
  return place;
}

function differenceInArrays(sent: Tree[], received: Tree[], place: string): string | undefined {
  if (sent.length !== received.length) return `${place}.length`;
  for (const [i, item] of sent.entries()) {
    const found = difference(item, received[i] as Tree, `${place}[${i}]`);
    if (found) return found;
  }
  return place;
}

/** Replaces strings that are keys of the map, everywhere in the tree. */
export function replaceStrings(tree: Tree, map: ReadonlyMap<string, string>): Tree {
  if (typeof tree === 'string') return map.get(tree) ?? tree;
  if (Array.isArray(tree)) return tree.map((t) => replaceStrings(t, map));
  if (!isRecord(tree)) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, replaceStrings(value, map)]));
}

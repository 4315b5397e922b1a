/**
 * Ways into the data: what an index can find of a tree. Each finds all that match, and maybe more; the exact comparison
 * (`compile.ts`) follows. Which of several is taken is decided by counts (`choose.ts`).
 */
import type { Document } from 'mongodb';
import type { And, Composite, Node, Present, Reference, Text, Token, Uri } from '../../search/ast.ts';
import { fold } from '../../search/values/normalise/fold.ts';
import { isTextDriven, PAIRED_REFERENCES, PAIRED_TOKENS } from './entries.ts';
import { idsOf, urisAbove, type Scope } from './compile.ts';
import { driverKey, isWholeKey, PART, pairKey, part, partKey, sortText, typeKey } from './keys.ts';
import { afterPrefix } from './ordered.ts';
import { intervals, isDriven, meet, windowOf, type RangeKind, type Window } from './ranges.ts';
import { INDEXES, type IndexName } from './schema.ts';

export type Access = KeyAccess | PathAccess | IdAccess | TimeAccess;

/** By driving keys: whole ones, and beginnings. `exact`: finds nothing else than what it stands for. */
interface KeyAccess {
  readonly by: 'key';
  readonly points: readonly string[];
  readonly prefixes: readonly string[];
  readonly exact: boolean;
  /** Two conditions in one: nothing else finds so little. */
  readonly pair?: true;
}
/** By intervals of the keys under `s`. */
interface PathAccess {
  readonly by: 'path';
  readonly of: readonly { readonly path: string; readonly from: string; readonly before: string }[];
}
interface IdAccess {
  readonly by: 'id';
  readonly ids: readonly string[];
}
interface TimeAccess {
  readonly by: 'time';
  readonly at: Document;
  readonly types: readonly string[];
}

/** An access as a filter on one index. */
export interface Driver {
  readonly filter: Document;
  readonly index: IndexName;
  /** The index gives natural order by itself. */
  readonly ordered: boolean;
  /** The filter alone finds what the access stands for. */
  readonly exact: boolean;
  readonly pair?: true;
  /** All keys that start so, where it is these alone. */
  readonly prefix?: string;
}

/** Most points whose streams the server merges: more than there are types, fewer than its bound (`internalQueryMaxScansToExplode`, 200). */
const MERGED = 160;

/** All resources of the types. */
export const typeDriver = (scope: Scope): Driver =>
  driverOf({ by: 'key', points: scope.types.map((type) => typeKey(scope.clinic, type)), prefixes: [], exact: true });

export function driverOf(access: Access): Driver {
  switch (access.by) {
    case 'key':
      return keyDriver(access);
    case 'path':
      return {
        filter: anyOf(access.of.map(({ path, from, before }) => ({ [path]: { $gte: from, $lt: before } }))),
        index: INDEXES.sorts,
        ordered: false,
        exact: false,
      };
    case 'id':
      return { filter: { _id: { $in: access.ids } }, index: INDEXES.ids, ordered: false, exact: false };
    case 'time':
      return { filter: { t: { $in: access.types }, at: access.at }, index: INDEXES.times, ordered: false, exact: false };
  }
}

function keyDriver({ points, prefixes, exact, pair }: KeyAccess): Driver {
  const filters = [
    ...(points.length === 0 && prefixes.length > 0 ? [] : [{ k: points.length === 1 ? points[0] : { $in: points } }]),
    ...prefixes.map((prefix) => ({ k: { $elemMatch: { $gte: prefix, $lt: afterPrefix(prefix) } } })),
  ];
  const ordered = prefixes.length === 0 && points.length <= MERGED;
  const [prefix] = points.length === 0 && prefixes.length === 1 ? prefixes : [];
  return {
    filter: anyOf(filters),
    index: INDEXES.keys,
    ordered,
    exact,
    ...(pair ? { pair } : {}),
    ...(prefix === undefined ? {} : { prefix }),
  };
}

const anyOf = (filters: readonly Document[]): Document => (filters.length === 1 ? (filters[0] as Document) : { $or: filters });

/** The ways into a tree: for a conjunction one for each part that has one, for pairs of parts, and for windows of ranges. */
export function accesses(where: Node, scope: Scope): Access[] {
  const nodes = where.op === 'and' ? where.of : [where];
  const single = nodes.filter((node) => !isRange(node)).map((node) => accessOf(node, scope));
  return [...pairAccesses(nodes, scope), ...single, ...windowAccesses(nodes, scope)].filter((access) => access !== undefined);
}

function accessOf(node: Node, scope: Scope): Access | undefined {
  switch (node.op) {
    case 'none':
      return { by: 'id', ids: [] };
    case 'id':
      return { by: 'id', ids: idsOf(node.ids, scope) };
    case 'last-updated':
      return timeAccess(windowOf(node.bounds), scope);
    case 'or':
      return orAccess(node.of.map((n) => accessOf(n, scope)));
    case 'and':
      return andAccess(node, scope);
    case 'date':
    case 'number':
    case 'quantity':
      return windowAccess(node.op, node.param, windowOf(node.bounds), scope);
    default:
      return keyAccess(node, scope);
  }
}

function keyAccess(node: Node, scope: Scope): KeyAccess | undefined {
  switch (node.op) {
    case 'token':
      return tokenAccess(node, scope);
    case 'string':
      return textAccess(node, scope);
    case 'reference':
      return points(scope, node.param, [part(node.id)]);
    case 'reference-in':
      return points(scope, node.param, [...new Set(node.targets.map(({ id }) => part(id)))]);
    case 'uri':
      return uriAccess(node, scope);
    case 'composite':
      return compositeAccess(node, scope);
    case 'present':
      return presentAccess(node, scope);
    default:
      return undefined;
  }
}

const typed = (scope: Scope): string[] => scope.types.map((type) => typeKey(scope.clinic, type));

const points = (scope: Scope, param: string, values: readonly string[], exact = false): KeyAccess => ({
  by: 'key',
  points: typed(scope).flatMap((type) => values.map((value) => driverKey(type, param, value))),
  prefixes: [],
  exact,
});

const prefixes = (scope: Scope, param: string, value: string): KeyAccess => ({
  by: 'key',
  points: [],
  prefixes: typed(scope).map((type) => driverKey(type, param, value)),
  exact: false,
});

const tokenAccess = ({ param, system, code }: Token, scope: Scope): KeyAccess | undefined =>
  code === undefined ? undefined : points(scope, param, [part(code)], system === undefined && isWholeKey(code));

function textAccess({ param, match, value }: Text, scope: Scope): KeyAccess | undefined {
  if (match === 'contains' || !isTextDriven(param)) return undefined;
  return match === 'exact' ? points(scope, param, [fold(value)]) : prefixes(scope, param, value);
}

function uriAccess({ param, match, value }: Uri, scope: Scope): KeyAccess {
  if (match === 'exact') return points(scope, param, [value]);
  return match === 'above' ? points(scope, param, urisAbove(value)) : prefixes(scope, param, value);
}

/** By the first part that names a code. */
function compositeAccess({ parts }: Composite, scope: Scope): KeyAccess | undefined {
  const codes = parts.flatMap((p) => (p.op === 'and' ? p.of : [p])).find((p) => p.op === 'token' && p.code !== undefined) as
    Token | undefined;
  if (codes?.code === undefined) return undefined;
  const code = codes.code;
  return { by: 'key', points: typed(scope).map((type) => partKey(type, code)), prefixes: [], exact: false };
}

/** All parts must have a way in, and by the same index. */
function orAccess(of: readonly (Access | undefined)[]): Access | undefined {
  const [first] = of;
  if (first === undefined || of.some((access) => access?.by !== first.by)) return undefined;
  if (first.by === 'key') {
    const all = of as readonly KeyAccess[];
    const exact = all.every((access) => access.exact);
    return { by: 'key', points: [...new Set(all.flatMap((a) => a.points))], prefixes: all.flatMap((a) => a.prefixes), exact };
  }
  if (first.by === 'path') return { by: 'path', of: (of as readonly PathAccess[]).flatMap((access) => access.of) };
  return first.by === 'id' ? { by: 'id', ids: [...new Set((of as readonly IdAccess[]).flatMap((access) => access.ids))] } : undefined;
}

/** Within an `or`: any part will do. Not exact, since the other parts are left out. */
function andAccess(node: And, scope: Scope): Access | undefined {
  const [first] = accesses(node, scope);
  return first?.by === 'key' ? { ...first, exact: false } : first;
}

function timeAccess({ from, to }: Window, scope: Scope): TimeAccess | undefined {
  if (from === undefined && to === undefined) return undefined;
  const at = { ...(from === undefined ? {} : { $gte: from }), ...(to === undefined ? {} : { $lte: to }) };
  return { by: 'time', at, types: typed(scope) };
}

/** Reference and token of a pair that is indexed as one. */
function pairAccesses(nodes: readonly Node[], scope: Scope): KeyAccess[] {
  const references = nodes.filter((n): n is Reference => n.op === 'reference' && PAIRED_REFERENCES.has(n.param) && Boolean(n.type));
  const tokens = nodes.filter((n): n is Token => n.op === 'token' && PAIRED_TOKENS.has(n.param) && n.code !== undefined);
  return references.flatMap(({ type, id }) =>
    tokens.map(({ param, code }) => ({
      by: 'key',
      points: typed(scope).map((t) => pairKey(t, param, type as string, id, code as string)),
      prefixes: [],
      exact: false,
      pair: true,
    })),
  );
}

function presentAccess({ param, kind }: Present, scope: Scope): KeyAccess | undefined {
  if (kind === 'composite' || isRangeKind(kind) || (kind === 'string' && !isTextDriven(param))) return undefined;
  return prefixes(scope, param, '');
}

const isRangeKind = (op: string): op is RangeKind => op === 'date' || op === 'number' || op === 'quantity';
const isRange = (node: Node): node is Extract<Node, { op: RangeKind }> => isRangeKind(node.op);

/** Several conditions on one parameter's ranges (`ge…` and `lt…`) make one window. */
function windowAccesses(nodes: readonly Node[], scope: Scope): (PathAccess | undefined)[] {
  const windows = new Map<string, { kind: RangeKind; param: string; window: Window }>();
  for (const node of nodes.filter(isRange)) {
    const key = `${node.op} ${node.param}`;
    const window = windowOf(node.bounds);
    windows.set(key, { kind: node.op, param: node.param, window: meet(windows.get(key)?.window ?? {}, window) });
  }
  return [...windows.values()].map(({ kind, param, window }) => windowAccess(kind, param, window, scope));
}

function windowAccess(kind: RangeKind, param: string, window: Window, scope: Scope): PathAccess | undefined {
  if (!isDriven(kind, param)) return undefined;
  const of = typed(scope).flatMap((type) =>
    intervals(kind, window).map(({ path, from, to }) => ({
      path: `s.${param}.${path}`,
      from: from === undefined ? `${type}/` : `${type}/${sortText(from)}`,
      before: to === undefined ? afterPrefix(`${type}/`) : afterPrefix(`${type}/${sortText(to)}${PART}`),
    })),
  );
  return { by: 'path', of };
}

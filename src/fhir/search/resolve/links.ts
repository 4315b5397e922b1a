/** Answers chains and `_has` through the store: each becomes a set of ids. */
import type { ClinicId, ResourceKey, ResourceType } from '../../model/ids.ts';
import type { FhirStore } from '../../store/port.ts';
import { and, NONE, not, or, type Chain, type Has, type Node } from '../ast.ts';

/** Where links are answered, and until when. */
export interface LinkScope {
  readonly store: FhirStore;
  readonly clinic: ClinicId;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

/** As many ids may go from one step to the next. */
export const MAX_STEP = 10_000;

export function hasLinks(node: Node): boolean {
  switch (node.op) {
    case 'and':
    case 'or':
      return node.of.some(hasLinks);
    case 'not':
      return hasLinks(node.of);
    default:
      return node.op === 'chain' || node.op === 'has';
  }
}

type LinkAnswer<T> = (link: Chain | Has) => Promise<T>;

/** The tree with every outermost link replaced by its answer; undefined as soon as one has none. */
export async function replaceLinks<T extends Node | undefined>(node: Node, answer: LinkAnswer<T>): Promise<Node | T> {
  switch (node.op) {
    case 'and':
    case 'or': {
      const of: Node[] = [];
      for (const n of node.of) {
        const replaced = await replaceLinks(n, answer);
        if (replaced === undefined) return replaced;
        of.push(replaced);
      }
      return node.op === 'and' ? and(...of) : or(...of);
    }
    case 'not': {
      const of = await replaceLinks(node.of, answer);
      return of === undefined ? of : not(of);
    }
    case 'chain':
    case 'has':
      return answer(node);
    default:
      return node;
  }
}

/** Replaces the links whose inner side is at most `limit` resources. Larger ones stay, for another way to answer them. */
export function settle(scope: LinkScope, types: readonly ResourceType[], node: Node, limit: number): Promise<Node> {
  return replaceLinks<Node>(node, async (link) => {
    const type = link.type as ResourceType;
    const where = await settle(scope, [type], link.where, limit);
    if (where.op === 'none') return NONE;
    const open = { ...link, where };
    if (hasLinks(where)) return open;
    const found = link.op === 'chain' ? await idsOf(scope, type, where, limit) : await targetsOf(scope, [type], where, link.param, limit);
    if (!found) return open;
    return link.op === 'chain' ? referenceIn(link.param, found) : keysNode(types, found);
  });
}

/**
 * A tree without links that tells, of the resources `keys` alone, what `node` tells. Undefined if even so a step is
 * too large: then fewer keys may do.
 */
export function settleWithin(
  scope: LinkScope,
  types: readonly ResourceType[],
  keys: readonly ResourceKey[],
  node: Node,
): Promise<Node | undefined> {
  return replaceLinks<Node | undefined>(node, (link) =>
    link.op === 'chain' ? chainWithin(scope, types, keys, link) : hasWithin(scope, types, keys, link),
  );
}

async function chainWithin(
  scope: LinkScope,
  types: readonly ResourceType[],
  keys: readonly ResourceKey[],
  link: Chain,
): Promise<Node | undefined> {
  const type = link.type as ResourceType;
  const targets = await targetsOf(scope, types, keysNode(types, keys), link.param, MAX_STEP);
  const own = targets?.filter((t) => t.type === type);
  if (!own || own.length === 0) return own && NONE;
  const where = await settleWithin(scope, [type], own, link.where);
  const found = where && (await idsOf(scope, type, and(keysNode([type], own), where), MAX_STEP));
  return found && referenceIn(link.param, found);
}

async function hasWithin(
  scope: LinkScope,
  types: readonly ResourceType[],
  keys: readonly ResourceKey[],
  link: Has,
): Promise<Node | undefined> {
  const type = link.type as ResourceType;
  const refers = referenceIn(link.param, keys);
  const where = hasLinks(link.where) ? await referrersWithin(scope, type, refers, link.where) : and(refers, link.where);
  const targets = where && (await targetsOf(scope, [type], where, link.param, MAX_STEP));
  if (targets) return keysNode(types, targets);
  return where && keys.length === 1 ? ((await isAny(scope, type, where)) ? keysNode(types, keys) : NONE) : undefined;
}

/** For what refers to more resources than a step takes: of a single key it is enough to know that something refers to it. */
async function isAny(scope: LinkScope, type: ResourceType, where: Node): Promise<boolean> {
  const page = await scope.store.search(scope.clinic, {
    types: [type],
    where,
    order: 'natural',
    limit: 1,
    bodies: false,
    deadline: scope.deadline,
  });
  return page.items.length > 0;
}

/** Where what refers must itself be found by links: those that refer are the keys of the next step. */
async function referrersWithin(scope: LinkScope, type: ResourceType, refers: Node, where: Node): Promise<Node | undefined> {
  const referrers = await idsOf(scope, type, refers, MAX_STEP);
  const settled = referrers && (await settleWithin(scope, [type], referrers, where));
  return settled && and(keysNode([type], referrers), refers, settled);
}

async function idsOf(scope: LinkScope, type: ResourceType, where: Node, limit: number): Promise<readonly ResourceKey[] | undefined> {
  if (where.op === 'none') return [];
  const page = await scope.store.search(scope.clinic, {
    types: [type],
    where,
    order: 'natural',
    limit,
    bodies: false,
    deadline: scope.deadline,
  });
  return page.next === undefined ? page.items.map(({ type, id }) => ({ type, id })) : undefined;
}

async function targetsOf(
  scope: LinkScope,
  types: readonly ResourceType[],
  where: Node,
  param: string,
  limit: number,
): Promise<ResourceKey[] | undefined> {
  if (where.op === 'none') return [];
  const { targets, complete } = await scope.store.searchTargets(scope.clinic, { types, where, deadline: scope.deadline }, param, limit);
  return complete ? targets : undefined;
}

const referenceIn = (param: string, targets: readonly ResourceKey[]): Node =>
  targets.length === 0 ? NONE : { op: 'reference-in', param, targets };

/** Exactly these resources. Where several types are searched an id alone could be of any of them. */
export function keysNode(types: readonly ResourceType[], keys: readonly ResourceKey[]): Node {
  const byType = Map.groupBy(keys, (k) => k.type);
  return or(
    ...types.flatMap((type) => {
      const ids = byType.get(type)?.map((k) => k.id);
      return ids ? [types.length === 1 ? idNode(ids) : and({ op: 'type', types: [type] }, idNode(ids))] : [];
    }),
  );
}

const idNode = (ids: readonly string[]): Node => ({ op: 'id', ids });

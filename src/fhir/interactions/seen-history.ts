/** Pages of versions under the access filter: only what the caller may see, and nothing that tells of the rest. */
import type { ResourceKey, ResourceType, Seq } from '../model/ids.ts';
import { createSlice } from '../model/slices.ts';
import { fhirError, type FhirError } from '../outcome/error.ts';
import type { Node } from '../search/ast.ts';
import { searchLinked } from '../search/resolve.ts';
import { keysNode } from '../search/resolve/links.ts';
import { rewrite } from '../search/rewrite/index.ts';
import type { HistoryPage, HistoryQuery, StoredVersion } from '../store/port.ts';
import type { FhirDeps } from './deps.ts';
import type { RequestContext } from './message.ts';
import { keyText, maySee } from './permit.ts';

export interface SeenPage {
  readonly items: readonly StoredVersion[];
  readonly next?: Seq | undefined;
  /** Left out under a filter: what it leaves isn't counted. */
  readonly total?: number;
}

/** Versions that are looked at for one page. */
const MAX_TESTED = 50_000;
const BATCH = 200;

type SeenAction = 'read' | 'search';

/**
 * As the store's history. A version is seen if it and the current one match the filter; where the resource was deleted,
 * what was deleted counts as the current one, and tells whether the deletion is seen. Throws `too-costly` where too little
 * of what there is may be seen.
 */
export async function seenHistory(deps: FhirDeps, context: RequestContext, query: HistoryQuery): Promise<SeenPage> {
  const { clinic } = context.principal;
  const action = query.scope.id === undefined ? 'search' : 'read';
  if (typesOf(deps, query).every((type) => context.access.restrict(type, action) === 'all')) return deps.store.history(clinic, query);
  const items: StoredVersion[] = [];
  let below = query.below;
  for (let tested = 0; tested < MAX_TESTED && deps.clock.now() <= context.deadline;) {
    const page = await deps.store.history(clinic, {
      ...query,
      limit: Math.max(BATCH, query.limit),
      ...(below === undefined ? {} : { below }),
    });
    items.push(...(await seenOf(deps, context, action, page)));
    // One more than the page takes tells that there is another.
    if (items.length > query.limit) return { items: items.slice(0, query.limit), next: items[query.limit - 1]?.seq };
    if (page.next === undefined) return { items };
    below = page.next;
    tested += page.items.length;
  }
  throw tooCostly();
}

const typesOf = (deps: FhirDeps, { scope }: HistoryQuery): readonly string[] =>
  scope.type === undefined ? (scope.types ?? [...deps.definitions.resourceTypes]) : [scope.type];

async function seenOf(deps: FhirDeps, context: RequestContext, action: SeenAction, { items }: HistoryPage): Promise<StoredVersion[]> {
  const current = await seenKeys(deps, context, action, items);
  const slice = createSlice();
  const seen: StoredVersion[] = [];
  for (const version of items) {
    if (current.has(keyText(version)) && (await maySee(deps, context, action, version))) seen.push(version);
    const pause = slice.breathe();
    if (pause) await pause;
  }
  return seen;
}

/** Keys of resources whose current version may be seen, or was when it was deleted. */
async function seenKeys(
  deps: FhirDeps,
  context: RequestContext,
  action: SeenAction,
  versions: readonly StoredVersion[],
): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (const [type, of] of Map.groupBy(versions, (v) => v.type)) {
    const filter = context.access.restrict(type, action);
    if (filter === 'none') continue;
    const keys = [...new Map(of.map((v) => [v.id, { type, id: v.id }])).values()];
    const found = filter === 'all' ? keys : await seenOfType(deps, context, action, keys);
    for (const key of found) seen.add(keyText(key));
  }
  return seen;
}

async function seenOfType(
  deps: FhirDeps,
  context: RequestContext,
  action: SeenAction,
  keys: readonly ResourceKey[],
): Promise<ResourceKey[]> {
  const [{ type }] = keys as [ResourceKey];
  const among = keysNode([type], keys);
  const seen = await find(deps, context, type, rewrite(among, [type], context.access, action), keys.length);
  const unseen = keys.filter((key) => !seen.some((s) => s.id === key.id));
  if (unseen.length === 0) return seen;
  const live = new Set((await find(deps, context, type, among, keys.length)).map((key) => key.id));
  for (const key of unseen) {
    if (live.has(key.id)) continue;
    const version = await deps.store.read(context.principal.clinic, key);
    if (version?.deleted && (await maySee(deps, context, action, version))) seen.push(key);
  }
  return seen;
}

async function find(deps: FhirDeps, context: RequestContext, type: ResourceType, where: Node, limit: number): Promise<ResourceKey[]> {
  const scope = { store: deps.store, clinic: context.principal.clinic, deadline: context.deadline };
  const page = await searchLinked(scope, { types: [type], where, order: 'natural', limit, bodies: false, deadline: context.deadline });
  return page.items.map(({ id }) => ({ type, id }));
}

const tooCostly = (): FhirError =>
  fhirError('too-costly', 'too little of this history may be seen by you to find a page of it', 'Ask for the history of a resource.');

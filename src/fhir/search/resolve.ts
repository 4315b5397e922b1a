/** Search with chains and `_has`: from the rarer side, in steps of ids, or driven by the other predicates. */
import type { ClinicId, ResourceType } from '../model/ids.ts';
import type { FhirStore, MatchQuery, StorePage, StoreQuery } from '../store/port.ts';
import { and, type Node } from './ast.ts';
import { drive, outerPart, tooCostly } from './resolve/drive.ts';
import { hasLinks, keysNode, MAX_STEP, settle, settleWithin, type LinkScope } from './resolve/links.ts';

export type { LinkScope };

/** A side with so few resources is answered at once. */
const FEW = 500;
/** Pages that a count may take when it has to look at every candidate. */
const COUNT_PAGES = 20;
const COUNT_PAGE = 1000;

/** As `FhirStore.search`, for trees that may have `chain` and `has`. Throws `too-costly` rather than leave anything out. */
export async function searchLinked(scope: LinkScope, query: StoreQuery): Promise<StorePage> {
  if (query.where.op === 'none') return { items: [] };
  const where = hasLinks(query.where) ? await settleBySize(scope, query) : query.where;
  if (where.op === 'none') return { items: [] };
  return hasLinks(where) ? drive(scope, { ...query, where }) : scope.store.search(scope.clinic, { ...query, where });
}

/** As `FhirStore.count`, for trees that may have `chain` and `has`. */
export async function countLinked(scope: LinkScope, query: MatchQuery): Promise<number> {
  if (query.where.op === 'none') return 0;
  const where = hasLinks(query.where) ? await settleBySize(scope, query) : query.where;
  if (where.op === 'none') return 0;
  return hasLinks(where) ? countDriven(scope, { ...query, where }) : scope.store.count(scope.clinic, { ...query, where });
}

/** The tree without links, for conditions that a commit checks. Throws `too-costly` where an inner side is over 10,000 resources. */
export async function resolve(
  deps: { readonly store: FhirStore },
  request: { readonly principal: { readonly clinic: ClinicId }; readonly deadline: number },
  types: readonly ResourceType[],
  where: Node,
): Promise<Node> {
  if (!hasLinks(where)) return where;
  const settled = await settle({ store: deps.store, clinic: request.principal.clinic, deadline: request.deadline }, types, where, MAX_STEP);
  if (hasLinks(settled)) throw tooCostly();
  return settled;
}

/** Few inner resources are listed; otherwise, few outer ones are tested; otherwise, many inner ones are listed. Links that are larger still stay. */
async function settleBySize(scope: LinkScope, query: MatchQuery): Promise<Node> {
  const few = await settle(scope, query.types, query.where, FEW);
  if (!hasLinks(few)) return few;
  return (await settleCandidates(scope, query, few)) ?? settle(scope, query.types, few, MAX_STEP);
}

/** Undefined when the outer predicates leave too many. */
async function settleCandidates(scope: LinkScope, query: MatchQuery, where: Node): Promise<Node | undefined> {
  const outer = outerPart(where);
  if (outer.op === 'all' && !query.seq) return undefined;
  const { types, seq, deadline } = query;
  const page = await scope.store.search(scope.clinic, {
    types,
    where: outer,
    deadline,
    order: 'natural',
    limit: FEW,
    bodies: false,
    ...(seq ? { seq } : {}),
  });
  if (page.next !== undefined) return undefined;
  const settled = await settleWithin(scope, types, page.items, where);
  return settled && and(keysNode(types, page.items), settled);
}

async function countDriven(scope: LinkScope, query: MatchQuery): Promise<number> {
  let count = 0;
  let after: string | undefined;
  for (let pages = 0; pages < COUNT_PAGES; pages++) {
    const page = await drive(scope, {
      ...query,
      order: 'natural',
      limit: COUNT_PAGE,
      bodies: false,
      ...(after === undefined ? {} : { after }),
    });
    count += page.items.length;
    if (page.next === undefined) return count;
    after = page.next;
  }
  throw tooCostly();
}

/**
 * Searches whose links have too many answers to list: the other predicates give candidates in order, and batch by
 * batch it is asked which of them the links let through.
 */
import type { FoundVersion, StorePage, StoreQuery } from '../../store/port.ts';
import { fhirError, type FhirError } from '../../outcome/error.ts';
import { and, type Node } from '../ast.ts';
import { hasLinks, keysNode, settleWithin, type LinkScope } from './links.ts';

const FIRST_BATCH = 100;
const LARGEST_BATCH = 1000;
/** Candidates one page may cost. */
const MAX_TESTED = 50_000;

/** The part of a tree that needs no links: true of whatever the whole tree is true of. */
export const outerPart = (node: Node): Node =>
  node.op === 'and' ? and(...node.of.filter((n) => !hasLinks(n))) : hasLinks(node) ? { op: 'all' } : node;

/** Throws `too-costly` when the page isn't full after `MAX_TESTED` candidates. */
export async function drive(scope: LinkScope, query: StoreQuery): Promise<StorePage> {
  const items: FoundVersion[] = [];
  let after = query.after;
  let size = FIRST_BATCH;
  for (let tested = 0; tested <= MAX_TESTED;) {
    const batch = await testBatch(scope, query, after, size);
    const fits = batch && sizeThatFits(batch, query.limit - items.length);
    if (!batch || fits !== undefined) {
      size = smaller(size, fits);
      continue;
    }
    items.push(...batch.found);
    if (batch.next === undefined) return { items };
    if (items.length === query.limit) return { items, next: batch.next };
    after = batch.next;
    tested += batch.candidates.length;
    size = Math.min(size * 2, LARGEST_BATCH);
  }
  throw tooCostly();
}

interface Batch {
  readonly candidates: readonly FoundVersion[];
  /** Those of the candidates that match, in the same order. */
  readonly found: readonly FoundVersion[];
  readonly next?: string;
}

/** Undefined if the links of so many candidates are more than one step can take. */
async function testBatch(scope: LinkScope, query: StoreQuery, after: string | undefined, size: number): Promise<Batch | undefined> {
  const { after: _start, ...rest } = query;
  const outer: StoreQuery = {
    ...rest,
    where: outerPart(query.where),
    limit: size,
    bodies: false,
    ...(after === undefined ? {} : { after }),
  };
  const page = await scope.store.search(scope.clinic, outer);
  const candidates = page.items;
  const next = page.next === undefined ? {} : { next: page.next };
  if (candidates.length === 0) return { candidates, found: [], ...next };
  const settled = await settleWithin(scope, query.types, candidates, query.where);
  if (!settled) return undefined;
  const where = and(keysNode(query.types, candidates), settled);
  const found = where.op === 'none' ? [] : (await scope.store.search(scope.clinic, { ...rest, where, limit: size })).items;
  return { candidates, found, ...next };
}

/**
 * A page ends where a batch ends, since only there the store says how to go on. When more is found than the page takes,
 * this is the size of a batch that ends with the last that it takes.
 */
function sizeThatFits(batch: Batch, room: number): number | undefined {
  if (batch.found.length <= room) return undefined;
  const last = batch.found[room - 1] as FoundVersion;
  const at = batch.candidates.findIndex((c) => c.id === last.id && c.type === last.type);
  return at + 1;
}

function smaller(size: number, fits: number | undefined): number {
  if (fits !== undefined && fits > 0 && fits < size) return fits;
  if (size <= 1) throw tooCostly();
  return Math.floor(size / 2);
}

export const tooCostly = (): FhirError =>
  fhirError(
    'too-costly',
    'a chain or _has reaches too many resources to be answered',
    'Add parameters that restrict either side, such as a date or a code.',
  );

/**
 * Pages are bounded by bytes as well: they are filled in steps, and end when their bodies have so many together. A page
 * so is several smaller ones, one behind the other, and the walk is the same.
 */
import type { StoredVersion } from '../store/port.ts';

/** Bodies of one page together, but for what its last step brings. */
export const PAGE_BYTES = 32_000_000;
/** Versions that are read at once: a step of the largest is held in memory in any case. */
export const PAGE_STEP = 50;

type Sized = Pick<StoredVersion, 'body'>;

interface Part<Next> {
  readonly items: readonly Sized[];
  readonly next?: Next;
}

/** Reads on from `next` (undefined: the start), at most so many, until the page is full or nothing follows. */
export async function fillPage<Next, Page extends Part<Next>>(
  limit: number,
  read: (limit: number, next: Next | undefined) => Promise<Page>,
  maxBytes = PAGE_BYTES,
): Promise<Page> {
  const first = await read(Math.min(limit, PAGE_STEP), undefined);
  if (first.next === undefined || first.items.length >= limit) return first;
  const items = [...first.items];
  let bytes = bytesOf(items);
  let next: Next | undefined = first.next;
  while (next !== undefined && items.length < limit && bytes < maxBytes) {
    const page: Page = await read(Math.min(limit - items.length, PAGE_STEP), next);
    items.push(...page.items);
    bytes += bytesOf(page.items);
    next = page.next;
  }
  const { next: _first, ...rest } = first;
  return { ...rest, items, ...(next === undefined ? {} : { next }) } as unknown as Page;
}

/** What the bodies have together. */
export const bytesOf = (versions: readonly Sized[]): number => versions.reduce((sum, { body }) => sum + body.length, 0);

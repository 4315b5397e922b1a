/**
 * Group commit: items that arrive while one commit is under way, or in the same turn of the event loop, go in the next one
 * together, in the order they came. Alone, an item waits for nothing; under load one `fsync` (or one round trip) serves many.
 */
import { setImmediate } from 'node:timers/promises';

/** What became of one item: its own outcome, whatever became of the others of its group. */
export type Settled<Outcome> = { readonly ok: true; readonly value: Outcome } | { readonly ok: false; readonly error: unknown };

export interface GroupOptions<Item, Outcome> {
  /**
   * Commits a group; called again only after the promise is settled. Answers one outcome an item, in order.
   * A rejection is the outcome of every item of the group.
   */
  readonly commit: (items: readonly Item[]) => Promise<readonly Settled<Outcome>[]>;
  /** Most items in a group. */
  readonly maxItems: number;
  /** Most weight in a group; an item that is heavier goes alone. */
  readonly maxWeight: number;
  /** What an item adds to its group, in the unit of `maxWeight`: bytes, say. */
  readonly weightOf: (item: Item) => number;
}

export interface GroupCommitter<Item, Outcome> {
  /** Resolves or rejects with the item's own outcome, after the commit. */
  add(item: Item): Promise<Outcome>;
  /** Resolves once nothing is queued or under way. */
  idle(): Promise<void>;
}

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly weight: number;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

/** A committer with one commit under way at a time. */
export function createGroupCommitter<Item, Outcome>(options: GroupOptions<Item, Outcome>): GroupCommitter<Item, Outcome> {
  let queue: Waiting<Item, Outcome>[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    // Those whose commit has just ended come again within the turn: without it, each round would begin with a group of one.
    for (await setImmediate(); queue.length > 0; await setImmediate()) {
      const size = groupSize(queue, options);
      const group = queue.slice(0, size);
      queue = queue.slice(size);
      await commitGroup(group, options.commit);
    }
    running = undefined;
  };

  return {
    add(item) {
      return new Promise<Outcome>((resolve, reject) => {
        queue.push({ item, weight: options.weightOf(item), resolve, reject });
        running ??= drain();
      });
    },
    async idle() {
      while (running) await running;
    },
  };
}

/** How many of those that wait first go together: at least one. */
function groupSize<Item, Outcome>(queue: readonly Waiting<Item, Outcome>[], options: GroupOptions<Item, Outcome>): number {
  let weight = 0;
  const over = queue.findIndex((waiting, i) => {
    weight += waiting.weight;
    return i > 0 && (i >= options.maxItems || weight > options.maxWeight);
  });
  return over === -1 ? queue.length : over;
}

/** Never rejects: what fails is the outcome of those it concerns. */
async function commitGroup<Item, Outcome>(
  group: readonly Waiting<Item, Outcome>[],
  commit: GroupOptions<Item, Outcome>['commit'],
): Promise<void> {
  try {
    const outcomes = await commit(group.map((waiting) => waiting.item));
    group.forEach((waiting, i) => settle(waiting, outcomes[i]));
  } catch (error) {
    group.forEach((waiting) => waiting.reject(error));
  }
}

function settle<Item, Outcome>(waiting: Waiting<Item, Outcome>, outcome: Settled<Outcome> | undefined): void {
  if (!outcome) waiting.reject(new Error('The commit answered fewer outcomes than it was given items.'));
  else if (outcome.ok) waiting.resolve(outcome.value);
  else waiting.reject(outcome.error);
}

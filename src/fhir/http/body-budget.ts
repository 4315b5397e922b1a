/**
 * What the bodies of all requests may take of the memory together, with what is made of them until they are answered.
 * Small ones pass uncounted; others wait in the order they came, for a while, and are then refused.
 */
import { fhirError, type FhirError } from '../outcome/error.ts';

export interface BodyBudgetOptions {
  /** Bytes in all. */
  readonly bytes: number;
  /** How long a body waits for its share, milliseconds. */
  readonly waitMs: number;
  /** How many may wait. */
  readonly maxWaiting: number;
}

/** One of the largest bundles at a time, two of half the size, or seven of the largest resources: docs/adr/0006. */
export const BODY_BUDGET: BodyBudgetOptions = { bytes: 512_000_000, waitMs: 60_000, maxWaiting: 64 };

export interface BodyBudget {
  /** A share of nothing, for one request. */
  open(): Share;
  /** Bytes that are given out now. */
  readonly used: number;
}

/** What one request has of the budget. */
export interface Share {
  /**
   * Makes room for a body of so many bytes in all: at once (undefined), or when others are done. Rejects with `unavailable`.
   * To be asked anew only when it has answered.
   */
  take(bodyBytes: number): Promise<void> | undefined;
  /** Gives everything back, also what is waited for. May be called again. */
  release(): void;
}

/** A body of this size is never counted: there is always room for it. */
export const SMALL_BODY = 256 * 1024;
/** A weight, not a measurement: with what is freed only later, a bundle takes up to eighteen times its bytes. */
export const MEMORY_FACTOR = 8;

/** By how much at least a share grows that is too small already. */
const STEP = 4 * 1024 * 1024;

interface Waiting {
  readonly holder: Holder;
  readonly more: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: () => void;
  readonly reject: (error: FhirError) => void;
}

interface Holder {
  held: number;
}

interface State extends BodyBudgetOptions {
  used: number;
  /** Those that have a part already come first: what they hold is of no use to anybody until they have the rest. */
  queue: readonly Waiting[];
}

/** A budget that never gives out more than it has. */
export function createBodyBudget(options: BodyBudgetOptions): BodyBudget {
  const state: State = { ...options, used: 0, queue: [] };
  return {
    open() {
      const holder: Holder = { held: 0 };
      return { take: (bodyBytes) => take(state, holder, bodyBytes), release: () => release(state, holder) };
    },
    get used() {
      return state.used;
    },
  };
}

function take(state: State, holder: Holder, bodyBytes: number): Promise<void> | undefined {
  const { held } = holder;
  const needed = Math.min(bodyBytes * MEMORY_FACTOR, state.bytes);
  if (bodyBytes <= SMALL_BODY || needed <= held) return undefined;
  const more = Math.min(held === 0 ? needed : Math.max(needed, held + STEP), state.bytes) - held;
  if ((state.queue.length > 0 && held === 0) || state.used + more > state.bytes) return wait(state, holder, more);
  give(state, holder, more);
  return undefined;
}

function give(state: State, holder: Holder, more: number): void {
  state.used += more;
  holder.held += more;
}

function release(state: State, holder: Holder): void {
  state.used -= holder.held;
  holder.held = 0;
  const waiting = state.queue.find((w) => w.holder === holder);
  if (waiting) refuse(state, waiting);
  else serve(state);
}

function wait(state: State, holder: Holder, more: number): Promise<void> {
  if (state.queue.length >= state.maxWaiting || (holder.held > 0 && isStuck(state, holder))) return Promise.reject(noRoom());
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => refuse(state, waiting), state.waitMs);
    const waiting: Waiting = { holder, more, timer, resolve, reject };
    const behind = holder.held > 0 ? state.queue.findIndex((w) => w.holder.held === 0) : -1;
    state.queue = behind < 0 ? [...state.queue, waiting] : state.queue.toSpliced(behind, 0, waiting);
  });
}

/** When all that is given out belongs to bodies that wait for more, none of them would ever get it. */
const isStuck = ({ used, queue }: State, holder: Holder): boolean => used === queue.reduce((sum, w) => sum + w.holder.held, holder.held);

function serve(state: State): void {
  for (let [first] = state.queue; first && state.used + first.more <= state.bytes; [first] = state.queue) {
    state.queue = state.queue.slice(1);
    clearTimeout(first.timer);
    give(state, first.holder, first.more);
    first.resolve();
  }
}

function refuse(state: State, waiting: Waiting): void {
  clearTimeout(waiting.timer);
  state.queue = state.queue.filter((w) => w !== waiting);
  waiting.reject(noRoom());
  serve(state);
}

const noRoom = (): FhirError =>
  fhirError(
    'unavailable',
    'other large requests have all the memory that is meant for them',
    'Send it again after the seconds that Retry-After names, or in smaller parts.',
    'body',
  );

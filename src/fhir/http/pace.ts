/** How long a body may take: some time for the connection, and more for each byte that has come. */
export interface PaceOptions {
  readonly graceMs: number;
  /** Bytes that have come. */
  readonly received: () => number;
  /** Called once, when the body is too late. */
  readonly late: () => void;
}

export interface Pace {
  /** Time stands still. */
  hold(): void;
  go(): void;
  stop(): void;
}

/** A line of 2 Mbit/s brings as much. */
const BYTES_PER_MS = 250;

export function createPace({ graceMs, received, late }: PaceOptions): Pace {
  let start = performance.now();
  let heldAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const left = graceMs + received() / BYTES_PER_MS - (performance.now() - start);
    if (left <= 0) late();
    else watch(left);
  };
  const watch = (ms: number): void => {
    timer = setTimeout(check, Math.ceil(ms)).unref();
  };
  watch(graceMs);
  return {
    hold() {
      clearTimeout(timer);
      heldAt ??= performance.now();
    },
    go() {
      if (heldAt !== undefined) start += performance.now() - heldAt;
      heldAt = undefined;
      check();
    },
    stop: () => clearTimeout(timer),
  };
}

/** Bytes that come in pieces, kept in one memory: putting many pieces together at the end would hold the event loop. */
export interface GrowingBytes {
  readonly length: number;
  add(piece: Buffer): void;
  /** All that was added. */
  whole(): Buffer;
  /** Frees the memory. */
  drop(): void;
}

/** @param expected how many bytes will probably come; more are taken all the same */
export function createGrowingBytes(expected: number): GrowingBytes {
  /** One piece, as most bodies come, is kept as it is. */
  let only: Buffer | undefined;
  let memory = Buffer.alloc(0);
  let length = 0;
  const append = (piece: Buffer): void => {
    if (length + piece.length > memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(expected, 2 * memory.length, length + piece.length));
      larger.set(memory.subarray(0, length));
      memory = larger;
    }
    memory.set(piece, length);
    length += piece.length;
  };
  return {
    get length() {
      return only ? only.length : length;
    },
    add(piece) {
      if (only) {
        const first = only;
        only = undefined;
        append(first);
        append(piece);
      } else if (length === 0) only = piece;
      else append(piece);
    },
    whole: () => only ?? memory.subarray(0, length),
    drop() {
      only = undefined;
      memory = Buffer.alloc(0);
      length = 0;
    },
  };
}

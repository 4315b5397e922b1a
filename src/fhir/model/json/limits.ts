/** What one text may cost, checked before a tree is made of it. */
export interface JsonLimits {
  /** Objects and arrays within each other. */
  readonly depth: number;
  /** Keys in all; no more objects and arrays than that either. */
  readonly keys: number;
}

/** For a single resource. The number of bytes is limited where the body is read. */
export const JSON_LIMITS: JsonLimits = { depth: 100, keys: 100_000 };
/** No number anyone measures is longer; without a limit one token could hold a whole body. */
export const NUMBER_LENGTH = 1024;

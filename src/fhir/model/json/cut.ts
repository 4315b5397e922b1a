/** Cuts a member out of a text that is too large to be parsed at once. */
import { createSlice, type Slice } from '../slices.ts';
import type { JsonLimits } from './limits.ts';
import { createTokenizer } from './tokens.ts';

export interface CutText {
  /** The text with `{}` in the member's place. */
  readonly rest: Uint8Array;
  /** The text of the member; undefined where there is none, or no object. A view into the bytes. */
  readonly member: Uint8Array | undefined;
}

/** Read between two looks at the clock: about a millisecond. */
const STRIDE = 2 ** 18;
const EMPTY = Buffer.from('{}');

/** For a member of the top object. Of one that is there twice, `rest` has another one still. Throws `invalid-json`, `too-large`. */
export async function cutMember(bytes: Uint8Array, name: string, limits: JsonLimits, slice: Slice = createSlice()): Promise<CutText> {
  let depth = 0;
  let isNext = false;
  let start = -1;
  let end = -1;
  const tokenizer = createTokenizer(bytes, limits, {
    open(at, array) {
      if (depth++ === 1 && isNext && !array) start = at;
    },
    close(at) {
      if (--depth === 1 && start >= 0 && end < 0) end = at;
    },
    key(from, to) {
      if (depth === 1) isNext = start < 0 && JSON.parse(Buffer.from(bytes.subarray(from, to)).toString()) === name;
    },
    leaf: () => undefined,
  });
  for (let until = STRIDE; !tokenizer.run(until); until += STRIDE) {
    const pause = slice.breathe();
    if (pause) await pause;
  }
  if (end < 0) return { rest: bytes, member: undefined };
  return { rest: Buffer.concat([bytes.subarray(0, start), EMPTY, bytes.subarray(end)]), member: bytes.subarray(start, end) };
}

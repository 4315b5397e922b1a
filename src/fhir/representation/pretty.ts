/** `_pretty`: https://hl7.org/fhir/R4/http.html#general */
import { createTokenizer, type TokenListener } from '../model/json.ts';
import { createSlice, type Slice } from '../model/slices.ts';

/** Our own texts were checked when they came in. */
const UNLIMITED = { depth: Infinity, keys: Infinity };
/** Bytes read between two looks at the clock: some milliseconds. */
const STRIDE = 2 ** 16;
const INDENT = '  ';

interface Writing {
  bytes: Buffer;
  length: number;
  depth: number;
  /** True behind an opening bracket. */
  first: boolean;
  /** True behind a key. */
  keyed: boolean;
}

/** The same JSON, indented: token by token, so that numbers, strings and the order of keys stay as they are. */
export async function prettyJson(bytes: Uint8Array, slice: Slice = createSlice()): Promise<Uint8Array> {
  const w: Writing = { bytes: Buffer.allocUnsafeSlow(bytes.length * 2), length: 0, depth: 0, first: true, keyed: false };
  const tokenizer = createTokenizer(bytes, UNLIMITED, indenter(w, bytes));
  for (let until = STRIDE; !tokenizer.run(until); until += STRIDE) {
    const pause = slice.breathe();
    if (pause) await pause;
  }
  put(w, '\n');
  return w.bytes.subarray(0, w.length);
}

function indenter(w: Writing, source: Uint8Array): TokenListener {
  return {
    open(at) {
      separate(w);
      copy(w, source, at, at + 1);
      w.depth++;
      w.first = true;
    },
    close(end) {
      w.depth--;
      if (!w.first) newLine(w);
      w.first = false;
      copy(w, source, end - 1, end);
    },
    key(start, end) {
      separate(w);
      copy(w, source, start, end);
      put(w, ': ');
      w.keyed = true;
    },
    leaf(start, end) {
      separate(w);
      copy(w, source, start, end);
    },
  };
}

/** What stands between the token before and one that begins a member. */
function separate(w: Writing): void {
  if (w.keyed) {
    w.keyed = false;
    return;
  }
  if (w.depth === 0) return;
  if (!w.first) put(w, ',');
  w.first = false;
  newLine(w);
}

const newLine = (w: Writing): void => put(w, `\n${INDENT.repeat(w.depth)}`);

function put(w: Writing, ascii: string): void {
  reserve(w, ascii.length);
  w.length += w.bytes.write(ascii, w.length, 'latin1');
}

function copy(w: Writing, source: Uint8Array, start: number, end: number): void {
  reserve(w, end - start);
  w.bytes.set(source.subarray(start, end), w.length);
  w.length += end - start;
}

function reserve(w: Writing, more: number): void {
  if (w.length + more <= w.bytes.length) return;
  const larger = Buffer.allocUnsafeSlow((w.bytes.length + more) * 2);
  larger.set(w.bytes.subarray(0, w.length));
  w.bytes = larger;
}

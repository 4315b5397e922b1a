/** Where something is in a text, in words: `line 3, column 14`. */
export function placeInText(text: string, at: number): string {
  let line = 1;
  let start = 0;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', start)) {
    line++;
    start = next + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}

const LINE_FEED = 0x0a;

/** The same in bytes; columns count characters. */
export function placeInBytes(bytes: Uint8Array, at: number): string {
  let line = 1;
  let start = 0;
  for (let next = bytes.indexOf(LINE_FEED); next >= 0 && next < at; next = bytes.indexOf(LINE_FEED, start)) {
    line++;
    start = next + 1;
  }
  return `line ${line}, column ${new TextDecoder().decode(bytes.subarray(start, at)).length + 1}`;
}

const LINE_FEED = 0x0a;
/** Beyond this, lines are not counted: a hostile text must not buy time with its errors. */
const COUNTED = 2 ** 22;

/** Where something is in a text, in words: `line 3, column 14`. */
export function placeInText(text: string, at: number): string {
  if (at > COUNTED) return `character ${at}`;
  let line = 1;
  let start = 0;
  for (let i = 0; i < at; i++) {
    if (text.charCodeAt(i) !== LINE_FEED) continue;
    line++;
    start = i + 1;
  }
  return `line ${line}, column ${at - start + 1}`;
}

/** The same in bytes; columns count characters. */
export function placeInBytes(bytes: Uint8Array, at: number): string {
  if (at > COUNTED) return `byte ${at}`;
  const text = new TextDecoder().decode(bytes.subarray(0, at));
  return placeInText(text, text.length);
}

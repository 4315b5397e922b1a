/**
 * Base64 (https://hl7.org/fhir/R4/datatypes.html#base64Binary) in one pass over the characters: whitespace may be anywhere,
 * padding only at the end, and what is left is a multiple of four.
 */

const OTHER = 0;
const SYMBOL = 1;
const PADDING = 2;
const SPACE = 3;

const CLASSES = classes();

function classes(): Uint8Array {
  const table = new Uint8Array(128);
  for (const symbol of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') table[symbol.charCodeAt(0)] = SYMBOL;
  table['='.charCodeAt(0)] = PADDING;
  for (const space of ' \t\r\n') table[space.charCodeAt(0)] = SPACE;
  return table;
}

export function isBase64(text: string): boolean {
  let symbols = 0;
  let padding = 0;
  for (let at = 0; at < text.length; at++) {
    const kind = CLASSES[text.charCodeAt(at)] ?? OTHER;
    if (kind === SYMBOL && padding === 0) symbols++;
    else if (kind === PADDING) padding++;
    else if (kind !== SPACE) return false;
  }
  return symbols > 0 && padding <= 2 && (symbols + padding) % 4 === 0;
}

/** Diacritics of Latin, Greek and Cyrillic, and characters that are never seen. Indic vowel signs and viramas are letters here, not ornaments. */
const IGNORED = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u00ad\u200b-\u200d\u2060\ufeff]/g;

/** Where lower case alone would keep two spellings of one name apart, or depend on what follows (final sigma). */
const ALIKE: Readonly<Record<string, string>> = { ß: 'ss', ς: 'σ', ı: 'i', ø: 'o', ł: 'l', đ: 'd', æ: 'ae', œ: 'oe' };
const HAS_ALIKE = /[ßςıøłđæœ]/g;

const SPACES = /\s+/g;
const UPPER = 1;
const SPACE = 2;
const BEYOND_ASCII = 4;

/**
 * What strings are compared by: without diacritics, in lower case, white space single and trimmed.
 * https://hl7.org/fhir/R4/search.html#string
 */
export function fold(text: string): string {
  const what = survey(text);
  if (what === 0) return text;
  const plain = what & BEYOND_ASCII ? foldLetters(text) : what & UPPER ? text.toLowerCase() : text;
  return what & (SPACE | BEYOND_ASCII) ? plain.replace(SPACES, ' ').trim() : plain;
}

const foldLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(IGNORED, '')
    .toLowerCase()
    .replace(HAS_ALIKE, (c) => ALIKE[c] as string);

/** Which of the steps the text needs: most names need one, most codes none. */
function survey(text: string): number {
  let what = 0;
  let afterSpace = true;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c > 127) return BEYOND_ASCII;
    if (c >= 65 && c <= 90) what |= UPPER;
    const isSpace = c <= 32;
    if (isSpace && (afterSpace || c !== 32)) what |= SPACE;
    afterSpace = isSpace;
  }
  return afterSpace && text.length > 0 ? what | SPACE : what;
}

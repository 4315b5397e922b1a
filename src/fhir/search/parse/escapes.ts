/** `\,` `\|` `\$` `\\`: https://hl7.org/fhir/R4/search.html#escaping */

/** Splits at every separator that has no backslash before it; the parts keep their backslashes. */
export function splitAt(text: string, separator: ',' | '|' | '$'): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === separator) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** What was meant: a backslash before anything else but the four is itself. */
export const unescaped = (text: string): string => (text.includes('\\') ? text.replace(/\\([,|$\\])/g, '$1') : text);

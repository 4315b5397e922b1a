const SPECIAL: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};
/** Nearly every text; its characters stand for themselves. */
const PLAIN = /^[ !#-%'-;=?-\ud7ff\ue000-\ufffd]*$/;
/** Characters of XML 1.0 that stand for themselves: https://www.w3.org/TR/xml/#charsets */
const NOT_PLAIN = /[^ !#-%'-;=?-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text for between the quotes of an attribute. What XML can't hold at all becomes U+FFFD. */
export function escapeAttribute(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(NOT_PLAIN, (c) => SPECIAL[c] ?? '\ufffd');
}

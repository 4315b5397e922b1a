/**
 * Checks the XHTML of a narrative in one pass: well-formed XML, only what txt-1 allows, and something to read (txt-2).
 * A server hands narratives to browsers: what passes here must be harmless there, too, also when it is read as HTML.
 */
import { ALLOWED, URL_ATTRIBUTES } from './allowed.ts';
import { isSafeStyle, isSafeUrl } from './urls.ts';

export interface NarrativeFault {
  /** The invariant of Narrative.div that is broken, or `form` if it isn't well-formed XHTML. */
  readonly key: 'form' | 'txt-1' | 'txt-2';
  readonly what: string;
}

interface Scan {
  readonly text: string;
  readonly open: string[];
  at: number;
  content: boolean;
  fault: NarrativeFault | undefined;
}

const NAMESPACE = 'http://www.w3.org/1999/xhtml';
const ELEMENT_NAME = /[A-Za-z_][\w:.-]*/y;
const ATTRIBUTE = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const CLOSING_TAG = /<\/([A-Za-z_][\w:.-]*)\s*>/y;
const REFERENCE = /&(?:amp|lt|gt|quot|apos|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));/y;
/** What no XML document may hold: https://www.w3.org/TR/xml/#charsets. */
const NO_CHARACTER = /[^\t\n\r\u0020-\ufffd]/;
const VISIBLE = /\S/;

/** The first fault, or undefined. */
export function narrativeFault(text: string): NarrativeFault | undefined {
  if (NO_CHARACTER.test(text) || !text.isWellFormed()) return malformed('the narrative has control characters');
  const scan: Scan = { text, open: [], at: text.indexOf('<'), content: false, fault: undefined };
  if (scan.at < 0 || VISIBLE.test(text.slice(0, scan.at)) || !text.startsWith('<div', scan.at)) return notOneDiv;
  do {
    readMarkup(scan);
    if (!scan.fault && scan.open.length > 0) readText(scan);
  } while (!scan.fault && scan.open.length > 0);
  if (scan.fault) return scan.fault;
  if (VISIBLE.test(text.slice(scan.at))) return notOneDiv;
  return scan.content ? undefined : { key: 'txt-2', what: 'the narrative has no text and no image' };
}

const notOneDiv: NarrativeFault = { key: 'form', what: `the narrative is not one div element of ${NAMESPACE}` };
const malformed = (what: string): NarrativeFault => ({ key: 'form', what });
const forbidden = (what: string): NarrativeFault => ({ key: 'txt-1', what });

function match(form: RegExp, text: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(text);
}

/** Text up to the next `<`. */
function readText(scan: Scan): void {
  const end = scan.text.indexOf('<', scan.at);
  if (end < 0) {
    scan.fault = malformed('an element of the narrative is not closed');
    return;
  }
  if (end > scan.at) {
    const part = scan.text.slice(scan.at, end);
    if (!hasOnlyKnownReferences(part))
      scan.fault = malformed('the narrative has an & that is neither &amp; &lt; &gt; &quot; &apos; nor a number');
    scan.content ||= VISIBLE.test(part);
  }
  scan.at = end;
}

function hasOnlyKnownReferences(text: string): boolean {
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    const [, decimal, hexadecimal] = match(REFERENCE, text, at) ?? NO_REFERENCE;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '20', 16) : Number(decimal);
    if (code > 0x10ffff || NO_CHARACTER.test(String.fromCodePoint(code)) || isSurrogate(code)) return false;
  }
  return true;
}

/** A reference to U+0000, which is no character. */
const NO_REFERENCE = ['', '0'];
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** A tag or a comment. */
function readMarkup(scan: Scan): void {
  if (scan.text.startsWith('<!--', scan.at)) readComment(scan);
  else if (scan.text.startsWith('</', scan.at)) readClosingTag(scan);
  else readOpeningTag(scan);
}

/** HTML ends comments at other places than XML does: what the two read differently is refused. */
function readComment(scan: Scan): void {
  const end = scan.text.indexOf('-->', scan.at + 4);
  const body = end < 0 ? '' : scan.text.slice(scan.at + 4, end);
  if (end < 0 || body.includes('--') || body.startsWith('>') || body.startsWith('->') || body.endsWith('-')) {
    scan.fault = malformed('a comment of the narrative is not well-formed');
  }
  scan.at = end + 3;
}

function readClosingTag(scan: Scan): void {
  const tag = match(CLOSING_TAG, scan.text, scan.at);
  if (!tag || scan.open.pop() !== tag[1]) scan.fault = malformed('an element of the narrative is not closed where it should be');
  else scan.at += tag[0].length;
}

function readOpeningTag(scan: Scan): void {
  const name = match(ELEMENT_NAME, scan.text, scan.at + 1)?.[0];
  if (name === undefined) {
    scan.fault = malformed('the narrative has a < that begins no element');
    return;
  }
  const attributes = ALLOWED.get(name);
  if (!attributes) {
    scan.fault = forbidden(`<${name.slice(0, 32)}> is not allowed`);
    return;
  }
  scan.at += 1 + name.length;
  const namespace = readAttributes(scan, name, attributes);
  if (scan.open.length === 0 && namespace !== NAMESPACE) scan.fault ??= notOneDiv;
  scan.content ||= name === 'img';
  const end = match(TAG_END, scan.text, scan.at);
  if (!end) scan.fault ??= malformed(`a <${name}> of the narrative is not well-formed`);
  else scan.at += end[0].length;
  if (end?.[1] === '') scan.open.push(name);
}

/** Returns the value of `xmlns`. */
function readAttributes(scan: Scan, element: string, allowed: ReadonlySet<string>): string | undefined {
  const seen = new Set<string>();
  let namespace: string | undefined;
  for (let found = match(ATTRIBUTE, scan.text, scan.at); found && !scan.fault; found = match(ATTRIBUTE, scan.text, scan.at)) {
    const name = found[1] ?? '';
    const value = found[2] ?? found[3] ?? '';
    scan.fault = attributeFault(element, name, value, allowed, seen);
    if (name === 'xmlns') namespace = value;
    seen.add(name);
    scan.at += found[0].length;
  }
  return namespace;
}

function attributeFault(
  element: string,
  name: string,
  value: string,
  allowed: ReadonlySet<string>,
  seen: ReadonlySet<string>,
): NarrativeFault | undefined {
  if (!allowed.has(name)) return forbidden(`attribute ${name.slice(0, 32)} of <${element}> is not allowed`);
  if (seen.has(name)) return malformed(`a <${element}> of the narrative has an attribute twice`);
  if (!hasOnlyKnownReferences(value)) return malformed('the narrative has an & that is neither &amp; &lt; &gt; &quot; &apos; nor a number');
  if (name === 'xmlns' && value !== NAMESPACE) return notOneDiv;
  if (URL_ATTRIBUTES.has(name) && !isSafeUrl(value, element))
    return forbidden(`the URL in ${name} of <${element}> is of a scheme that is not allowed`);
  if (name === 'style' && !isSafeStyle(value)) return forbidden(`the style of <${element}> loads or runs something`);
  return undefined;
}

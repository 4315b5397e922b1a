/**
 * What a narrative may hold (invariant txt-1, https://hl7.org/fhir/R4/narrative.html#xhtml): the formatting elements and
 * attributes of chapters 7–11 (without 9.4) and 15 of HTML 4.0, links, images and style attributes. What isn't here,
 * event handlers and anything that loads or runs code included, is refused.
 */

/** Attributes of every element. */
const COMMON = ['id', 'class', 'title', 'style', 'lang', 'xml:lang', 'dir', 'accesskey', 'tabindex', 'align', 'clear'];
const CELLS = ['char', 'charoff', 'valign', 'width'];
const LINK = ['charset', 'type', 'name', 'href', 'hreflang', 'rel', 'rev', 'shape', 'coords'];
const CELL = [...CELLS, 'abbr', 'axis', 'headers', 'scope', 'rowspan', 'colspan', 'nowrap', 'height', 'bgcolor'];

/** Elements without attributes of their own. */
const PLAIN = [
  ...['p', 'br', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'span', 'b', 'em', 'i', 'strong', 'small', 'big', 'tt', 'u', 's', 'strike', 'center'],
  ...['dfn', 'var', 'abbr', 'acronym', 'cite', 'address', 'bdo', 'kbd', 'sub', 'sup', 'code', 'samp', 'caption', 'dt', 'dd'],
];

const OWN: Readonly<Record<string, readonly string[]>> = {
  div: ['xmlns'],
  a: LINK,
  area: ['shape', 'coords', 'href', 'nohref', 'alt'],
  blockquote: ['cite'],
  q: ['cite'],
  col: [...CELLS, 'span'],
  colgroup: [...CELLS, 'span'],
  dl: ['compact'],
  font: ['size', 'color', 'face'],
  hr: ['noshade', 'size', 'width'],
  img: ['src', 'alt', 'longdesc', 'height', 'width', 'usemap', 'ismap', 'border', 'hspace', 'vspace', 'name'],
  li: ['type', 'value'],
  map: ['name'],
  ol: ['type', 'start', 'compact'],
  ul: ['type', 'compact'],
  pre: ['xml:space', 'space', 'width'],
  table: ['summary', 'width', 'border', 'frame', 'rules', 'cellspacing', 'cellpadding', 'bgcolor'],
  tbody: CELLS,
  thead: CELLS,
  tfoot: CELLS,
  tr: [...CELLS, 'bgcolor'],
  td: CELL,
  th: CELL,
};

/** Attributes by element. */
export const ALLOWED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ...PLAIN.map((name) => [name, new Set(COMMON)] as const),
  ...Object.entries(OWN).map(([name, own]) => [name, new Set([...COMMON, ...own])] as const),
]);

/** Attributes that hold a URL. */
export const URL_ATTRIBUTES: ReadonlySet<string> = new Set(['href', 'src', 'cite', 'longdesc', 'usemap']);

/** Schemes that a link may have; a URL without one is relative, and fine. */
export const SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'ftp', 'mailto', 'tel', 'urn', 'cid']);

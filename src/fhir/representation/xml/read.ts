/**
 * FHIR XML to FHIR JSON: https://hl7.org/fhir/R4/xml.html
 *
 * The parser expands no entities but the five of XML, and a document type is refused: nothing is fetched, nothing grows.
 */
import { SaxesParser, type SaxesAttributeNS, type SaxesTagNS } from 'saxes';
import type { Definitions } from '../../model/definitions.ts';
import type { JsonLimits, JsonObject } from '../../model/json.ts';
import { createSlice, type Slice } from '../../model/slices.ts';
import { FhirError, fhirError } from '../../outcome/error.ts';
import { type Attributes, createTreeBuilder, type TreeBuilder } from './frames.ts';
import { FHIR_NAMESPACE, XHTML_NAMESPACE } from './names.ts';

type Parser = SaxesParser<{ xmlns: true; position: true }>;

interface Reading {
  readonly text: string;
  readonly parser: Parser;
  readonly builder: TreeBuilder;
  readonly limits: JsonLimits;
  depth: number;
  elements: number;
  attributes: number;
  /** Where the tag that is being read begins. */
  tagStart: number;
  /** The narrative that is being read: where its div begins, and at which depth. */
  div: { readonly start: number; readonly depth: number } | undefined;
}

/** Characters parsed between two looks at the clock: some milliseconds. */
const STRIDE = 2 ** 15;
/** Of one tag, namespaces included. */
const MAX_ATTRIBUTES = 64;
const XSI_NAMESPACE = 'http://www.w3.org/2001/XMLSchema-instance';
const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/**
 * The JSON of an XML document, exact: decimals keep their text. `limits.depth` counts elements within each other,
 * `limits.keys` elements in all. Throws `invalid-xml`, `invalid-structure` or `too-large`, naming the place.
 */
export async function xmlToJson(
  xml: string | Uint8Array,
  definitions: Definitions,
  limits: JsonLimits,
  slice: Slice = createSlice(),
): Promise<JsonObject> {
  const text = typeof xml === 'string' ? xml : decode(xml);
  const reading = startReading(text, definitions, limits);
  for (let start = 0; start < text.length; start += STRIDE) {
    reading.parser.write(text.slice(start, start + STRIDE));
    const pause = slice.breathe();
    if (pause) await pause;
  }
  reading.parser.close();
  const result = reading.builder.result();
  if (result === undefined) throw invalid(reading, 'the text must be an element', 'send one resource');
  return result;
}

function startReading(text: string, definitions: Definitions, limits: JsonLimits): Reading {
  const parser: Parser = new SaxesParser({ xmlns: true, position: true });
  const r: Reading = {
    text,
    parser,
    builder: createTreeBuilder(definitions),
    limits,
    depth: 0,
    elements: 0,
    attributes: 0,
    tagStart: 0,
    div: undefined,
  };
  parser.on('error', (error) => {
    throw invalid(r, `not XML: ${error.message.replace(/^\d+:\d+: /, '')}`, 'correct the syntax');
  });
  parser.on('doctype', () => {
    throw invalid(r, 'a document type is not allowed', 'remove <!DOCTYPE …>');
  });
  parser.on('xmldecl', ({ version, encoding }) => assertDeclaration(r, version, encoding));
  parser.on('opentagstart', () => {
    r.tagStart = text.lastIndexOf('<', parser.position - 1);
    r.attributes = 0;
  });
  parser.on('attribute', () => {
    if (++r.attributes > MAX_ATTRIBUTES)
      throw invalid(r, `a tag has at most ${MAX_ATTRIBUTES} attributes`, 'remove what FHIR does not define');
  });
  parser.on('opentag', (tag) => openTag(r, tag));
  parser.on('closetag', () => closeTag(r));
  parser.on('text', (content) => readText(r, content));
  parser.on('cdata', (content) => readText(r, content));
  return r;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw fhirError('invalid-xml', 'a body is UTF-8', 'send it as UTF-8, without bytes of another encoding', 'body');
  }
}

function assertDeclaration(r: Reading, version = '1.0', encoding = 'UTF-8'): void {
  if (version !== '1.0') throw invalid(r, 'FHIR is XML 1.0', 'declare version="1.0"');
  if (!['utf-8', 'us-ascii'].includes(encoding.toLowerCase()))
    throw invalid(r, 'a body is UTF-8', 'send it as UTF-8, and declare that or nothing');
}

function openTag(r: Reading, tag: SaxesTagNS): void {
  if (++r.depth > r.limits.depth) throw invalid(r, `elements nest at most ${r.limits.depth} deep`, 'flatten the content');
  if (++r.elements > r.limits.keys) {
    throw fhirError('too-large', `a text has at most ${r.limits.keys} elements`, 'split the content into several resources', placeOf(r));
  }
  if (r.div) return assertXhtml(r, tag);
  const attributes = plainAttributes(r, tag);
  const isNarrative = r.builder.open(tag.local, attributes);
  assertNamespace(r, tag, isNarrative ? XHTML_NAMESPACE : FHIR_NAMESPACE);
  if (isNarrative) {
    assertXhtml(r, tag);
    r.div = { start: r.tagStart, depth: r.depth };
  }
}

function closeTag(r: Reading): void {
  if (!r.div) r.builder.close();
  else if (r.div.depth === r.depth) {
    // Lines end as XML says they are read: https://www.w3.org/TR/xml/#sec-line-ends
    r.builder.narrative(r.text.slice(r.div.start, r.parser.position).replaceAll(/\r\n?/g, '\n'));
    r.div = undefined;
    r.builder.close();
  }
  r.depth--;
}

function assertNamespace(r: Reading, tag: SaxesTagNS, namespace: string): void {
  if (tag.uri !== namespace) throw invalid(r, `${tag.local} is of the namespace ${namespace}`, `write xmlns="${namespace}"`);
}

/** A narrative is taken verbatim, so it must mean the same by itself: no prefixes, and its own xmlns on the div. */
function assertXhtml(r: Reading, tag: SaxesTagNS): void {
  assertNamespace(r, tag, XHTML_NAMESPACE);
  const foreign = tag.prefix !== '' || Object.values(tag.attributes).some((a) => a.prefix !== '' && a.uri !== XML_NAMESPACE);
  if (foreign || (!r.div && tag.attributes.xmlns === undefined))
    throw invalid(r, 'a narrative has no prefixes and declares its namespace itself', `write <div xmlns="${XHTML_NAMESPACE}">`);
}

/** Attributes that mean something; namespaces and schema locations are passed over. */
function plainAttributes(r: Reading, tag: SaxesTagNS): Attributes {
  const attributes = new Map<string, string>();
  for (const attribute of Object.values(tag.attributes)) {
    if (isPassedOver(attribute)) continue;
    if (attribute.uri !== '') throw invalid(r, `an element has no attribute ${attribute.name}`, 'remove it');
    attributes.set(attribute.local, attribute.value);
  }
  return attributes;
}

const isPassedOver = ({ uri, name }: SaxesAttributeNS): boolean => uri === XSI_NAMESPACE || uri === XMLNS_NAMESPACE || name === 'xmlns';

function readText(r: Reading, content: string): void {
  if (r.div || /^[ \t\r\n]*$/.test(content)) return;
  throw invalid(r, 'values are attributes; there is no text between elements', 'write value="…"');
}

function invalid(r: Reading, rule: string, hint: string): FhirError {
  return new FhirError([{ kind: 'invalid-xml', severity: 'error', rule, hint, where: placeOf(r) }]);
}

function placeOf({ parser, builder }: Reading): string {
  return `${builder.place()} line ${parser.line}, column ${parser.column + 1}`.trim();
}

/** Other forms of a text, and what is in it. */
import { fhirError } from '../outcome/error.ts';
import { parseJson, type JsonLimits, type JsonObject, type JsonValue, isJsonArray, isJsonObject } from '../model/json.ts';
import { prettyJson } from '../representation/pretty.ts';
import { selectElements, summarise, visibleElements } from '../representation/summary.ts';
import { jsonToXml, xmlToJson } from '../representation/xml.ts';
import type { Node } from '../search/ast.ts';
import type { IndexEntries, ReferenceEntry } from '../search/entries.ts';
import type { PackedEntries } from '../search/packed.ts';
import { createLinkRewriter, type LinkKind, type LinkRewriter } from './links.ts';
import { documentOf, UNLIMITED, type Source, type WorkTools } from './tools.ts';

/** Parts of a resource: https://hl7.org/fhir/R4/search.html#summary */
export type View = { readonly summary: 'true' | 'text' | 'data' } | { readonly elements: readonly string[] };

interface Shown {
  readonly body: Uint8Array;
  /** Elements that the caller may see; absent: all. */
  readonly visible?: ReadonlySet<string>;
  readonly view?: View;
}

/** The text of a resource of ours, cut down to what may be seen, and of that to what the view shows; number texts stay. */
export function show({ definitions }: WorkTools, { body, visible, view }: Shown): Uint8Array {
  const { exact } = parseJson(body, UNLIMITED);
  const part = visible === undefined ? exact : visibleElements(exact, visible, definitions);
  return Buffer.from(JSON.stringify(view === undefined ? part : cut(definitions, view, part)));
}

const cut = (definitions: WorkTools['definitions'], view: View, part: JsonObject): JsonObject =>
  'summary' in view ? summarise(part, view.summary, definitions) : selectElements(part, view.elements, definitions);

/** As `_pretty` wants it. */
export const indent = (_tools: WorkTools, { json }: { readonly json: Uint8Array }): Promise<Uint8Array> => prettyJson(json);

/** A resource of ours as an XML document; or with `around`, a part of one: `{ resourceType: 'Bundle', entry: [json] }`. */
export function toXml(
  { definitions }: WorkTools,
  { json, pretty, isEntry }: { readonly json: Uint8Array; readonly pretty: boolean; readonly isEntry?: true },
): Uint8Array {
  const { exact } = parseJson(json, UNLIMITED);
  return Buffer.from(jsonToXml(isEntry ? { resourceType: 'Bundle', entry: [exact] } : exact, definitions, { pretty }));
}

/** A body as JSON text; number texts stay. Throws `invalid-xml`, `invalid-structure`, `too-large`. */
export const fromXml = async (
  { definitions }: WorkTools,
  { xml, limits }: { readonly xml: Uint8Array; readonly limits: JsonLimits },
): Promise<Uint8Array> => Buffer.from(JSON.stringify(await xmlToJson(xml, definitions, limits)));

/** What a resource of ours refers to by some parameters. */
export function references(
  { extractor }: Pick<WorkTools, 'extractor'>,
  { body, type, params }: { readonly body: Uint8Array; readonly type: string; readonly params: readonly string[] },
): ReferenceEntry[] {
  const resource = JSON.parse(textOf(body)) as JsonObject;
  return params.flatMap((param) => extractor.references(resource, type, param));
}

interface Judged {
  readonly body: Uint8Array;
  readonly type: string;
  readonly tree: Node;
  /** Of dates without a zone. */
  readonly timeZone: string;
}

/** Of a resource of ours, the index entries that decide whether the tree finds it. */
export const entriesFor = ({ extractor }: Pick<WorkTools, 'extractor'>, { body, type, tree, timeZone }: Judged): IndexEntries =>
  extractor.extractFor(tree, type, body, timeZone);

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string => Buffer.from(buffer, byteOffset, length).toString();

interface Reading {
  readonly source: Source;
  readonly limits: JsonLimits;
}

/** The index entries of what may be no good yet. */
export const extract = (
  { extractor }: WorkTools,
  { source, limits, timeZone }: Reading & { readonly timeZone: string },
): IndexEntries | PackedEntries => extractor.extract(documentOf(source, limits).value, timeZone);

/** What a resource says it is; values of any form. */
export function identify(_tools: WorkTools, { source, limits }: Reading): { readonly resourceType?: unknown; readonly id?: unknown } {
  const { resourceType, id } = documentOf(source, limits).value;
  return { resourceType: leafOf(resourceType), id: leafOf(id) };
}

const leafOf = (value: JsonValue | undefined): JsonValue | undefined => (typeof value === 'object' ? null : value);

export interface EntryBody {
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** The body of a patch that an entry of a bundle carries: FHIRPath Patch as Parameters, or JSON Patch in a Binary. */
export function carriedPatch(_tools: WorkTools, { source, limits }: Reading): EntryBody {
  const { value, exact } = documentOf(source, limits);
  if (value['resourceType'] !== 'Binary') return { type: 'application/fhir+json', bytes: Buffer.from(JSON.stringify(exact)) };
  const { contentType, data } = value;
  if (typeof contentType === 'string' && typeof data === 'string') return { type: contentType, bytes: Buffer.from(data, 'base64') };
  throw fhirError(
    'invalid-structure',
    'a Binary that carries a patch needs contentType and data',
    'Use contentType application/json-patch+json and the patch in base64.',
    'Binary.data',
  );
}

/** Links of a resource, each once. */
export interface FoundLinks {
  readonly reference: readonly string[];
  readonly uri: readonly string[];
}

const rewriters = new WeakMap<WorkTools['definitions'], LinkRewriter>();

function rewriterOf({ definitions }: WorkTools): LinkRewriter {
  const known = rewriters.get(definitions) ?? createLinkRewriter(definitions);
  rewriters.set(definitions, known);
  return known;
}

export function findLinks(tools: WorkTools, { source, limits }: Reading): FoundLinks {
  const { value } = documentOf(source, limits);
  const found = { reference: new Set<string>(), uri: new Set<string>() };
  rewriterOf(tools).rewrite(value, (link, kind) => void found[kind].add(link));
  addReferences(value, found.reference);
  return { reference: [...found.reference], uri: [...found.uri] };
}

/** Wherever one may stand: the structure isn't checked yet. */
function addReferences(value: JsonValue, into: Set<string>): void {
  if (isJsonArray(value)) for (const item of value) addReferences(item, into);
  else if (isJsonObject(value)) {
    for (const key in value) {
      const member = value[key] as JsonValue;
      if (key === 'reference' && typeof member === 'string') into.add(member);
      else if (typeof member === 'object') addReferences(member, into);
    }
  }
}

/** What links become, by kind. */
export type Replacements = Readonly<Record<LinkKind, ReadonlyMap<string, string>>>;

/** The resource with its links replaced. A text becomes a text, a document a document. */
export function replaceLinks(
  tools: WorkTools,
  { source, limits, replacements }: Reading & { readonly replacements: Replacements },
): Source {
  const { value, exact } = documentOf(source, limits);
  const replace = (link: string, kind: LinkKind): string | undefined => replacements[kind].get(link);
  const rewriter = rewriterOf(tools);
  const linked = rewriter.rewrite(exact, replace);
  if ('bytes' in source) return { bytes: Buffer.from(JSON.stringify(linked)) };
  return { document: { value: exact === value ? linked : rewriter.rewrite(value, replace), exact: linked } };
}

/** From the text of a resource to what the store commits: everything that can be done before the commit. */
import { fhirError, FhirError } from '../outcome/error.ts';
import { toResourceText, type JsonDocument, type JsonLimits, type ResourceText } from '../model/json.ts';
import type { ResourceId, ResourceKey } from '../model/ids.ts';
import { countEntries, type IndexEntries } from '../search/entries.ts';
import type { PackedEntries } from '../search/packed.ts';
import { documentOf, type Source, type WorkTools } from './tools.ts';

export interface PrepareRules {
  readonly key: ResourceKey;
  /** Whether the body's own id must be that of the key: always, where it has one, or not at all. */
  readonly bodyId: 'required' | 'if given' | 'any';
  /** IANA name: of dates without a zone. */
  readonly timeZone: string;
  readonly limits: JsonLimits;
  readonly maxBytes: number;
  readonly maxIndexEntries: number;
}

export interface Prepared {
  readonly text: ResourceText;
  readonly entries: IndexEntries | PackedEntries;
}

/** Checks a resource, extracts its index entries and fixes its text. Throws a FhirError with every problem found. */
export const prepare = (tools: WorkTools, { source, rules }: { readonly source: Source; readonly rules: PrepareRules }): Prepared =>
  prepareDocument(tools, documentOf(source, rules.limits), rules);

export function prepareDocument(
  tools: WorkTools,
  doc: JsonDocument,
  { key, bodyId, timeZone, maxBytes, maxIndexEntries }: PrepareRules,
): Prepared {
  if (bodyId === 'required' || (bodyId === 'if given' && doc.value['id'] !== undefined)) checkBodyId(doc, key.id);
  checkType(doc, key.type);
  const issues = tools.validator.check(doc.value);
  if (issues.some((i) => i.severity === 'error')) throw new FhirError(issues);
  const entries = tools.extractor.extract(doc.value, timeZone);
  checkEntries(entries, maxIndexEntries);
  const text = toResourceText(doc.exact, key.id);
  checkSize(text, maxBytes);
  return { text, entries };
}

/** https://hl7.org/fhir/R4/http.html#update: the body's id is required and is that of the URL; otherwise 400. */
function checkBodyId(doc: JsonDocument, id: ResourceId): void {
  const given = doc.value['id'];
  if (given === id) return;
  const rule =
    given === undefined ? 'an update needs the id of the resource in its body' : 'the id in the body differs from the one in the URL';
  throw fhirError('invalid-structure', rule, `Set id to "${id}", as in the URL.`, 'id');
}

function checkType(doc: JsonDocument, type: string): void {
  const given = doc.value['resourceType'];
  if (given === type) return;
  const rule = given === undefined ? 'resourceType is missing' : `resourceType is not that of the URL, ${type}`;
  throw fhirError(
    'invalid-structure',
    rule,
    `Set resourceType to "${type}", or send the resource to the URL of its own type.`,
    'resourceType',
  );
}

/** A store writes the entries of a resource in one go. */
function checkEntries(entries: IndexEntries, limit: number): void {
  const count = countEntries(entries);
  if (count <= limit) return;
  const rule = `a resource may have ${limit} values that it can be searched by, and this one has ${count}`;
  throw fhirError('too-large', rule, 'Split it into several resources.');
}

function checkSize(text: ResourceText, limit: number): void {
  if ((text.before.length + text.after.length) * 3 <= limit) return;
  if (Buffer.byteLength(text.before) + Buffer.byteLength(text.after) <= limit) return;
  throw fhirError('too-large', `a resource may have ${limit} bytes`, 'Split it, or keep large content in a Binary of its own.');
}

/** From a parsed document to the change that the store commits: everything that can be done before the commit. */
import { fhirError, FhirError } from '../../outcome/error.ts';
import { toResourceText, type JsonDocument } from '../../model/json.ts';
import type { ResourceId, ResourceKey } from '../../model/ids.ts';
import type { Delete, Expected, Put, ResourceText, Trace } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { RequestContext } from '../message.ts';

/** Checks a document, extracts its index entries and fixes its text. Throws a FhirError with every problem found. */
export function preparePut(
  deps: FhirDeps,
  context: RequestContext,
  doc: JsonDocument,
  key: ResourceKey,
  expected: Expected,
  interaction: Trace['interaction'],
): Put {
  checkType(doc, key.type);
  const issues = deps.validator.check(doc.value);
  if (issues.some((i) => i.severity === 'error')) throw new FhirError(issues);
  const entries = deps.extractor.extract(doc.value, deps.timeZoneOf(context.principal.clinic));
  const text = toResourceText(doc.exact, key.id);
  checkSize(text, deps.limits.maxResourceBytes);
  return { op: 'put', type: key.type, id: key.id, expected, text, entries, trace: traceOf(context, interaction) };
}

/** A change that leaves a tombstone. */
export function prepareDelete(context: RequestContext, key: ResourceKey, expected: Expected): Delete {
  return { op: 'delete', type: key.type, id: key.id, expected, trace: traceOf(context, 'delete') };
}

/** https://hl7.org/fhir/R4/http.html#update: the body's id is required and is that of the URL; otherwise 400. */
export function checkBodyId(doc: JsonDocument, id: ResourceId): void {
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

function checkSize(text: ResourceText, limit: number): void {
  if ((text.before.length + text.after.length) * 3 <= limit) return;
  if (Buffer.byteLength(text.before) + Buffer.byteLength(text.after) <= limit) return;
  throw fhirError('too-large', `a resource may have ${limit} bytes`, 'Split it, or keep large content in a Binary of its own.');
}

function traceOf(context: RequestContext, interaction: Trace['interaction']): Trace {
  const { subject, client } = context.principal;
  return client === undefined
    ? { subject, requestId: context.requestId, interaction }
    : { subject, client, requestId: context.requestId, interaction };
}

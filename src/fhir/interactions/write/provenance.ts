/**
 * The Provenance that a client sends in a header, stored with what it is about: in the same commit, or not at all.
 * https://hl7.org/fhir/R4/http.html#Provenance-header (`X-Provenance`: a Provenance as JSON, without its target)
 */
import { asResourceId, asResourceType } from '../../model/ids.ts';
import { parseJson, type JsonDocument, type JsonObject } from '../../model/json.ts';
import { fhirError } from '../../outcome/error.ts';
import type { Change, Put } from '../../store/port.ts';
import type { FhirDeps } from '../deps.ts';
import type { FhirRequest, RequestContext } from '../message.ts';
import { preparePut } from './prepare.ts';

const HEADER = 'X-Provenance';

/** What is to be written beside `changes`: the Provenance of the resources that they put. Throws what a create of it throws. */
export async function provenanceOf(
  deps: FhirDeps,
  context: RequestContext,
  headers: FhirRequest['headers'],
  changes: readonly Change[],
): Promise<Put[]> {
  const given = headers['x-provenance'];
  const targets = changes.filter((change) => change.op === 'put');
  if (given === undefined || targets.length === 0) return [];
  const { maxDepth, maxKeys } = deps.limits;
  // Headers come as Latin-1, whatever they were sent as.
  const { value, exact } = parseJson(Buffer.from(given, 'latin1'), { depth: maxDepth, keys: maxKeys });
  if (value['target'] !== undefined)
    throw fhirError('invalid-structure', 'the Provenance in the header has a target', 'Leave it out: it is what you write.', HEADER);
  const target = targets.map(({ type, id }) => ({ reference: `${type}/${id}` }));
  const withTarget = (of: JsonObject): JsonObject => ({ ...of, target });
  const document: JsonDocument = { value: withTarget(value), exact: withTarget(exact) };
  const key = { type: asResourceType('Provenance'), id: asResourceId(deps.newId()) };
  const order = { key, expected: 'absent', interaction: 'create', bodyId: 'any' } as const;
  return [await preparePut(deps, context, { document }, order)];
}

/** Whom a resource is about: by the parameters of the Patient compartment, its owner's first. */
import type { Definitions } from '../../fhir/model/definitions.ts';
import { isJsonObject, type JsonObject } from '../../fhir/model/json.ts';
import type { Extractor } from '../../fhir/search/values/index.ts';
import type { StoredVersion } from '../../fhir/store/port.ts';

export interface PatientDeps {
  readonly definitions: Definitions;
  readonly extractor: Extractor;
}

/** These name whom it is about; others of the compartment, whoever had a part in it. */
const OWNERS: readonly string[] = ['patient', 'subject', 'beneficiary', 'individual'];

/** `Patient/9` for each that a resource belongs to, the one whom it is about first. */
export function patientsOf({ definitions, extractor }: PatientDeps, type: string, id: string, resource: JsonObject): string[] {
  if (type === 'Patient') return [`Patient/${id}`];
  const params = definitions.compartments['Patient']?.[type] ?? [];
  const ordered = [...params].sort((a, b) => Number(OWNERS.includes(b)) - Number(OWNERS.includes(a)));
  const found = ordered.flatMap((param) => extractor.references(resource, type, param));
  return [...new Set(found.filter((r) => r.type === 'Patient').map((r) => `Patient/${r.id}`))];
}

/** Of a version with a body. */
export const patientOfVersion = (deps: PatientDeps, version: StoredVersion): string | undefined =>
  patientsOf(deps, version.type, version.id, resourceOf(version.body))[0];

export function resourceOf(body: Uint8Array): JsonObject {
  const value: unknown = JSON.parse(Buffer.from(body).toString());
  if (!isJsonObject(value)) throw new Error('A stored body is no JSON object.');
  return value;
}

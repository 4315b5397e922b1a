/** Required bindings of codings: https://hl7.org/fhir/R4/terminologies.html#required. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts';
import { listed } from './explain.ts';
import type { PropertyPlan } from './plan.ts';
import { placeOf, report, type Walk } from './trail.ts';

type Codes = ReadonlyMap<string, ReadonlySet<string>>;

/** Checks a Coding, or a CodeableConcept, one coding of which must be of the value set. */
export function checkBinding(walk: Walk, property: PropertyPlan, codes: Codes, value: JsonObject): void {
  const codings = codingsOf(value, property.element.type);
  if (codings.some((c) => isOf(codes, c)) || isOnlyExtended(value)) return;
  const rule = `must have a coding of ${listed(namesOf(codes))} (required binding to ${property.element.required ?? ''})`;
  report(walk, 'invalid-code', placeOf(walk), rule, 'add a coding with system and code of this value set');
}

function codingsOf(value: JsonObject, type: string): readonly JsonValue[] {
  if (type === 'Coding') return [value];
  const codings = value['coding'];
  return Array.isArray(codings) ? codings : [];
}

function isOf(codes: Codes, coding: JsonValue): boolean {
  if (!isJsonObject(coding)) return false;
  const { system, code } = coding;
  return typeof system === 'string' && typeof code === 'string' && codes.get(system)?.has(code) === true;
}

/** An element whose value is absent, and an extension says why. */
const isOnlyExtended = (value: JsonObject): boolean =>
  value['extension'] !== undefined && value['coding'] === undefined && value['text'] === undefined;

const namesOf = (codes: Codes): string[] => [...codes].flatMap(([system, of]) => [...of].map((code) => `${system}|${code}`));

/** What belongs to a patient, an encounter, …: https://hl7.org/fhir/R4/compartmentdefinition.html */
import type { Definitions } from '../model/definitions.ts';
import { or, type Node } from './ast.ts';

type Compartments = Pick<Definitions, 'compartments'>;

/** Stands in the definitions for the resource that the compartment is of. */
const ITSELF = '{def}';

/** Whether R4 has compartments of that type: Patient, Encounter, Practitioner, RelatedPerson, Device. */
export const isCompartment = ({ compartments }: Compartments, type: string): boolean => Object.hasOwn(compartments, type);

/**
 * What of `type` is in the compartment of `compartment/id`: that resource itself, and whatever refers to it by one of the
 * parameters that the definition names. NONE for types that are never in it.
 */
export function compartmentNode({ compartments }: Compartments, compartment: string, id: string, type: string): Node {
  const codes = (compartments[compartment]?.[type] ?? []).filter((code) => code !== ITSELF);
  const refers = codes.map((param): Node => ({ op: 'reference', param, type: compartment, id }));
  return type === compartment ? or({ op: 'id', ids: [id] }, ...refers) : or(...refers);
}

/** What belongs to a patient, an encounter, …: https://hl7.org/fhir/R4/compartmentdefinition.html */
import type { Definitions } from '../model/definitions.ts';
import type { ResourceKey } from '../model/ids.ts';
import type { AccessFilter } from '../model/principal.ts';
import { and, or, type Node } from './ast.ts';
import { mayAskBy } from './parse/lookup.ts';
import { hidden } from './parse/problems.ts';

type Compartments = Pick<Definitions, 'compartments'>;

/** Stands in the definitions for the resource that the compartment is of. */
const ITSELF = '{def}';

/** Whether R4 has compartments of that type: Patient, Encounter, Practitioner, RelatedPerson, Device. */
export const isCompartment = ({ compartments }: Compartments, type: string): boolean => Object.hasOwn(compartments, type);

/** Parameters by which a resource of `type` may be in a compartment. */
export const membershipCodes = ({ compartments }: Compartments, compartment: string, type: string): readonly string[] =>
  (compartments[compartment]?.[type] ?? []).filter((code) => code !== ITSELF);

/** What refers to it by one of the parameters, and that resource itself. */
function memberNode(of: { readonly type: string; readonly id: string }, type: string, codes: readonly string[]): Node {
  const refers = codes.map((param): Node => ({ op: 'reference', param, type: of.type, id: of.id }));
  return type === of.type ? or({ op: 'id', ids: [of.id] }, ...refers) : or(...refers);
}

/**
 * What of several types is in a compartment, as far as the caller may ask for it: the resource that it is of, and whatever refers
 * to that by a parameter which the definition names. Throws `forbidden` where the one type is in it only by parameters that
 * aren't visible.
 */
export function membersNode(
  definitions: Compartments,
  of: ResourceKey,
  types: readonly string[],
  access: Pick<AccessFilter<Node>, 'visibleOf'>,
): Node {
  const nodes = new Map<string, { readonly node: Node; readonly types: string[] }>();
  for (const type of types) {
    const codes = membershipCodes(definitions, of.type, type);
    const open = codes.filter((code) => mayAskBy(access.visibleOf(type), code));
    if (types.length === 1 && open.length === 0 && codes[0] !== undefined && type !== of.type) throw hidden('URL', type, codes[0]);
    const node = memberNode(of, type, open);
    if (node.op === 'none') continue;
    const key = JSON.stringify(node);
    const group = nodes.get(key) ?? { node, types: [] };
    group.types.push(type);
    nodes.set(key, group);
  }
  const parts = [...nodes.values()].map((group) => (types.length === 1 ? group.node : and({ op: 'type', types: group.types }, group.node)));
  return or(...parts);
}

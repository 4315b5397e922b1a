/** `Patient/1/Observation?…`, `Patient/1/*`: https://hl7.org/fhir/R4/http.html#vsearch */
import { asResourceType } from '../model/ids.ts';
import { fhirError } from '../outcome/error.ts';
import { isCompartment } from '../search/compartment.ts';
import type { FhirResponse } from './message.ts';
import type { Call } from './router.ts';
import { searchPage } from './search.ts';
import { readCurrent } from './visible.ts';

const ANY_TYPE = '*';

/** A search among what is in the compartment of a resource that the caller may read. */
export async function searchCompartment(call: Call): Promise<FhirResponse> {
  const { deps, request, type, id, member } = call;
  const known = member === ANY_TYPE || deps.definitions.resourceTypes.has(member);
  if (!isCompartment(deps.definitions, type) || !known) throw noSuchPlace(Object.keys(deps.definitions.compartments));
  const within = { type, id };
  await readCurrent(deps, request.context, within);
  const among = member === ANY_TYPE ? { within } : { within, type: asResourceType(member) };
  return searchPage(call, among, `${type}/${id}/${member}`);
}

const noSuchPlace = (compartments: readonly string[]): Error =>
  fhirError(
    'not-found',
    'nothing is served at this path',
    `There are compartments of ${compartments.join(', ')}: Patient/1/Observation, Patient/1/*.`,
    'URL',
  );

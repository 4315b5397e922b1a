/** Finds what a FHIRPath names: plain paths (`Patient.contact[0].name`) at once, others by the FHIRPath engine in its worker. */
import { fhirError } from '../outcome/error.ts';
import { definesElement } from './elements.ts';
import { children, follow, type Place, type Resource, type Step } from './places.ts';

/** Evaluates FHIRPath under limits. */
export interface PathLocator {
  /** Starts the evaluations of one patch; all of them together may take as long as the locator's limit says. */
  begin(): Evaluation;
  close(): Promise<void>;
}

/** Steps to each element of the result; none for the resource itself. Throws `too-costly`, `invalid-structure`. */
export type Evaluation = (resource: string, path: string, where: string) => Promise<readonly (readonly Step[])[]>;

const PLAIN = /^[A-Za-z][A-Za-z0-9]*(?:\[\d{1,9}\])?(?:\.[A-Za-z][A-Za-z0-9]*(?:\[\d{1,9}\])?)*$/;

/** The places a path leads to, undefined being the resource itself. Throws `business-rule` for elements that don't exist. */
export async function locate(resource: Resource, path: string, evaluate: Evaluation, where: string): Promise<(Place | undefined)[]> {
  if (PLAIN.test(path)) return plainPlaces(resource, path, where);
  const found = await evaluate(JSON.stringify(resource.root.members), path, where);
  return found.map((steps) => (steps.length === 0 ? undefined : (follow(resource, steps) ?? unknownPlace(where))));
}

function plainPlaces(resource: Resource, path: string, where: string): (Place | undefined)[] {
  const [first = '', ...rest] = path.split('.');
  const steps = first === resource.root.type ? rest : [first, ...rest];
  let places: (Place | undefined)[] = [undefined];
  for (const step of steps) {
    const [name = '', index] = step.split('[');
    if (places.length > 0) assertDefined(resource, places, name, where);
    const found = places.flatMap((place) => children(resource, place, name));
    places = index === undefined ? found : found.slice(Number.parseInt(index, 10)).slice(0, 1);
  }
  return places;
}

function assertDefined({ definitions, root }: Resource, places: readonly (Place | undefined)[], name: string, where: string): void {
  const types = new Set(places.map((place) => place?.element.type ?? root.type));
  types.delete('Resource');
  if (types.size === 0 || types.values().some((type) => definesElement(definitions, type, name))) return;
  throw fhirError('business-rule', `${[...types].join(', ')} has no element ${name}`, 'correct the path', where);
}

function unknownPlace(where: string): never {
  throw fhirError('business-rule', 'the path must lead to elements of this resource', 'name elements, without computing values', where);
}

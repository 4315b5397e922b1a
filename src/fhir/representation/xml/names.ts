/** https://hl7.org/fhir/R4/xml.html */
import type { ElementModel } from '../../model/types.ts';

export const FHIR_NAMESPACE = 'http://hl7.org/fhir';
export const XHTML_NAMESPACE = 'http://www.w3.org/1999/xhtml';

/** Element ids and the url of an extension are attributes; the id of a resource is not. */
export function isAttribute(ownerType: string, ownerKind: string, element: ElementModel): boolean {
  if (element.name === 'id') return ownerKind !== 'resource';
  return element.name === 'url' && ownerType === 'Extension';
}

/** XML at the edge: https://hl7.org/fhir/R4/xml.html */
import { fhirError } from '../outcome/error.ts';

export function toXml(_json: Uint8Array): Uint8Array {
  throw fhirError('not-acceptable', 'XML is not served yet', 'Ask for application/fhir+json.', 'Accept');
}

export function fromXml(_xml: Uint8Array): Uint8Array {
  throw fhirError('unsupported-media-type', 'XML is not taken yet', 'Send application/fhir+json.', 'Content-Type');
}

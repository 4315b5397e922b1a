/** Which elements a role sees of a type, where it isn't all of them. */
import type { Visible } from '../../fhir/model/principal.ts';

const ALWAYS = ['_id', '_lastUpdated'];
const NAME = ['name', 'phonetic'];
const TELECOM = ['telecom', 'phone', 'email'];
const ADDRESS = ['address', 'address-city', 'address-country', 'address-postalcode', 'address-state', 'address-use'];

const only = (elements: readonly string[], parameters: readonly string[]): Visible => ({
  elements: new Set(elements),
  parameters: new Set([...ALWAYS, ...NAME, ...TELECOM, ...ADDRESS, ...parameters]),
});

/** How people can be reached, and in which language; nothing that tells why they come. */
export const CONTACT_ONLY: Readonly<Record<string, Visible>> = {
  Patient: only(['active', 'name', 'telecom', 'address', 'communication'], ['active', 'family', 'given', 'language']),
  RelatedPerson: only(['active', 'patient', 'relationship', 'name', 'telecom', 'address'], ['active', 'patient', 'relationship']),
  Person: only(['active', 'name', 'telecom', 'address'], []),
};

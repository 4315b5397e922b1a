/** The errors of the parser: each names the parameter, the rule and the way out, never a value. */
import { fhirError, type FhirError } from '../../outcome/error.ts';

export const invalid = (where: string, rule: string, hint: string): FhirError => fhirError('invalid-parameter', rule, hint, where);
export const unknown = (where: string, rule: string, hint: string): FhirError => fhirError('unknown-parameter', rule, hint, where);
export const tooCostly = (where: string, rule: string, hint: string): FhirError => fhirError('too-costly', rule, hint, where);

export const hidden = (where: string, type: string, code: string): FhirError =>
  fhirError('forbidden', `you may not ask for ${type} by ${code}: it is of a part that isn't shown to you`, 'Leave it out.', where);

/** A name in a message, cut where it is long. Values never are: they may be of a patient. */
export const quoted = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

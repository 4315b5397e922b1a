/** Values of primitives: text in XML, typed in JSON (https://hl7.org/fhir/R4/json.html#primitive). */
import { exactNumber } from '../../model/json.ts';
import type { JsonValue } from '../../model/json.ts';

const NUMBERS: ReadonlySet<string> = new Set(['decimal', 'integer', 'positiveInt', 'unsignedInt']);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** As in JSON texts: longer ones are no measurements. */
const NUMBER_LENGTH = 1024;

/** The JSON of a value attribute. What isn't of the type stays a string, which the validator refuses, naming the place. */
export function primitiveOf(type: string, text: string): JsonValue {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return NUMBERS.has(type) && isNumber(text) ? exactNumber(text) : text;
}

const isNumber = (text: string): boolean => text.length <= NUMBER_LENGTH && NUMBER.test(text) && Number.isFinite(Number(text));

/** Forms of R4's primitive types: https://hl7.org/fhir/R4/datatypes.html. One table, a row for each type. */
import { isBase64 } from './base64.ts';
import { isDate, isDateTime, isInstant, isTime } from './dates.ts';
import { narrativeFault } from '../narrative/narrative.ts';

export interface PrimitiveForm {
  /** What the value is in JSON. */
  readonly json: 'string' | 'number' | 'boolean';
  /** True if the JSON value has this form; false for values of other JSON types. */
  readonly accepts: (value: unknown) => boolean;
  /** What the standard asks for, after "must be". */
  readonly rule: string;
  readonly hint: string;
}

const MAX_STRING = 1024 * 1024;
const MAX_INTEGER = 2_147_483_647;

/** Characters below 32 other than tab, line feed and carriage return. */
const CONTROL = /[^\t\n\r\u0020-\uffff]/;
/** Those, and halves of surrogate pairs: few texts have any, which spares the others the closer look. */
const UNUSUAL = /[^\t\n\r\u0020-\ud7ff\ue000-\uffff]/;
const SPACE = /\s/;
/** Whitespace, and halves of surrogate pairs. */
const NOT_WORD = /[\s\ud800-\udfff]/;
/** What a code may not have; a test for what it is, `([^\s]+\s)*`, needs a stack as long as the text. */
const NOT_CODE = /^\s|\s\s|\s$/;
const ID = /^[A-Za-z0-9\-.]{1,64}$/;
const OID_START = /^urn:oid:[0-2]\./;
/** What may not follow: again a test for what does needs a stack. */
const NOT_OID = /[^.0-9]|\.(?:0[0-9]|\.|$)/;
/** Of `urn:oid:1`. */
const OID_LENGTH = 9;
const UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const isUnicode = (text: string): boolean => !UNUSUAL.test(text) || (!CONTROL.test(text) && text.isWellFormed());
const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= MAX_STRING && isUnicode(value);
const isWord = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && (!NOT_WORD.test(value) || (!SPACE.test(value) && value.isWellFormed()));
const isInteger = (least: number) => (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= MAX_INTEGER;
const matches = (form: RegExp) => (value: unknown) => typeof value === 'string' && form.test(value);
const whenString = (form: (text: string) => boolean) => (value: unknown) => typeof value === 'string' && form(value);

const TEXT: Omit<PrimitiveForm, 'rule'> = {
  json: 'string',
  accepts: isText,
  hint: 'leave the element out if it has no value, and keep control characters out',
};
const TEXT_RULE = 'a string of 1 to 1,048,576 characters without control characters other than tab, CR and LF';

const URI: PrimitiveForm = {
  json: 'string',
  accepts: isWord,
  rule: 'a URI without whitespace',
  hint: 'escape spaces as %20',
};

/** Of elements, https://hl7.org/fhir/R4/element.html#id: typed as string, yet without spaces. */
export const ELEMENT_ID: PrimitiveForm = {
  json: 'string',
  accepts: (value) => isText(value) && isWord(value),
  rule: 'an id of 1 to 1,048,576 characters without whitespace',
  hint: 'use an id without spaces',
};

/** By the name of the type; each of R4's primitive types has a row. */
export const PRIMITIVES: Readonly<Record<string, PrimitiveForm>> = {
  boolean: { json: 'boolean', accepts: (v) => typeof v === 'boolean', rule: 'true or false', hint: 'send it without quotes' },
  integer: {
    json: 'number',
    accepts: isInteger(-MAX_INTEGER - 1),
    rule: 'a whole number from -2,147,483,648 to 2,147,483,647',
    hint: 'send a whole number without quotes',
  },
  unsignedInt: {
    json: 'number',
    accepts: isInteger(0),
    rule: 'a whole number from 0 to 2,147,483,647',
    hint: 'send a whole number without quotes',
  },
  positiveInt: {
    json: 'number',
    accepts: isInteger(1),
    rule: 'a whole number from 1 to 2,147,483,647',
    hint: 'send a whole number without quotes',
  },
  decimal: { json: 'number', accepts: Number.isFinite, rule: 'a decimal number', hint: 'send a number without quotes' },
  string: { ...TEXT, rule: TEXT_RULE },
  markdown: { ...TEXT, rule: TEXT_RULE },
  code: {
    json: 'string',
    accepts: whenString((text) => text.length > 0 && !NOT_CODE.test(text) && isUnicode(text)),
    rule: 'a code: no whitespace at its ends, nor two whitespace characters in a row',
    hint: 'send the code as its code system writes it',
  },
  id: {
    json: 'string',
    accepts: matches(ID),
    rule: 'an id: 1 to 64 of the characters A-Z, a-z, 0-9, "-" and "."',
    hint: 'use other characters, or keep the number in an identifier',
  },
  uri: URI,
  url: { ...URI, rule: 'a URL without whitespace' },
  canonical: { ...URI, rule: 'a canonical URL without whitespace' },
  oid: {
    json: 'string',
    accepts: whenString((text) => OID_START.test(text) && !NOT_OID.test(text.slice(OID_LENGTH))),
    rule: 'an OID, urn:oid:1.2.3',
    hint: 'write it with urn:oid: before it',
  },
  uuid: {
    json: 'string',
    accepts: matches(UUID),
    rule: 'a UUID, urn:uuid: and lower case digits',
    hint: 'write it with urn:uuid: before it',
  },
  base64Binary: {
    json: 'string',
    accepts: whenString(isBase64),
    rule: 'base64 (RFC 4648), padded to a multiple of four characters',
    hint: 'encode the bytes with the standard alphabet, + and /, and padding',
  },
  date: {
    json: 'string',
    accepts: whenString(isDate),
    rule: 'a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD',
    hint: 'send 1980, 1980-02 or 1980-02-03',
  },
  dateTime: {
    json: 'string',
    accepts: whenString(isDateTime),
    rule: 'a date of the calendar as YYYY, YYYY-MM or YYYY-MM-DD, or with a time, seconds and zone included',
    hint: 'send 1980-02-03 or 1980-02-03T10:30:00+05:30',
  },
  instant: {
    json: 'string',
    accepts: whenString(isInstant),
    rule: 'a date of the calendar with a time, seconds and zone included',
    hint: 'send 2015-02-07T13:28:17.239+02:00',
  },
  time: { json: 'string', accepts: whenString(isTime), rule: 'a time as hh:mm:ss, without a zone', hint: 'send 14:30:00' },
  xhtml: {
    json: 'string',
    accepts: whenString((text) => narrativeFault(text) === undefined),
    rule: 'well-formed XHTML in one div of http://www.w3.org/1999/xhtml',
    hint: 'send <div xmlns="http://www.w3.org/1999/xhtml">…</div>',
  },
};

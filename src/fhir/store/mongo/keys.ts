/**
 * How index keys are spelled. A key is one string that begins with the clinic: `clinic/type/param=value`. So one index
 * serves all parameters of all types, and a new parameter needs no new one. Ids of clinics, types and resources have
 * no `/`, names of parameters no `=`.
 */
import type { ClinicId, ResourceKey } from '../../model/ids.ts';
import { COUNT_LENGTH, orderedCount, orderedNumber, reversedCount } from './ordered.ts';

/** Between the parts of a value. Less than any other character but U+0000, so that what is shorter comes first. */
export const PART = '\u0001';
/** Driving keys are cut to this length: they need only find a superset. */
const KEY_LENGTH = 120;

/** Where values are put together of parts, none may hold the separator. */
export const part = (text: string): string => (text.includes(PART) ? text.replaceAll(PART, '\ufffd') : text);

export const idOf = (clinic: ClinicId, key: ResourceKey): string => `${clinic}/${key.type}/${key.id}`;
export const versionIdOf = (id: string, versionId: number): string => `${id}/${String(versionId).padStart(10, '0')}`;

/** `clinic/type`: the key of every live resource of the type. */
export const typeKey = (clinic: ClinicId, type: string): string => `${clinic}/${type}`;
/** Marks deleted ones. */
export const deletedKey = (typed: string): string => `${typed}!`;

export const driverKey = (typed: string, param: string, value: string): string =>
  `${typed}/${param}=${value.length > KEY_LENGTH ? value.slice(0, KEY_LENGTH) : value}`;

/** Whether the key of such a value tells it from all others. */
export const isWholeKey = (value: string): boolean => value.length < KEY_LENGTH;

/** Which index version made a resource's entries. */
export const indexVersionKey = (clinic: ClinicId, indexVersion: string): string => `${clinic}#${indexVersion}`;

/** A pair of a reference and a token, such as patient and code: two arrays can't share an index, a key of both can. */
export const pairKey = (typed: string, token: string, type: string, id: string, code: string): string =>
  driverKey(typed, `@${token}:${type}/${part(id)}`, part(code));

/** A token in a part of some composite. */
export const partKey = (typed: string, code: string): string => driverKey(typed, '$', part(code));

/**
 * Exact entries, compared within one resource: no clinic, no type. The sign behind the parameter tells the kind: parts of
 * one composite may be of several.
 */
export const ENTRY_SIGNS = { token: '=', string: '~', exact: '!', reference: '@', uri: '<' } as const;
export const tokenEntry = (param: string, system: string, code: string): string =>
  `${param}${ENTRY_SIGNS.token}${part(code)}${PART}${part(system)}`;
export const textEntry = (param: string, value: string): string => `${param}${ENTRY_SIGNS.string}${value}`;
export const exactEntry = (param: string, exact: string): string => `${param}${ENTRY_SIGNS.exact}${exact}`;
export const referenceEntry = (param: string, type: string, id: string): string =>
  `${param}${ENTRY_SIGNS.reference}${part(id)}${PART}${type}`;
export const uriEntry = (param: string, value: string): string => `${param}${ENTRY_SIGNS.uri}${value}`;

const RANGE_SIGNS = { date: '', number: '#', quantity: '*' } as const;
/** What a range's parameter is kept as. */
export const rangeName = (kind: keyof typeof RANGE_SIGNS, param: string): string => param + RANGE_SIGNS[kind];

/** A sort value as text: one order, for numbers and strings. */
export const sortText = (value: string | number): string => (typeof value === 'number' ? orderedNumber(value) : value);

/** `clinic/type/value` and the number of creation: resources of one value follow in natural order when read forwards … */
export const forwardKey = (typed: string, value: string, created: number): string => `${typed}/${value}${PART}${orderedCount(created)}`;
/** … or backwards. */
export const backwardKey = (typed: string, value: string, created: number): string => `${typed}/${value}${PART}${reversedCount(created)}`;

/** The value in such a key. */
export const valueOfKey = (typed: string, key: string): string => key.slice(typed.length + 1, key.length - COUNT_LENGTH - 1);

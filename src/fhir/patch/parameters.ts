/** Reads the Parameters of a FHIRPath Patch: https://hl7.org/fhir/R4/fhirpatch.html */
import { fhirError } from '../outcome/error.ts';
import { isJsonObject } from '../model/json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';

export type FhirPathOperation =
  | { readonly type: 'add'; readonly path: string; readonly name: string; readonly value: PatchValue }
  | { readonly type: 'insert'; readonly path: string; readonly index: number; readonly value: PatchValue }
  | { readonly type: 'delete'; readonly path: string }
  | { readonly type: 'replace'; readonly path: string; readonly value: PatchValue }
  | { readonly type: 'move'; readonly path: string; readonly source: number; readonly destination: number };

/** A value of a type that parameters can have; a resource; or parts, which make an element without a type of its own. */
export type PatchValue =
  | { readonly kind: 'value'; readonly type: string; readonly value: JsonValue | undefined; readonly extra: JsonValue | undefined }
  | { readonly kind: 'resource'; readonly resource: JsonObject }
  | { readonly kind: 'parts'; readonly parts: readonly NamedValue[] };

export interface NamedValue {
  readonly name: string;
  readonly value: PatchValue;
}

const MAX_OPERATIONS = 500;
const MAX_PATH = 1000;
const PARTS: ReadonlySet<string> = new Set(['type', 'path', 'name', 'value', 'index', 'source', 'destination']);

/** Throws `invalid-structure` for what is no FHIRPath Patch, `too-costly` for one that is too long. */
export function readFhirPathPatch(parameters: JsonObject): readonly FhirPathOperation[] {
  if (parameters.resourceType !== 'Parameters')
    throw malformed('a FHIRPath Patch is a Parameters resource', 'send Parameters with one parameter an operation', 'Parameters');
  const list = parameters.parameter ?? [];
  if (!Array.isArray(list)) throw malformed('parameter is a list', 'send an array', 'Parameters.parameter');
  if (list.length > MAX_OPERATIONS)
    throw fhirError(
      'too-costly',
      `a patch has at most ${MAX_OPERATIONS} operations`,
      'send several patches, or an update',
      'Parameters.parameter',
    );
  return list.map((parameter, i) => readOperation(parameter, `Parameters.parameter[${i}]`));
}

function readOperation(parameter: JsonValue, where: string): FhirPathOperation {
  if (!isJsonObject(parameter) || parameter.name !== 'operation')
    throw malformed('each parameter is named operation', 'correct its name', `${where}.name`);
  const parts = partsOf(parameter, where);
  const type = textOf(parts, 'type', where);
  const path = textOf(parts, 'path', where);
  if (path.length > MAX_PATH) throw malformed(`a path has at most ${MAX_PATH} characters`, 'shorten it', where);
  switch (type) {
    case 'add':
      return { type, path, name: textOf(parts, 'name', where), value: valueOf(parts, where) };
    case 'insert':
      return { type, path, index: indexOf(parts, 'index', where), value: valueOf(parts, where) };
    case 'delete':
      return { type, path };
    case 'replace':
      return { type, path, value: valueOf(parts, where) };
    case 'move':
      return { type, path, source: indexOf(parts, 'source', where), destination: indexOf(parts, 'destination', where) };
    default:
      throw malformed('type is one of add, insert, delete, replace, move', 'correct it', `${where}.part(type)`);
  }
}

type Parts = ReadonlyMap<string, JsonObject>;

function partsOf(parameter: JsonObject, where: string): Parts {
  const parts = new Map<string, JsonObject>();
  const list = parameter.part ?? [];
  if (!Array.isArray(list)) throw malformed('part is a list', 'send an array', `${where}.part`);
  for (const part of list) {
    const name = isJsonObject(part) ? part.name : undefined;
    if (typeof name !== 'string' || !PARTS.has(name))
      throw malformed(`the parts of an operation are ${[...PARTS].join(', ')}`, 'correct the name', `${where}.part`);
    if (parts.has(name)) throw malformed('each part is there once', 'remove one', `${where}.part(${name})`);
    parts.set(name, part as JsonObject);
  }
  return parts;
}

function textOf(parts: Parts, name: string, where: string): string {
  const part = parts.get(name);
  const value = part?.valueString ?? part?.valueCode;
  if (typeof value !== 'string' || value === '')
    throw malformed(
      `the operation needs ${name}, a ${name === 'type' ? 'code' : 'string'}`,
      `add the part ${name}`,
      `${where}.part(${name})`,
    );
  return value;
}

function indexOf(parts: Parts, name: string, where: string): number {
  const part = parts.get(name);
  const value = part?.valueInteger ?? part?.valueUnsignedInt ?? part?.valuePositiveInt;
  if (!Number.isInteger(value) || (value as number) < 0)
    throw malformed(`the operation needs ${name}, an integer from 0`, `add the part ${name}`, `${where}.part(${name})`);
  return value as number;
}

function valueOf(parts: Parts, where: string): PatchValue {
  const part = parts.get('value');
  if (!part) throw malformed('the operation needs value', 'add the part value', `${where}.part(value)`);
  return readValue(part, `${where}.part(value)`);
}

function readValue(part: JsonObject, where: string): PatchValue {
  const keys = new Set(
    Object.keys(part)
      .map((key) => (key.startsWith('_') ? key.slice(1) : key))
      .filter((key) => !['name', 'id', 'extension'].includes(key)),
  );
  const [key] = keys;
  if (keys.size !== 1 || key === undefined) throw malformed('a part has one value[x], resource or part', 'give one of them', where);
  const value = part[key];
  if (key === 'part' && Array.isArray(value))
    return { kind: 'parts', parts: value.map((inner, i) => readNamed(inner, `${where}.part[${i}]`)) };
  if (key === 'resource' && isJsonObject(value)) return { kind: 'resource', resource: value };
  if (/^value[A-Z]/.test(key)) return { kind: 'value', type: key.slice('value'.length), value, extra: part[`_${key}`] };
  throw malformed('a part has one value[x], resource or part', 'give one of them', where);
}

function readNamed(part: JsonValue, where: string): NamedValue {
  if (!isJsonObject(part) || typeof part.name !== 'string') throw malformed('a part has a name', 'name the element', where);
  return { name: part.name, value: readValue(part, where) };
}

const malformed = (rule: string, hint: string, where: string): Error => fhirError('invalid-structure', rule, hint, where);

/** Reads the document of a JSON Patch: https://www.rfc-editor.org/rfc/rfc6902#section-4 */
import { fhirError } from '../outcome/error.ts';
import { isJsonObject } from '../model/json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { parsePointer } from './pointer.ts';

type Path = readonly string[];

export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: Path; readonly value: JsonValue }
  | { readonly op: 'move' | 'copy'; readonly path: Path; readonly from: Path }
  | { readonly op: 'remove'; readonly path: Path };

/** Each may cost as much as shifting a long list. */
const MAX_OPERATIONS = 1000;

/** Throws `invalid-structure` for what is no JSON Patch, `too-costly` for one that is too long. */
export function readJsonPatch(patch: JsonValue): readonly JsonPatchOperation[] {
  if (!Array.isArray(patch))
    throw fhirError('invalid-structure', 'a JSON Patch is an array of operations', 'send [{"op": …, "path": …}]', 'patch');
  if (patch.length > MAX_OPERATIONS)
    throw fhirError('too-costly', `a patch has at most ${MAX_OPERATIONS} operations`, 'send several patches, or an update', 'patch');
  return patch.map((operation, index) => readOperation(operation, `patch[${index}]`));
}

function readOperation(operation: JsonValue, where: string): JsonPatchOperation {
  if (!isJsonObject(operation)) throw fhirError('invalid-structure', 'an operation is an object', 'send {"op": …, "path": …}', where);
  const path = pointerIn(operation, 'path', where);
  const { op } = operation;
  switch (op) {
    case 'add':
    case 'replace':
    case 'test':
      return { op, path, value: valueIn(operation, where) };
    case 'move':
    case 'copy':
      return { op, path, from: pointerIn(operation, 'from', where) };
    case 'remove':
      return { op, path };
    default:
      throw fhirError('invalid-structure', 'op is one of add, remove, replace, move, copy, test', 'correct op', `${where}.op`);
  }
}

function pointerIn(operation: JsonObject, member: 'path' | 'from', where: string): Path {
  const pointer = Object.hasOwn(operation, member) ? operation[member] : undefined;
  if (typeof pointer !== 'string')
    throw fhirError('invalid-structure', `this operation needs ${member}, a string`, `add ${member}`, `${where}.${member}`);
  return parsePointer(pointer, `${where}.${member}`);
}

function valueIn(operation: JsonObject, where: string): JsonValue {
  const { value } = operation;
  if (value === undefined) throw fhirError('invalid-structure', 'this operation needs value', 'add value; null is one', `${where}.value`);
  return value;
}

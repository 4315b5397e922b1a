/**
 * JSON Patch: https://www.rfc-editor.org/rfc/rfc6902, https://hl7.org/fhir/R4/http.html#patch
 *
 * Own, since packages take exact numbers for objects when they copy.
 */
import { type FhirError, fhirError } from '../outcome/error.ts';
import { isExactNumber } from '../model/json.ts';
import type { JsonArray, JsonObject, JsonValue } from '../model/json.ts';
import { jsonEqual } from './equal.ts';
import { type JsonPatchOperation, readJsonPatch } from './operations.ts';
import { startsWithPointer } from './pointer.ts';
import { assertDepth, assertSameResource, cloneTree, type Members, pruneEmptied, sizeOf } from './tree.ts';

/** Values that `copy` and `move` may handle in all: doubling a resource thirty times must not work. */
const HANDLED_LIMIT = 200_000;

interface Working {
  root: JsonValue;
  readonly emptied: Set<JsonValue>;
  handled: number;
}

/**
 * Applies a JSON Patch to an exact tree. The result is new; number texts survive, of the resource and of the patch.
 * Throws `invalid-structure` (400) for what is no JSON Patch, `business-rule` (422) for one that can't be applied.
 */
export function applyJsonPatch(exact: JsonObject, patch: JsonValue): JsonObject {
  const operations = readJsonPatch(patch);
  const working: Working = { root: cloneTree(exact), emptied: new Set(), handled: 0 };
  operations.forEach((operation, index) => apply(working, operation, `patch[${index}]`));
  const { root } = working;
  pruneEmptied(root, working.emptied);
  assertSameResource(exact, root);
  return root;
}

function apply(working: Working, operation: JsonPatchOperation, where: string): void {
  const { path } = operation;
  switch (operation.op) {
    case 'add':
      assertDepth(operation.value, path.length);
      return add(working, path, cloneTree(operation.value), where);
    case 'remove':
      return void remove(working, path, where);
    case 'replace':
      assertDepth(operation.value, path.length);
      return replace(working, path, cloneTree(operation.value), where);
    case 'move':
      return move(working, operation.from, path, where);
    case 'copy':
      return copy(working, operation.from, path, where);
    case 'test':
      if (jsonEqual(valueAt(working, path, where), operation.value)) return;
      throw impossible('the value is not the one tested for', 'read the resource again', where, path);
  }
}

function add(working: Working, path: readonly string[], value: JsonValue, where: string): void {
  const key = path.at(-1);
  if (key === undefined) return setRoot(working, value);
  const parent = parentOf(working, path, where);
  if (Array.isArray(parent)) parent.splice(insertionIndex(parent, key, where, path), 0, value);
  else parent[key] = value;
}

function remove(working: Working, path: readonly string[], where: string): JsonValue {
  const value = valueAt(working, path, where);
  const key = path.at(-1);
  if (key === undefined) throw impossible('a patch does not remove the resource', 'use DELETE', where, path);
  const parent = parentOf(working, path, where);
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  working.emptied.add(parent);
  return value;
}

function replace(working: Working, path: readonly string[], value: JsonValue, where: string): void {
  valueAt(working, path, where);
  const key = path.at(-1);
  if (key === undefined) return setRoot(working, value);
  const parent = parentOf(working, path, where);
  if (Array.isArray(parent)) parent[Number(key)] = value;
  else parent[key] = value;
}

function move(working: Working, from: readonly string[], path: readonly string[], where: string): void {
  if (startsWithPointer(path, from) && path.length > from.length) {
    throw impossible('nothing is moved into itself', 'choose another path', where, path);
  }
  const value = valueAt(working, from, where);
  if (path.length === from.length && startsWithPointer(path, from)) return;
  handle(working, value, path, where);
  remove(working, from, where);
  add(working, path, value, where);
}

/** Keeps the tree as deep as it may be, at any time, and its cost bounded. */
function handle(working: Working, value: JsonValue, path: readonly string[], where: string): void {
  working.handled += sizeOf(value, HANDLED_LIMIT);
  if (working.handled > HANDLED_LIMIT)
    throw fhirError('too-costly', `a patch moves and copies at most ${HANDLED_LIMIT} values`, 'send an update instead', where);
  assertDepth(value, path.length);
}

function copy(working: Working, from: readonly string[], path: readonly string[], where: string): void {
  const value = valueAt(working, from, where);
  handle(working, value, path, where);
  add(working, path, cloneTree(value), where);
}

function setRoot(working: Working, value: JsonValue): void {
  working.root = value;
  working.emptied.clear();
}

/** The value at `path`, which must be there. */
function valueAt(working: Working, path: readonly string[], where: string): JsonValue {
  let value = working.root;
  for (const token of path) {
    const member = memberOf(value, token);
    if (member === undefined) return missing(where, path);
    value = member;
  }
  return value;
}

/** The object or array that holds what `path` names. */
function parentOf(working: Working, path: readonly string[], where: string): Members | JsonArray {
  const parent = valueAt(working, path.slice(0, -1), where);
  if (typeof parent !== 'object' || parent === null || isExactNumber(parent)) return missing(where, path);
  return parent;
}

/** Undefined if there is none; JSON's null is a member like any other. */
function memberOf(value: JsonValue, token: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return undefined;
  if (Array.isArray(value)) return isIndex(token) ? value[Number(token)] : undefined;
  return Object.hasOwn(value, token) ? value[token] : undefined;
}

function insertionIndex(array: JsonArray, token: string, where: string, path: readonly string[]): number {
  if (token === '-') return array.length;
  if (isIndex(token) && Number(token) <= array.length) return Number(token);
  throw impossible(`the list has ${array.length} items; 0 to ${array.length} or - may be added at`, 'correct the index', where, path);
}

const isIndex = (token: string): boolean => /^(?:0|[1-9]\d{0,8})$/.test(token);

function missing(where: string, path: readonly string[]): never {
  throw impossible('nothing is there', 'add the parent first, or correct the path', where, path);
}

function impossible(rule: string, hint: string, where: string, path: readonly string[]): FhirError {
  return fhirError('business-rule', rule, hint, `${where}: /${path.join('/')}`.slice(0, 500));
}

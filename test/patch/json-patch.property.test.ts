import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createPatch } from 'rfc6902';
import type { JsonObject, JsonValue } from '../../src/fhir/model/json.ts';
import { FhirError } from '../../src/fhir/outcome/error.ts';
import { jsonEqual } from '../../src/fhir/patch/equal.ts';
import { applyJsonPatch } from '../../src/fhir/patch/json-patch.ts';
import { longer } from '../soak.ts';

const FIXED = { resourceType: 'Basic', id: '1' };
const key = fc.constantFrom('a', 'b', '0');
const { value: tree } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<JsonValue>(null, true, 0, 1.5, 'x'),
    fc.array(tie('value'), { minLength: 1, maxLength: 3 }),
    fc.dictionary(key, tie('value'), { minKeys: 1, maxKeys: 3 }),
  ),
}));
const path = fc
  .array(fc.constantFrom('a', 'b', '0', '1', '-', '2'), { minLength: 1, maxLength: 4 })
  .map((tokens) => `/${tokens.join('/')}`);
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add' as const, 'replace' as const, 'test' as const), path, value: tree }),
  fc.record({ op: fc.constantFrom('move' as const, 'copy' as const), path, from: path }),
  fc.record({ op: fc.constant('remove' as const), path }),
);

type Change = (container: JsonValue, token: string) => JsonValue | undefined;

/** The model: pure recursion, undefined for what can't be done. */
function edited(value: JsonValue | undefined, [token, ...rest]: readonly string[], change: Change): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || token === undefined) return undefined;
  if (rest.length === 0) return change(value, token);
  const inner = edited(member(value, token), rest, change);
  return inner === undefined ? undefined : put(value, token, inner);
}
const has = (value: JsonValue, token: string): boolean =>
  typeof value === 'object' && value !== null && token !== 'length' && Object.hasOwn(value, token);
const member = (value: JsonValue, token: string): JsonValue | undefined => (has(value, token) ? (value as JsonObject)[token] : undefined);
const at = (value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((v, token) => (v === undefined ? v : member(v, token)), value);
const put = (value: JsonValue, token: string, item: JsonValue): JsonValue =>
  Array.isArray(value) ? value.with(Number(token), item) : { ...(value as JsonObject), [token]: item };
const added =
  (item: JsonValue): Change =>
  (value, token) => {
    if (!Array.isArray(value)) return put(value, token, item);
    const index = token === '-' ? value.length : Number(token);
    return index <= value.length ? value.toSpliced(index, 0, item) : undefined;
  };
const removed: Change = (value, token) => {
  if (!has(value, token)) return undefined;
  if (Array.isArray(value)) return value.toSpliced(Number(token), 1);
  return Object.fromEntries(Object.entries(value as JsonObject).filter(([name]) => name !== token));
};
const replaced =
  (item: JsonValue): Change =>
  (value, token) =>
    has(value, token) ? put(value, token, item) : undefined;

type Operation = { op: string; path: string; from?: string; value?: JsonValue };
function modelled(value: JsonValue, operation: Operation): JsonValue | undefined {
  const path = operation.path.split('/').slice(1);
  const from = (operation.from ?? '').split('/').slice(1);
  const item = operation.value ?? null;
  if (operation.op === 'add') return edited(value, path, added(item));
  if (operation.op === 'remove') return edited(value, path, removed);
  if (operation.op === 'replace') return edited(value, path, replaced(item));
  if (operation.op === 'test') {
    const found = at(value, path);
    return found !== undefined && JSON.stringify(sorted(found)) === JSON.stringify(sorted(item)) ? value : undefined;
  }
  const moved = at(value, from);
  if (moved === undefined) return undefined;
  if (operation.op === 'copy') return edited(value, path, added(moved));
  if (`${operation.path}/`.startsWith(`${operation.from}/`)) return operation.path === operation.from ? value : undefined;
  return edited(edited(value, from, removed), path, added(moved));
}

function withoutEmpty(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) {
    const items = value.map(withoutEmpty).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withoutEmpty(member)] as const);
  const kept = members.filter(([, member]) => member !== undefined);
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as JsonObject);
}

function attempt(action: () => JsonObject): JsonObject | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

describe('applyJsonPatch, for any patch', () => {
  it('does what the model does, and refuses what it refuses, but for elements left empty', () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree, { maxKeys: 3 }), fc.array(operation, { maxLength: 4 }), (members, patch) => {
        const resource = { ...members, ...FIXED };
        const sent = structuredClone(resource);
        const expected = (patch as Operation[]).reduce<JsonValue | undefined>(
          (value, op) => (value === undefined ? value : modelled(value, op)),
          resource,
        );
        const made = attempt(() => applyJsonPatch(resource, patch));
        expect(resource).toEqual(sent);
        expect(made === undefined).toBe(expected === undefined);
        if (expected !== undefined) expect(withoutEmpty(made as JsonValue)).toEqual(withoutEmpty(expected));
      }),
      { numRuns: longer(5000) },
    );
  });

  it('leads from one resource to another by the patch a package makes', () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree), fc.dictionary(key, tree), (before, after) => {
        const patch = createPatch({ ...before, ...FIXED }, { ...after, ...FIXED });
        expect(applyJsonPatch({ ...before, ...FIXED }, patch as unknown as JsonValue)).toEqual({ ...after, ...FIXED });
      }),
      { numRuns: longer(1000) },
    );
  });

  it('finds a tree equal to itself in any order of keys, and to nothing else', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        expect(jsonEqual(a, reversed(a))).toBe(true);
        expect(jsonEqual(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });
});

const entries = (value: JsonObject): [string, JsonValue][] => Object.entries(value);
function mapped(value: JsonValue, order: (members: [string, JsonValue][]) => [string, JsonValue][]): JsonValue {
  if (Array.isArray(value)) return value.map((item) => mapped(item, order));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(order(entries(value)).map(([name, member]) => [name, mapped(member, order)]));
}
const reversed = (value: JsonValue): JsonValue => mapped(value, (members) => members.toReversed());
const sorted = (value: JsonValue): JsonValue => mapped(value, (members) => members.toSorted(([x], [y]) => (x < y ? -1 : 1)));

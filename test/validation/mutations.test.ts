/** Whatever is done to a valid resource, a check ends, soon, with issues that can be sent. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/fhir/model/json.ts';
import { ERROR_KINDS } from '../../src/fhir/outcome/kinds.ts';
import { VALID, validator } from './set-up.ts';
import { longer } from '../soak.ts';

type Step = (value: JsonValue, name: string) => JsonValue | undefined;

/** The tree, with `step` applied to the node of that number; undefined takes it out. */
function changedAt(value: JsonValue, target: number, step: Step): JsonValue {
  let at = 0;
  const visit = (node: JsonValue, name: string): JsonValue | undefined => {
    if (at++ === target) return step(node, name);
    if (Array.isArray(node)) return node.flatMap((item) => visit(item, name) ?? []);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).flatMap(([key, child]) => toEntry(key, visit(child, key))));
  };
  return visit(value, '') ?? {};
}

const toEntry = (key: string, value: JsonValue | undefined): [string, JsonValue][] => (value === undefined ? [] : [[key, value]]);

const size = (value: JsonValue): number =>
  typeof value === 'object' && value !== null ? 1 + Object.values(value).reduce<number>((sum, child) => sum + size(child), 0) : 1;

const replacement = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant<Step>(() => undefined),
  replacement.map<Step>((value) => () => value),
  fc.constant<Step>((value) => [value, value]),
  fc.constant<Step>((value) => (Array.isArray(value) ? (value[0] ?? null) : { extension: [{ url: 'http://x.org', valueString: 'x' }] })),
  fc.constant<Step>((value) => (isJsonObject(value) ? { ...value, resourceType: 'Patient' } : String(value) + ' ')),
  fc.tuple(fc.string(), replacement).map<Step>(
    ([key, added]) =>
      (value) =>
        isJsonObject(value) ? { ...value, [key]: added } : added,
  ),
);

const mutated: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.constantFrom(...VALID), fc.array(fc.tuple(fc.nat(), step), { minLength: 1, maxLength: 4 }))
  .map(([resource, changes]) =>
    changes.reduce((tree: JsonValue, [place, change]) => changedAt(tree, 1 + (place % Math.max(1, size(tree) - 1)), change), resource),
  )
  .map((tree) => (isJsonObject(tree) ? tree : {}));

const isSendable = (resource: JsonObject): boolean =>
  validator
    .check(resource)
    .every(
      (i) =>
        Object.hasOwn(ERROR_KINDS, i.kind) &&
        ERROR_KINDS[i.kind].status < 500 &&
        i.where !== '' &&
        i.where !== undefined &&
        i.rule !== '' &&
        i.hint !== '',
    );

describe('a resource after random changes', () => {
  it('is checked without an exception, with issues of the closed list', () => {
    fc.assert(fc.property(mutated, isSendable), { numRuns: longer(2000) });
  });

  it('gives the same issues each time', () => {
    fc.assert(
      fc.property(mutated, (resource) => {
        expect(validator.check(resource)).toEqual(validator.check(structuredClone(resource)));
      }),
      { numRuns: longer(300) },
    );
  });
});

it('any JSON object is checked', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), replacement), (tree) => isSendable(tree)),
    { numRuns: longer(1000) },
  );
});

describe('resources made to be slow', () => {
  const many = 50_000;
  const each = <T>(make: (i: number) => T): T[] => Array.from({ length: many }, (_, i) => make(i));
  const element = (i: number): JsonObject => ({ id: `a${i}`, path: `A.b${i}`, definition: 'x', min: 0, max: '1' });

  const SLOW: Record<string, JsonObject> = {
    'many unknown elements': { resourceType: 'Patient', ...Object.fromEntries(each((i) => [`birthDat${i}`, 1])) },
    'many wrong codes': { resourceType: 'Patient', name: each((i) => ({ use: `offici${i}`, family: 'x' })) },
    'many wrong references': { resourceType: 'Patient', generalPractitioner: each((i) => ({ reference: `Practitionerr/${i}` })) },
    'many contained resources': {
      resourceType: 'Patient',
      contained: each((i) => ({ resourceType: 'Organization', id: `o${i}`, name: 'x' })),
    },
    'many entries': {
      resourceType: 'Bundle',
      type: 'collection',
      entry: each((i) => ({ fullUrl: `urn:oid:1.${i}`, resource: { resourceType: 'Patient' } })),
    },
    'many elements of a definition': {
      resourceType: 'StructureDefinition',
      url: 'http://x.org/A',
      name: 'A',
      status: 'draft',
      kind: 'resource',
      abstract: false,
      type: 'A',
      snapshot: { element: each(element) },
    },
    'many codes in components': {
      resourceType: 'Observation',
      status: 'final',
      valueString: 'x',
      code: { coding: each((i) => ({ code: `a${i}` })) },
      component: each((i) => ({ code: { coding: [{ code: `b${i}` }] } })),
    },
    'many questions': { resourceType: 'Questionnaire', status: 'draft', item: each((i) => ({ linkId: `${i}`, type: 'string' })) },
    'many concepts': { resourceType: 'CodeSystem', status: 'draft', content: 'complete', concept: each((i) => ({ code: `${i}` })) },
  };

  it.each(Object.entries(SLOW))('%s', (_name, resource) => {
    expect(isSendable(resource)).toBe(true);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/fhir/model/json.ts';
import { NO_ENTRIES } from '../../../src/fhir/search/entries.ts';
import { createRegistry } from '../../../src/fhir/search/registry.ts';
import { createExtractor } from '../../../src/fhir/search/values/index.ts';
import { definitions, examples, extractor, FIXTURES, linesOf, registry, synthea, units } from './set-up.ts';
import { longer } from '../../soak.ts';

describe('extract', () => {
  it('gives nothing for what is no resource of R4', () => {
    for (const resource of [{}, { resourceType: 'Nothing' }, { resourceType: 5 }, { resourceType: '__proto__' }]) {
      expect(extractor.extract(resource, 'UTC')).toEqual(NO_ENTRIES);
    }
  });

  it('throws for a zone that does not exist', () => {
    expect(() => extractor.extract({ resourceType: 'Patient', birthDate: '1980' }, 'Mars/Olympus')).toThrow(RangeError);
  });

  it('does not read what is contained', () => {
    const contained = [{ resourceType: 'Patient', id: 'p', name: [{ family: 'Inner' }], identifier: [{ value: 'inner' }] }];
    expect(linesOf(extractor.extract({ resourceType: 'Patient', contained }, 'UTC'))).toEqual(['token deceased |false']);
  });

  const real = [...FIXTURES, ...examples(Infinity), ...synthea(2)];
  it('reads every real resource, with entries of parameters that its type has and values that stores can keep', () => {
    const wrong: string[] = [];
    for (const resource of real) {
      const type = String(resource['resourceType']);
      const entries = extractor.extract(resource, 'Asia/Kolkata');
      const all: readonly { readonly param: string }[] = Object.values(entries).flat();
      const foreign = all.filter((e) => !registry.get(type, e.param.split(':')[0] as string));
      const ends = [...entries.date, ...entries.number, ...entries.quantity];
      const broken = ends.filter((e) => !(Number.isFinite(e.lo) && Number.isFinite(e.hi) && e.lo <= e.hi));
      if (foreign.length + broken.length > 0) wrong.push(`${type}/${String(resource['id'])}`);
    }
    expect(wrong).toEqual([]);
  });

  it('gives sort values of one JS type for a parameter', () => {
    const types = new Map<string, Set<string>>();
    for (const resource of real) {
      for (const { param, lo, hi } of extractor.extract(resource, 'UTC').sort) {
        const name = `${String(resource['resourceType'])}.${param}`;
        types.set(name, (types.get(name) ?? new Set()).add(typeof lo).add(typeof hi));
      }
    }
    expect(types.size).toBeGreaterThan(30);
    expect([...types].filter(([, seen]) => seen.size > 1)).toEqual([]);
  });

  it('sorts by the beginning of a long text, whole characters of it', () => {
    const city = `${'x'.repeat(255)}\u{1F33F}${'y'.repeat(1000)}`;
    const { sort, string } = extractor.extract({ resourceType: 'Patient', address: [{ city }] }, 'UTC');
    expect(sort.find((s) => s.param === 'address-city')?.lo).toBe('x'.repeat(255));
    expect(string.find((s) => s.param === 'address-city')?.value).toHaveLength(city.length);
  });

  it('keeps each of many equal and unequal entries once', () => {
    const target = Array.from({ length: 500 }, (_, i) => ({ reference: `Patient/${i % 100}` }));
    const { reference } = extractor.extract({ resourceType: 'Provenance', target }, 'UTC');
    expect(reference.filter((r) => r.param === 'target').map((r) => r.id)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)));
  });

  it('takes a schedule of very many events', () => {
    const event = Array.from({ length: 200_000 }, () => '2024-01-01T00:00:00Z');
    expect(extractor.extract({ resourceType: 'Observation', effectiveTiming: { event } }, 'UTC').date).toHaveLength(1);
  });

  const properties = [
    'name',
    'identifier',
    'coding',
    'code',
    'value',
    'valueQuantity',
    'period',
    'start',
    'subject',
    'reference',
    'text',
    'meta',
    'tag',
    'component',
    'contained',
  ];
  const tree = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), tie('array'), tie('object')),
    array: fc.array(tie('node'), { maxLength: 3 }),
    object: fc.dictionary(fc.constantFrom(...properties), tie('node'), { maxKeys: 6 }),
  })).object;
  it('never throws, whatever the form', () => {
    fc.assert(
      fc.property(fc.constantFrom('Patient', 'Observation', 'Bundle', 'MolecularSequence'), tree, (resourceType, fields) => {
        extractor.extract({ ...(fields as JsonObject), resourceType }, 'UTC');
      }),
      { numRuns: longer(300) },
    );
  });
});

describe('indexVersion', () => {
  const versionOf = (searchParameters: typeof definitions.searchParameters): string => {
    const changed = { ...definitions, searchParameters };
    return createExtractor({ definitions: changed, registry: createRegistry(changed), units }).indexVersion;
  };
  it('is that of the definitions', () => {
    expect(versionOf(definitions.searchParameters)).toBe(extractor.indexVersion);
    expect(versionOf(definitions.searchParameters.slice(1))).not.toBe(extractor.indexVersion);
  });
});

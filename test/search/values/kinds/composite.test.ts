import { describe, expect, it } from '@jest/globals';
import { extractor, itGives } from '../set-up.ts';

const code = (c: string): object => ({ coding: [{ system: 's', code: c, display: c }] });
const panel = {
  resourceType: 'Observation',
  code: code('bp'),
  component: [
    { code: code('sys'), valueQuantity: { value: 120, unit: 'mm' } },
    { code: code('dia'), valueQuantity: { value: 80, unit: 'mm' } },
    { code: code('note'), valueString: 'x' },
  ],
} as never;

describe('uri entries', () => {
  itGives([
    ['a URL', { resourceType: 'ValueSet', url: 'http://a/b' }, 'url', ['uri url http://a/b']],
    [
      'profiles with and without version',
      { resourceType: 'Patient', meta: { profile: ['http://p|1', 'http://q'] } },
      '_profile',
      ['uri _profile http://p|1', 'uri _profile http://p', 'uri _profile http://q'],
    ],
    ['source', { resourceType: 'Patient', meta: { source: 'urn:s#1' } }, '_source', ['uri _source urn:s#1']],
    ['no text', { resourceType: 'ValueSet', url: 5 }, 'url', []],
  ]);
});

describe('composite entries', () => {
  itGives([
    [
      'one a component, with all parts',
      panel,
      'component-code-value-quantity',
      [
        'composite component-code-value-quantity {token 0 s|sys; quantity 1 120 120 |mm}',
        'composite component-code-value-quantity {token 0 s|dia; quantity 1 80 80 |mm}',
      ],
    ],
    ['none of the resource itself without its value', panel, 'code-value-quantity', []],
    [
      'the resource and its components',
      { ...(panel as object), valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'mg' } },
      'combo-code-value-quantity',
      [
        'composite combo-code-value-quantity {token 0 s|bp; quantity 1 1 1 http://unitsofmeasure.org|mg; quantity 1:ucum 0.001 0.001 http://unitsofmeasure.org|g}',
        'composite combo-code-value-quantity {token 0 s|sys; quantity 1 120 120 |mm}',
        'composite combo-code-value-quantity {token 0 s|dia; quantity 1 80 80 |mm}',
      ],
    ],
    [
      'dates, whose expression names the type DateTime',
      { resourceType: 'Observation', code: code('lmp'), valueDateTime: '2024-01-01T00:00:00Z' } as never,
      'code-value-date',
      ['composite code-value-date {token 0 s|lmp; date 1 2024-01-01T00:00:00Z 2024-01-01T00:00:00.999Z}'],
    ],
    [
      'references',
      {
        resourceType: 'DocumentReference',
        relatesTo: [{ code: 'appends', target: { reference: 'DocumentReference/1', identifier: { value: 'v' } } }],
      },
      'relationship',
      ['composite relationship {token 0 http://hl7.org/fhir/document-relationship-type|appends; reference 1 DocumentReference/1}'],
    ],
    [
      'parts that reach up to the resource',
      { resourceType: 'MolecularSequence', referenceSeq: { chromosome: code('1') }, variant: [{ start: 5, end: 9 }] } as never,
      'chromosome-variant-coordinate',
      ['composite chromosome-variant-coordinate {token 0 s|1; number 2 9 9; number 1 5 5}'],
    ],
  ]);
});

describe('sort entries', () => {
  const sortOf = (resource: object, param: string): unknown =>
    extractor.extract(resource as never, 'UTC').sort.find((s) => s.param === param);
  it.each([
    [
      'the least and greatest string',
      { resourceType: 'Patient', name: [{ family: 'b' }, { family: 'C' }, { family: 'Á' }] },
      'family',
      { lo: 'a', hi: 'c' },
    ],
    [
      'by bytes of UTF-8',
      { resourceType: 'Patient', name: [{ family: '\u{20000}' }, { family: '\ufffd' }] },
      'family',
      { lo: '\ufffd', hi: '\u{20000}' },
    ],
    ['a prefix is less', { resourceType: 'Patient', name: [{ family: 'ab' }, { family: 'a' }] }, 'family', { lo: 'a', hi: 'ab' }],
    ['codes', { resourceType: 'Patient', gender: 'male' }, 'gender', { lo: 'male', hi: 'male' }],
    ['dates in ms', { resourceType: 'Patient', birthDate: '1970-01-01' }, 'birthdate', { lo: 0, hi: 86_399_999 }],
    ['references', { resourceType: 'Observation', subject: { reference: 'Patient/1' } }, 'subject', { lo: 'Patient/1', hi: 'Patient/1' }],
    ['URLs', { resourceType: 'Observation', subject: { reference: 'http://x/1' } }, 'subject', { lo: 'http://x/1', hi: 'http://x/1' }],
    [
      'quantities in base units',
      { resourceType: 'Observation', valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'kg' } },
      'value-quantity',
      { lo: 1000, hi: 1000 },
    ],
    ['numbers', { resourceType: 'MolecularSequence', variant: [{ start: 9 }, { start: 1 }] }, 'variant-start', { lo: 1, hi: 9 }],
  ])('%s', (_title, resource, param, expected) => {
    expect(sortOf(resource, param)).toEqual({ param, ...expected });
  });

  it.each([
    ['a concept of text alone', { resourceType: 'Condition', code: { text: 'x' } }, 'code'],
    ['what is derived', { resourceType: 'Condition', code: { text: 'x' } }, 'code:text'],
    ['a contained resource', { resourceType: 'Observation', subject: { reference: '#p' } }, 'subject'],
    ['a composite', panel, 'component-code-value-quantity'],
  ])('not by %s', (_title, resource, param) => {
    expect(sortOf(resource, param)).toBeUndefined();
  });
});

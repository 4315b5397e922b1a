import { describe } from '@jest/globals';
import { itGives } from '../set-up.ts';

const UCUM = 'http://unitsofmeasure.org';

describe('date entries', () => {
  itGives(
    [
      [
        'a date, in the zone',
        { resourceType: 'Patient', birthDate: '1980-02-03' },
        'birthdate',
        ['date birthdate 1980-02-02T18:30:00Z 1980-02-03T18:29:59.999Z'],
      ],
      [
        'an instant',
        { resourceType: 'Slot', start: '2024-01-01T10:00:00.000+05:30' },
        'start',
        ['date start 2024-01-01T04:30:00Z 2024-01-01T04:30:00Z'],
      ],
      [
        'a period',
        { resourceType: 'Encounter', period: { start: '2024-01-01T00:00:00Z', end: '2024-01-02T00:00:00Z' } },
        'date',
        ['date date 2024-01-01T00:00:00Z 2024-01-02T00:00:00.999Z'],
      ],
      [
        'a period that goes on',
        { resourceType: 'Encounter', period: { start: '2024-01-01T00:00:00Z' } },
        'date',
        ['date date 2024-01-01T00:00:00Z OPEN'],
      ],
      [
        'a period from ever',
        { resourceType: 'Encounter', period: { end: '2024-01-01T00:00:00Z' } },
        'date',
        ['date date -OPEN 2024-01-01T00:00:00.999Z'],
      ],
      ['a period without ends', { resourceType: 'Encounter', period: {} }, 'date', []],
      ['a period that ends before it starts', { resourceType: 'Encounter', period: { start: '2024', end: '2023' } }, 'date', []],
      [
        'every type of a choice',
        { resourceType: 'Observation', effectiveInstant: '2024-01-01T00:00:00Z' },
        'date',
        ['date date 2024-01-01T00:00:00Z 2024-01-01T00:00:00.999Z'],
      ],
      ['but those without time', { resourceType: 'Procedure', performedString: '2024' }, 'date', []],
      [
        'the outer limits of a schedule',
        {
          resourceType: 'Observation',
          effectiveTiming: {
            event: ['2024-01-05T00:00:00Z', '2024-01-01T00:00:00Z', 'x'],
            repeat: { boundsPeriod: { start: '2024-01-03', end: '2024-01-09T00:00:00Z' } },
          },
        },
        'date',
        ['date date 2024-01-01T00:00:00Z 2024-01-09T00:00:00.999Z'],
      ],
      ['a schedule without limits', { resourceType: 'Observation', effectiveTiming: { repeat: { frequency: 1 } } }, 'date', []],
      ['no date', { resourceType: 'Patient', birthDate: '1980-02-30' }, 'birthdate', []],
      ['_lastUpdated is a column', { resourceType: 'Patient', meta: { lastUpdated: '2024-01-01T00:00:00Z' } }, '_lastUpdated', []],
    ],
    'Asia/Kolkata',
  );
});

describe('number entries', () => {
  itGives([
    [
      'a decimal',
      { resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: 0.5 }] },
      'probability',
      ['number probability 0.5 0.5'],
    ],
    ['an integer', { resourceType: 'ImmunizationEvaluation', doseNumberPositiveInt: 2 }, 'dose-number', []],
    [
      'several',
      { resourceType: 'MolecularSequence', variant: [{ start: 1 }, { start: 9 }] },
      'variant-start',
      ['number variant-start 1 1', 'number variant-start 9 9'],
    ],
    ['no number', { resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: '0.5' }] }, 'probability', []],
  ]);
});

const weight = (value: object): never => ({ resourceType: 'Observation', valueQuantity: value }) as never;

describe('quantity entries', () => {
  itGives([
    [
      'as written, by its unit, and in base units',
      weight({ value: 70, unit: 'kilos', system: UCUM, code: 'kg' }),
      'value-quantity',
      [
        `quantity value-quantity 70 70 ${UCUM}|kg`,
        'quantity value-quantity 70 70 |kilos',
        `quantity value-quantity:ucum 70000 70000 ${UCUM}|g`,
      ],
    ],
    [
      'a unit alike',
      weight({ value: 1, unit: 'mg', system: UCUM, code: 'mg' }),
      'value-quantity',
      [`quantity value-quantity 1 1 ${UCUM}|mg`, `quantity value-quantity:ucum 0.001 0.001 ${UCUM}|g`],
    ],
    [
      'temperatures',
      weight({ value: 37, system: UCUM, code: 'Cel' }),
      'value-quantity',
      [`quantity value-quantity 37 37 ${UCUM}|Cel`, `quantity value-quantity:ucum 310.15 310.15 ${UCUM}|K`],
    ],
    [
      'another system',
      weight({ value: 1, system: 'http://snomed.info/sct', code: '1' }),
      'value-quantity',
      ['quantity value-quantity 1 1 http://snomed.info/sct|1'],
    ],
    ['no UCUM code', weight({ value: 1, system: UCUM, code: 'TAB' }), 'value-quantity', [`quantity value-quantity 1 1 ${UCUM}|TAB`]],
    ['only a unit', weight({ value: 1, unit: 'drops' }), 'value-quantity', ['quantity value-quantity 1 1 |drops']],
    ['no unit', weight({ value: 0 }), 'value-quantity', ['quantity value-quantity 0 0 |']],
    [
      'less than',
      weight({ value: 5, comparator: '<', system: UCUM, code: 'mg/dL' }),
      'value-quantity',
      [`quantity value-quantity -OPEN 5 ${UCUM}|mg/dL`, `quantity value-quantity:ucum -OPEN 50 ${UCUM}|g.m-3`],
    ],
    [
      'at least',
      weight({ value: 5, comparator: '>=', system: UCUM, code: 'mg/dL' }),
      'value-quantity',
      [`quantity value-quantity 5 OPEN ${UCUM}|mg/dL`, `quantity value-quantity:ucum 50 OPEN ${UCUM}|g.m-3`],
    ],
    ['no value', weight({ unit: 'mg' }), 'value-quantity', []],
    ['no number', weight({ value: '5', unit: 'mg' }), 'value-quantity', []],
    [
      'beyond all numbers',
      weight({ value: 1e300, system: UCUM, code: 'mmol/L' }),
      'value-quantity',
      [`quantity value-quantity 1e+300 1e+300 ${UCUM}|mmol/L`],
    ],
    [
      'money',
      { resourceType: 'Invoice', totalNet: { value: 12.5, currency: 'INR' } },
      'totalnet',
      ['quantity totalnet 12.5 12.5 urn:iso:std:iso:4217|INR'],
    ],
    [
      'a range',
      {
        resourceType: 'Condition',
        onsetRange: { low: { value: 20, system: UCUM, code: 'a' }, high: { value: 30, system: UCUM, code: 'a' } },
      },
      'onset-age',
      [`quantity onset-age 20 30 ${UCUM}|a`, `quantity onset-age:ucum 631152000 946728000 ${UCUM}|s`],
    ],
    [
      'a range without end',
      { resourceType: 'Condition', onsetRange: { low: { value: 20, unit: 'y' } } },
      'onset-age',
      ['quantity onset-age 20 OPEN |y'],
    ],
    [
      'a range that ends before it starts',
      { resourceType: 'Condition', onsetRange: { low: { value: 30 }, high: { value: 20 } } },
      'onset-age',
      [],
    ],
    ['an age', { resourceType: 'Condition', onsetAge: { value: 40, unit: 'y' } }, 'onset-age', ['quantity onset-age 40 40 |y']],
  ]);
});

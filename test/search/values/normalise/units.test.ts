import { describe, expect, it } from '@jest/globals';
import { COMMON_UNITS } from '../../../../src/fhir/search/values/normalise/unit-table.ts';
import { createUnits, ucumLibrary } from '../../../../src/fhir/search/values/normalise/units.ts';

const units = createUnits();

describe('canonical units', () => {
  it.each([
    [5.4, 'g/L', 540, 'mg/dL'],
    [37, 'Cel', 98.6, '[degF]'],
    [120, 'mm[Hg]', 15.99864, 'kPa'],
    [1, 'm', 100, 'cm'],
    [70, 'kg', 154.323583529, '[lb_av]'],
    [60, '/min', 1, 'Hz'],
    [1, '[iU]/L', 1, 'm[iU]/mL'],
    [5, '10*9/L', 5000, '/uL'],
    [90, 'mL/min/{1.73_m2}', 90, 'mL/min'],
    [1, 'd', 24, 'h'],
    [1, 'mg/d', 1 / 24, 'mg/h'],
    [3, 'ng/mL/h', 3000, 'pg/mL/h'],
  ])('%d %s is %d %s', (a, unitA, b, unitB) => {
    const canonical = units.canonical(a, unitA);
    expect(canonical).toBeDefined();
    expect(units.canonical(b, unitB)?.code).toBe(canonical?.code);
    expect(units.canonical(b, unitB)?.value).toBeCloseTo(canonical?.value as number, 9 - Math.ceil(Math.log10(canonical?.value as number)));
  });

  it.each([
    [1, 'mg/dL', 10, 'g.m-3'],
    [37, 'Cel', 310.15, 'K'],
    [1, '%', 0.01, '1'],
    [2, 'k[iU]/L', 2_000_000, '[iU].m-3'],
    [1, 'g/[iU]', 1, '[iU]-1.g'],
  ])('%d %s is %d %s', (value, unit, expected, code) => {
    expect(units.canonical(value, unit)).toEqual({ value: expected, code });
  });

  it('tells arbitrary units apart', () => {
    expect(units.canonical(1, "[arb'U]/mL")?.code).not.toBe(units.canonical(1, '[iU]/mL')?.code);
  });

  it.each([
    '',
    'foo',
    'pounds',
    'kilogram',
    '[pH]',
    'dB',
    '[diop]',
    'mCel',
    '((((',
    '0.5.mg',
    'mg/',
    '{',
    'x'.repeat(1000),
    '__proto__',
    '\u0000',
  ])('has none for %p', (unit) => {
    expect(units.canonical(1, unit)).toBeUndefined();
  });

  it('has none where the value leaves the numbers', () => {
    expect(units.canonical(1e300, 'mmol/L')).toBeUndefined();
  });

  it('asks for a code once', () => {
    const asked: string[] = [];
    const counted = createUnits((code) => {
      asked.push(code);
      return undefined;
    });
    for (const code of ['furlong', 'furlong', 'mg/dL', 'parsec', 'furlong']) counted.canonical(1, code);
    expect(asked).toEqual(['furlong', 'parsec']);
  });

  const read = ucumLibrary();
  const table = Object.entries(COMMON_UNITS).flatMap(([code, factors]) =>
    Object.entries(factors).map(([unit, factor]) => [unit, factor, code] as const),
  );
  it.each(table)('the table has %s as the library', (unit, factor, code) => {
    expect(read(unit)).toEqual({ factor, offset: 0, code });
  });
});

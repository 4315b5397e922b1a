import { expect, it } from '@jest/globals';
import { nearest } from '../../src/fhir/validation/structure/nearest.ts';

it.each<[string, string[], string | undefined]>([
  ['birthdate', ['birthDate', 'gender'], 'birthDate'],
  ['gedner', ['gender', 'language'], 'gender'],
  ['Patiant', ['Patient', 'Parameters'], 'Patient'],
  ['statu', ['status', 'state'], 'status'],
  ['x', ['y'], undefined],
  ['xx', ['xy'], 'xy'],
  ['xyz', ['abc'], undefined],
  ['x'.repeat(65), ['x'.repeat(64)], undefined],
  ['', [], undefined],
])('%s among %j is %s', (name, candidates, found) => {
  expect(nearest(name, candidates)).toBe(found);
});

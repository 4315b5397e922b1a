/** Compartments as trees. */
import { expect, it } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/model/definitions.ts';
import { ALL_ACCESS } from '../../src/fhir/model/principal.ts';
import type { ResourceKey } from '../../src/fhir/model/ids.ts';
import { isCompartment, membersNode } from '../../src/fhir/search/compartment.ts';
import { print } from '../../src/fhir/search/print.ts';
import { createRegistry } from '../../src/fhir/search/registry.ts';

const definitions = loadDefinitions();
const nodeOf = (type: string, member: string): string =>
  print(membersNode(definitions, { type, id: '1' } as ResourceKey, [member], ALL_ACCESS));

it('takes in what refers by the parameters of the definition', () => {
  expect(nodeOf('Patient', 'Observation')).toBe('(or (reference subject Patient/1) (reference performer Patient/1))');
  expect(nodeOf('Encounter', 'Observation')).toBe('(reference encounter Encounter/1)');
});

it('takes in the resource itself', () => {
  for (const type of ['Patient', 'Encounter', 'Practitioner', 'RelatedPerson', 'Device']) {
    expect(isCompartment(definitions, type)).toBe(true);
    expect(nodeOf(type, type)).toContain('(id 1)');
  }
  expect(nodeOf('Device', 'Device')).toBe('(id 1)');
});

it('has nothing of a type that is never in it, and knows no other compartments', () => {
  expect(nodeOf('Patient', 'Medication')).toBe('none');
  expect(nodeOf('Organization', 'Patient')).toBe('none');
  expect(isCompartment(definitions, 'Organization')).toBe(false);
  expect(isCompartment(definitions, 'constructor')).toBe(false);
});

it('names only parameters that the types have', () => {
  const registry = createRegistry(definitions);
  for (const [compartment, types] of Object.entries(definitions.compartments)) {
    for (const [type, codes] of Object.entries(types)) {
      for (const code of codes.filter((c) => c !== '{def}')) {
        expect([compartment, type, code, registry.get(type, code)?.type]).toEqual([compartment, type, code, 'reference']);
      }
    }
  }
});

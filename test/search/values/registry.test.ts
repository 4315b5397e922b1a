import { describe, expect, it } from '@jest/globals';
import { definitions, registry } from './set-up.ts';

describe('registry', () => {
  it('has the parameters of a type and of all resources', () => {
    const codes = registry.all('Patient').map((p) => p.code);
    expect(codes).toEqual(
      expect.arrayContaining(['_id', '_lastUpdated', '_profile', '_security', '_source', '_tag', 'birthdate', 'name', 'phone']),
    );
    expect(codes).toEqual(codes.toSorted());
  });

  it('has every official parameter under each of its types', () => {
    const missing = definitions.searchParameters.flatMap((p) =>
      p.base.filter((b) => b !== 'Resource' && registry.get(b, p.code)?.url !== p.url),
    );
    expect(missing).toEqual([]);
  });

  it.each(['Nothing', 'DomainResource', '__proto__', ''])('has none for %p', (type) => {
    expect(registry.all(type)).toEqual([]);
    expect(registry.get(type, '_id')).toBeUndefined();
  });

  it('has none by a name that is no parameter', () => {
    expect(registry.get('Patient', 'constructor')).toBeUndefined();
  });

  it.each([
    ['Condition', 'code', 'Condition.code'],
    ['AllergyIntolerance', 'code', 'AllergyIntolerance.code | AllergyIntolerance.reaction.substance'],
    ['MedicationRequest', 'code', '(MedicationRequest.medication.ofType(CodeableConcept))'],
    ['Patient', '_tag', 'Resource.meta.tag'],
    ['Patient', 'deceased', 'Patient.deceased.exists() and Patient.deceased != false'],
    ['InsurancePlan', 'name', 'name | alias'],
    ['Condition', 'onset-age', 'Condition.onset.ofType(Age) | Condition.onset.ofType(Range)'],
  ])('gives of the expression what speaks of %s: %s', (type, code, expression) => {
    expect(registry.get(type, code)?.expressionFor(type)).toBe(expression);
  });

  it('gives nothing for a type that the expression does not name', () => {
    expect(registry.get('Condition', 'code')?.expressionFor('Patient')).toBe('');
  });

  it.each([
    ['Observation', 'code-value-quantity', ['token code', 'quantity value.ofType(Quantity)']],
    ['DocumentReference', 'relationship', ['token code', 'reference target']],
    ['MolecularSequence', 'chromosome-variant-coordinate', ['token %resource.referenceSeq.chromosome', 'number start', 'number end']],
  ])('resolves the components of %s.%s', (type, code, components) => {
    expect(registry.get(type, code)?.components?.map((c) => `${c.type} ${c.expressionFor(type)}`)).toEqual(components);
  });
});

import { describe, expect, it } from '@jest/globals';
import { issue } from '../../src/fhir/outcome/error.ts';
import { toOperationOutcome } from '../../src/fhir/representation/outcome.ts';

describe('toOperationOutcome', () => {
  it('says kind, rule, hint and place', () => {
    const issues = [
      issue('invariant', 'low or high must be there', 'add one', 'Observation.referenceRange[0]'),
      { ...issue('invalid-value', 'r', ''), severity: 'warning' as const },
    ];
    expect(toOperationOutcome(issues)).toEqual({
      resourceType: 'OperationOutcome',
      issue: [
        {
          severity: 'error',
          code: 'invariant',
          details: { coding: [{ system: 'https://nadi.example/fhir/CodeSystem/error-kind', code: 'invariant' }] },
          diagnostics: 'low or high must be there; add one',
          expression: ['Observation.referenceRange[0]'],
        },
        {
          severity: 'warning',
          code: 'value',
          details: { coding: [{ system: 'https://nadi.example/fhir/CodeSystem/error-kind', code: 'invalid-value' }] },
          diagnostics: 'r',
        },
      ],
    });
  });

  it('has an issue even where there is nothing to say', () => {
    expect(toOperationOutcome([])).toMatchObject({ issue: [{ severity: 'information', code: 'informational' }] });
  });
});

/** Resources that tests send. */
export const patient = (more: object = {}): Record<string, unknown> => ({
  resourceType: 'Patient',
  active: true,
  name: [{ family: 'Rao', given: ['Asha'] }],
  ...more,
});

export const identified = (value: string, more: object = {}): Record<string, unknown> =>
  patient({ identifier: [{ system: 'urn:mrn', value }], ...more });

export const observation = (more: object = {}): Record<string, unknown> => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
  ...more,
});

/** The generated definitions are those of R4 4.0.1, also where the package they come from is not. */
import { describe, expect, it } from '@jest/globals';
import type { ElementModel } from '../../src/fhir/model/types.ts';
import { definitions } from './set-up.ts';

const element = (type: string, name: string): ElementModel | undefined => definitions.elementsOf(type)?.get(name);
const propertiesOf = (type: string): string[] => [...(definitions.elementsOf(type)?.keys() ?? [])];

it('has the 146 resource types that can be stored, and no other', () => {
  expect(definitions.resourceTypes.size).toBe(146);
  for (const name of ['Resource', 'DomainResource', 'MetadataResource', 'SubscriptionStatus', 'Bot'])
    expect(definitions.resourceTypes.has(name)).toBe(false);
});

it('names only types that it has', () => {
  const elements = Object.values(definitions.types).flatMap((t) => t.elements);
  const named = new Set(elements.flatMap((e) => [e.type, ...(e.targets ?? [])]));
  expect([...named].filter((name) => definitions.types[name] === undefined)).toEqual([]);
});

it('lists the codes of nearly every required binding', () => {
  const bound = new Set(Object.values(definitions.types).flatMap((t) => t.elements.flatMap((e) => e.required ?? [])));
  expect([...bound].filter((url) => definitions.codeSets[url] === undefined).sort()).toEqual([
    'http://hl7.org/fhir/ValueSet/mimetypes',
    'http://hl7.org/fhir/ValueSet/ucum-units',
    'http://loinc.org/vs/LL379-9',
  ]);
});

describe('elements', () => {
  it.each<[string, string, Partial<ElementModel>]>([
    ['Patient', 'id', { type: 'id', many: false, min: 0 }],
    ['HumanName', 'id', { type: 'string' }],
    ['Extension', 'url', { type: 'uri', min: 1 }],
    ['Narrative', 'div', { type: 'xhtml', min: 1 }],
    ['Patient', 'contained', { type: 'Resource', many: true }],
    ['Observation', 'valueQuantity', { type: 'Quantity', choice: 'value' }],
    ['Observation.component', 'referenceRange', { type: 'Observation.referenceRange', many: true }],
    ['Questionnaire.item', 'item', { type: 'Questionnaire.item', many: true }],
    ['Bundle.entry.response', 'outcome', { type: 'Resource' }],
    [
      'MeasureReport',
      'subject',
      { targets: ['Patient', 'Practitioner', 'PractitionerRole', 'Location', 'Device', 'RelatedPerson', 'Group'] },
    ],
    ['DetectedIssue', 'status', { required: 'http://hl7.org/fhir/ValueSet/observation-status' }],
    ['EvidenceVariable', 'characteristic', { min: 1 }],
    ['EvidenceVariable.characteristic', 'definitionReference', { choice: 'definition', min: 1, targets: ['Group'] }],
    ['EvidenceVariable.characteristic', 'groupMeasure', { type: 'code', required: 'http://hl7.org/fhir/ValueSet/group-measure' }],
  ])('%s.%s', (type, name, expected) => {
    expect(element(type, name)).toMatchObject(expected);
  });

  it.each(['AuditEvent.agent', 'AuditEvent.source'])('%s refers to types of R4 only', (type) => {
    const targets = propertiesOf(type).flatMap((name) => element(type, name)?.targets ?? []);
    expect(targets.filter((t) => !definitions.resourceTypes.has(t))).toEqual([]);
  });

  it('take fifty types of value in an extension', () => {
    expect(propertiesOf('Extension').filter((name) => name.startsWith('value'))).toHaveLength(50);
  });

  it.each([
    ['Meta', ['id', 'extension', 'versionId', 'lastUpdated', 'source', 'profile', 'security', 'tag']],
    ['Binary', ['id', 'meta', 'implicitRules', 'language', 'contentType', 'securityContext', 'data']],
  ])('%s has those of R4', (type, names) => {
    expect(propertiesOf(type)).toEqual(names);
  });

  it('carry the rule of SimpleQuantity', () => {
    expect(element('Observation.referenceRange', 'low')?.constraints?.map((c) => c.key)).toEqual(['sqty-1']);
  });
});

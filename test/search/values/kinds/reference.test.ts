import { describe, expect, it } from '@jest/globals';
import { extractor, itGives } from '../set-up.ts';

const observation = (subject: object): { resourceType: string; subject: object } => ({ resourceType: 'Observation', subject });

describe('reference entries', () => {
  itGives([
    ['relative', observation({ reference: 'Patient/1' }) as never, 'subject', ['reference subject Patient/1']],
    [
      'the version is dropped',
      observation({ reference: 'Patient/a.b-c/_history/3' }) as never,
      'subject',
      ['reference subject Patient/a.b-c'],
    ],
    [
      'absolute',
      observation({ reference: 'http://other/fhir/Patient/1/_history/2' }) as never,
      'subject',
      ['reference subject /http://other/fhir/Patient/1'],
    ],
    ['urn', observation({ reference: 'urn:uuid:0' }) as never, 'subject', ['reference subject /urn:uuid:0']],
    ['no type', observation({ reference: 'patient/1' }) as never, 'subject', ['reference subject /patient/1']],
    ['contained: there, but nowhere', observation({ reference: '#p' }) as never, 'subject', ['reference subject /']],
    [
      'by identifier',
      observation({ type: 'Patient', identifier: { system: 's', value: 'v' } }) as never,
      'subject',
      ['token subject:identifier s|v', 'reference subject /'],
    ],
    ['patient: only patients', observation({ reference: 'Patient/1' }) as never, 'patient', ['reference patient Patient/1']],
    ['patient: not a group', observation({ reference: 'Group/1' }) as never, 'patient', []],
    [
      'patient: by the type of an absolute URL',
      observation({ reference: 'http://o/Patient/1' }) as never,
      'patient',
      ['reference patient /http://o/Patient/1'],
    ],
    [
      'patient: by what the reference says',
      observation({ reference: 'urn:uuid:0', type: 'Patient' }) as never,
      'patient',
      ['reference patient /urn:uuid:0'],
    ],
    [
      'patient: by identifier and type',
      observation({ type: 'Patient', identifier: { value: 'v' } }) as never,
      'patient',
      ['token patient:identifier |v', 'reference patient /'],
    ],
    [
      'patient: contained',
      { ...observation({ reference: '#p' }), contained: [{ resourceType: 'Patient', id: 'p' }] } as never,
      'patient',
      ['reference patient /'],
    ],
    [
      'patient: another contained',
      { ...observation({ reference: '#p' }), contained: [{ resourceType: 'Group', id: 'p' }] } as never,
      'patient',
      [],
    ],
    [
      'canonicals with and without version',
      { resourceType: 'QuestionnaireResponse', questionnaire: 'http://q/1|2.0' },
      'questionnaire',
      ['reference questionnaire /http://q/1|2.0', 'reference questionnaire /http://q/1'],
    ],
    [
      'a relative canonical is a reference',
      { resourceType: 'QuestionnaireResponse', questionnaire: 'Questionnaire/gcs' },
      'questionnaire',
      ['reference questionnaire Questionnaire/gcs'],
    ],
    [
      'one of several kinds of artifact',
      {
        resourceType: 'Library',
        relatedArtifact: [
          { type: 'depends-on', resource: 'http://a' },
          { type: 'successor', resource: 'http://b' },
        ],
      },
      'depends-on',
      ['reference depends-on /http://a'],
    ],
    [
      'the first entry of a document',
      {
        resourceType: 'Bundle',
        entry: [{ resource: { resourceType: 'Composition', id: 'c' } }, { resource: { resourceType: 'Patient', id: 'p' } }],
      },
      'composition',
      ['reference composition Composition/c'],
    ],
    [
      'the first entry of a document has to be what it is for',
      { resourceType: 'Bundle', entry: [{ resource: { resourceType: 'Patient', id: 'p' } }] },
      'composition',
      [],
    ],
    [
      'many to the same',
      { resourceType: 'Claim', item: [{ encounter: [{ reference: 'Encounter/1' }] }, { encounter: [{ reference: 'Encounter/1' }] }] },
      'encounter',
      ['reference encounter Encounter/1'],
    ],
    [
      'what has the wrong form is passed over',
      { resourceType: 'Encounter', participant: [{ individual: 'x' }, { individual: null }, {}] },
      'practitioner',
      [],
    ],
  ]);
});

describe('references for _include', () => {
  const resource = {
    resourceType: 'MedicationRequest',
    subject: { reference: 'Patient/1' },
    requester: { reference: 'Practitioner/2' },
    medicationReference: { reference: '#m' },
    encounter: { identifier: { value: 'v' } },
  };
  it.each([
    ['patient', ['patient Patient/1']],
    ['requester', ['requester Practitioner/2']],
    ['medication', []],
    ['encounter', []],
    ['status', []],
    ['unknown', []],
    ['*', ['patient Patient/1', 'requester Practitioner/2', 'subject Patient/1']],
  ])('%s', (param, expected) => {
    const found = extractor.references(resource, 'MedicationRequest', param).map((r) => `${r.param} ${r.type}/${r.id}`);
    expect(found.sort()).toEqual(expected);
  });
});
